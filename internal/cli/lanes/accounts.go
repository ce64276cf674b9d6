package lanes

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/output"
)

// NewAccounts returns andon accounts.
func NewAccounts(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	return &cobra.Command{
		Use:   "accounts",
		Short: "List the accounts: what they run, what waits, what cools down",
		Long: "List the accounts of andon.yaml over all boards: how many runs they have and may have, how many ready tasks wait in their lanes, and until when\n" +
			"a rate limit lets them cool down. andon resume account:NAME ends a cool-down.",
		Example: cmdutil.Examples("$ andon accounts", "$ andon accounts -o json", "$ andon resume account:claude-max"),
		Args:    cmdutil.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if run == nil {
				run = accounts
			}
			return run(cmd.Context(), o)
		},
	}
}

func accounts(ctx context.Context, o *Options) error {
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	all, err := c.Accounts(ctx)
	if err != nil {
		return err
	}
	p := o.Printer()
	return output.List(p, all, "", func(a client.Account) string { return a.Name }, func(all []client.Account) {
		if len(all) == 0 {
			p.Line("(no accounts: andon.yaml names none)")
			return
		}
		t := p.Table("ACCOUNT", "RUNNING", "WAITING", "LANES")
		for _, a := range all {
			running := fmt.Sprint(a.Running)
			if a.MaxParallel > 0 {
				running += fmt.Sprintf("/%d", a.MaxParallel)
			}
			t.Row(a.Name, running, fmt.Sprint(a.Waiting), output.Or(strings.Join(a.Lanes, " ")))
			for _, h := range a.Holds {
				t.Note("! " + p.Hold(h))
			}
		}
		t.Flush()
	})
}
