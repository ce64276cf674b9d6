// Package diff is andon diff.
package diff

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/kanban"
)

// Options are the flags and arguments.
type Options struct {
	*cmdutil.Factory
	Task     []string
	Attempts string // N, or N..M
	Query    client.DiffQuery
}

// maxText is as much as the gateway sends, in bytes.
const maxText = 16 << 20

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:   "diff [ID]",
		Short: "Show what a run changed in its work tree",
		Long: `Show what a run changed in its git work tree: from where its branch began to what was kept at its end, or up to now while it works.

Ignored files are left out. The tree itself need not exist any more.`,
		Example: cmdutil.Examples(
			"$ andon diff t_1f3a9c20",
			"$ andon diff t_1f3a9c20 --stat",
			"$ andon diff t_1f3a9c20 --attempt 1..2 | less",
			"$ andon diff t_1f3a9c20 | git apply"),
		Args: cmdutil.Between(0, 1, "the id"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			o.Task = args
			if o.Query.Since, o.Query.Attempt, err = attempts(o.Attempts); err != nil {
				return err
			}
			if run == nil {
				run = diff
			}
			return run(cmd.Context(), o)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&o.Attempts, "attempt", "", "of this attempt, or with `N..M` from the end of one to the end of another (default: the newest)")
	fl.BoolVar(&o.Query.Stat, "stat", false, "count the lines of each file instead of showing them")
	return cmd
}

func attempts(s string) (since, attempt int, err error) {
	if s == "" {
		return 0, 0, nil
	}
	from, to, two := strings.Cut(s, "..")
	if !two {
		from, to = "", from
	}
	bad := kanban.Errorf(kanban.Invalid, "--attempt %s is neither a number nor two", s).Hint("for example --attempt 2 or --attempt 1..2; 1 is the first")
	if two {
		if since, err = strconv.Atoi(from); err != nil || since < 1 {
			return 0, 0, bad
		}
	}
	if attempt, err = strconv.Atoi(to); err != nil || attempt < 1 {
		return 0, 0, bad
	}
	return since, attempt, nil
}

func diff(ctx context.Context, o *Options) error {
	id, err := o.ID(o.Task...)
	if err != nil {
		return err
	}
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	o.Query.Limit = maxText
	d, err := c.Diff(ctx, board, id, o.Query)
	if err != nil {
		return exit.About{ID: id, Err: err}
	}
	if d.Cut {
		o.Warn("the changes are longer than %d MiB; what follows is cut off: andon diff %s --stat  counts all of them", maxText>>20, id)
	}
	shown := struct {
		ID   string `json:"id"`
		From string `json:"from"`
		To   string `json:"to,omitempty"`
		Cut  bool   `json:"cut,omitempty"`
		Diff string `json:"diff"`
	}{id, d.From, d.To, d.Cut, strings.ToValidUTF8(string(d.Text), "\uFFFD")}
	text := string(d.Text)
	if o.Terminal.Out {
		text = kanban.Safe(text)
	}
	p := o.Printer()
	return p.One(shown, id, func() {
		if text == "" && o.Terminal.Out {
			text = "nothing was changed\n"
		}
		_ = p.Write(text) // which One returns
	})
}
