// Package tokens is andon tokens and its verbs, one file each.
package tokens

import (
	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
)

// New returns andon tokens.
func New(f *cmdutil.Factory) *cobra.Command {
	cmd := cmdutil.Group("tokens", "Say which programs and browsers may come in, and end that",
		newCreate(f, nil), newList(f, nil), newRevoke(f, nil))
	cmd.Example = cmdutil.Examples(
		"$ andon tokens create ci --scope operate --board default --expires 90d",
		"$ andon tokens list",
		"$ andon tokens revoke ci")
	return cmd
}
