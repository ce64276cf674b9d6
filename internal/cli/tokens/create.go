package tokens

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/kanban"
)

type createOptions struct {
	*cmdutil.Factory
	client.TokenCreate
	Expires cmdutil.Duration
}

func newCreate(f *cmdutil.Factory, run func(context.Context, *createOptions) error) *cobra.Command {
	o := &createOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Make a token for a program; it is printed this once",
		Long: `Make a token for a program; it is printed this once. What it does is recorded as "NAME (token)".

  read      see boards, tasks, runs, logs and events
  comment   and comment on tasks
  operate   and do with tasks, and with what keeps them from running, what you may
  admin     and change boards, the gateway, backups and who may come in

With --board it is for that board alone.`,
		Example: cmdutil.Examples(
			"$ andon tokens create ci --scope operate --board default --expires 90d",
			"$ (umask 077 && andon tokens create grafana --scope read -q >grafana.token)"),
		Args: cmdutil.Exactly(1, "the name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.Board = args[0], f.Globals.Board
			if o.Scope == "" {
				return kanban.Errorf(kanban.Invalid, "--scope is missing").Hint("read, comment, operate or admin")
			}
			if o.Expires != 0 {
				at := f.Now().Add(time.Duration(o.Expires))
				o.ExpiresAt = &at
			}
			if run == nil {
				run = create
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.Scope, "scope", "", "read, comment, operate or admin")
	cmd.Flags().Var(&o.Expires, "expires", "end it after so long (default: never)")
	return cmd
}

func create(ctx context.Context, o *createOptions) error {
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	made, err := c.CreateToken(ctx, o.TokenCreate)
	if err != nil {
		return err
	}
	p := o.Printer()
	return p.One(made, made.Secret, func() {
		p.Line("%s", made.Secret)
		o.Progress("This is shown once. Keep it in a file of yours and use it with --token-file, or send it as Authorization: Bearer.")
	})
}
