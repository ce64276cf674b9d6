// Package budget is andon budget.
package budget

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/cli/output"
	"github.com/andon-dev/andon/internal/kanban"
)

// New returns the group of commands.
func New(f *cmdutil.Factory) *cobra.Command {
	cmd := cmdutil.Group("budget", "What tasks may cost", NewRaise(f, nil))
	cmd.Example = cmdutil.Examples("$ andon budget raise t_1f3a9c20 5USD")
	cmd.Long = "What tasks may cost. Budgets of lanes, accounts, boards, tenants and the home stand in andon.yaml; andon report tells what was used."
	return cmd
}

// Raise are the flags and arguments of raise.
type Raise struct {
	*cmdutil.Factory
	Task   string
	Cost   cmdutil.Cost
	Tokens cmdutil.Tokens
}

// NewRaise returns andon budget raise.
func NewRaise(f *cmdutil.Factory, run func(context.Context, *Raise) error) *cobra.Command {
	o := &Raise{Factory: f}
	cmd := &cobra.Command{
		Use:   "raise ID [AMOUNT]",
		Short: "Let a task's runs use more; if it waits for that, it runs again",
		Long: "Let all runs of a task together use so much more than they may now, or have used already. A task that is\n" +
			"blocked since its budget is used up is ready again.",
		Example: cmdutil.Examples("$ andon budget raise t_1f3a9c20 5USD", "$ andon budget raise @last --tokens 500k"),
		Args:    cmdutil.Between(1, 2, "the id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Task = args[0]
			if len(args) > 1 {
				if err := o.Cost.Set(args[1]); err != nil {
					return err
				}
			}
			if o.Cost == 0 && o.Tokens == 0 {
				return kanban.Errorf(kanban.Invalid, "by how much?").Hint("andon budget raise %s 5USD", o.Task)
			}
			if run == nil {
				run = raise
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().Var(&o.Tokens, "tokens", "by so many tokens: 500k, 2M")
	return cmd
}

func raise(ctx context.Context, o *Raise) error {
	id, err := o.ID(o.Task)
	if err != nil {
		return err
	}
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	t, err := c.RaiseBudget(ctx, board, id, client.Budget{CostUSD: o.Cost.Dollars(), Tokens: int64(o.Tokens)})
	if err != nil {
		return exit.About{ID: id, Err: err}
	}
	return o.Printer().Said(t, t.ID, "Raised %s to %s  (%s)", t.ID, output.Budget(t.Budget), t.Status)
}
