// Package comment is andon comment.
package comment

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/kanban"
)

// Options are the flags and arguments.
type Options struct {
	*cmdutil.Factory
	Words    []string
	BodyFile string
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:   "comment ID WORDS...",
		Short: "Leave a remark on a task",
		Long:  "Leave a remark on a task; its next run reads it. Inside a run the id may be left out.",
		Example: cmdutil.Examples(
			"$ andon comment t_1f3a9c20 use the staging database",
			"$ git log -5 | andon comment @last --body-file -"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Words = args
			if run == nil {
				run = comment
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.BodyFile, "body-file", "", "read the remark from a file, - is stdin")
	cmd.Flags().StringVar(&f.Globals.As, "author", f.Globals.As, "the same as --as")
	cmd.Flags().Lookup("author").Hidden = true
	f.Obsolete(cmd, "a remark is kept whole", "max-len")
	return cmd
}

func comment(ctx context.Context, o *Options) error {
	id, body, err := o.IDAndText(o.Words)
	if err != nil {
		return err
	}
	if o.BodyFile != "" {
		text, err := o.ReadFile(o.BodyFile)
		if err != nil {
			return err
		}
		body = string(text)
	}
	if body == "" {
		return kanban.Errorf(kanban.Invalid, "the remark is missing").Hint("andon comment %s WORDS...", id)
	}
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	made, err := c.AddComment(ctx, board, id, body)
	if err != nil {
		return exit.About{ID: id, Err: err}
	}
	return o.Printer().Said(made, made.Task, "Comment %d added to %s", made.ID, made.Task)
}
