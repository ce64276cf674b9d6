// Package chat is andon chat and its verbs, one file each.
package chat

import (
	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
)

// New returns andon chat.
func New(f *cmdutil.Factory) *cobra.Command {
	cmd := cmdutil.Group("chat", "Say who may use the board from a chat, and as what",
		newSetup(f, nil), newApprove(f, nil), newList(f, nil), newRole(f, nil), newRemove(f, nil))
	cmd.Example = cmdutil.Examples(
		"$ andon chat setup telegram",
		"$ andon chat approve 7KPQ2MXA --role operate",
		"$ andon chat list",
		"$ andon chat role ann admin")
	return cmd
}
