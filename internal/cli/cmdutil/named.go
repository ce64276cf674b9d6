package cmdutil

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/kanban"
)

// Named refuses flags that were given without a name: an unset variable of a
// script does not mean all. way is what helps.
func Named(cmd *cobra.Command, way string, names ...string) error {
	for _, name := range names {
		flag := cmd.Flags().Lookup(name)
		if flag != nil && flag.Changed && strings.Trim(flag.Value.String(), "[] \t\n") == "" {
			return kanban.Errorf(kanban.Invalid, "--%s is empty", name).Hint("%s", way)
		}
	}
	return nil
}
