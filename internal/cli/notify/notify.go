// Package notify is andon notify and its verbs, one file each. They also stand
// as notify-subscribe, notify-list and notify-unsubscribe, as in the reference.
package notify

import (
	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
)

// New returns andon notify.
func New(f *cmdutil.Factory) *cobra.Command {
	cmd := cmdutil.Group("notify", "Say who hears of what, and where",
		newSubscribe(f, nil), newList(f, nil), newEdit(f, nil), newUnsubscribe(f, nil),
		newMute(f, nil), newUnmute(f, nil), newParked(f, nil), newRetry(f, nil), newReplay(f, nil), newTest(f, nil))
	cmd.Example = cmdutil.Examples(
		"$ andon notify subscribe t_1f3a9c20 --sink ops",
		"$ andon notify subscribe --sink ops --kinds blocked,review",
		"$ andon notify test ops",
		"$ andon notify parked")
	return cmd
}

// Flat returns the verbs under the reference's names.
func Flat(f *cmdutil.Factory) []*cobra.Command {
	all := []*cobra.Command{newSubscribe(f, nil), newList(f, nil), newUnsubscribe(f, nil)}
	for _, cmd := range all {
		cmd.Use = "notify-" + cmd.Use
		cmd.Hidden = true
	}
	return all
}
