// Package boards is andon boards and its verbs, one file each.
package boards

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
)

// New returns andon boards. Alone it lists them.
func New(f *cmdutil.Factory) *cobra.Command {
	list := newList(f, nil)
	cmd := cmdutil.Group("boards", "List, create and select boards",
		list, newCreate(f, nil), newShow(f, nil), newRename(f, nil), newWorkDir(f, nil), newReopen(f, nil))
	cmd.AddCommand(newActs(f, nil)...)
	cmd.Aliases = []string{"board"}
	cmd.Example = cmdutil.Examples(
		"$ andon boards",
		"$ andon boards create web --switch",
		"$ andon boards switch default")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return show(cmd.Context(), &listOptions{Factory: f})
	}
	return cmd
}

// option gives a flag's value if it was given.
func option(cmd *cobra.Command, flag string, value *string) *string {
	if cmd.Flags().Changed(flag) {
		return value
	}
	return nil
}

// run is what a command does once its arguments are parsed; tests replace it.
type run[O any] func(context.Context, *O) error
