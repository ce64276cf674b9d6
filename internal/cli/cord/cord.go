// Package cord is andon pull and andon resume: nothing new starts in a scope
// until somebody lets it.
package cord

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/kanban"
)

// Options are the flags.
type Options struct {
	*cmdutil.Factory
	Lane, Account, Repo string
	Scope               string // as holds are listed: lane:NAME and so on

	All    bool
	Stop   bool
	Reason string
}

// New returns andon pull.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := o.command(run, pull, o.because, &cobra.Command{
		Use:   "pull [SCOPE] [REASON...]",
		Short: "Pull the cord: nothing new starts",
		Long: `Pull the cord: nothing new starts in the scope, until andon resume. Running work goes on, or with --stop ends without costing an attempt.

The scope is --lane, --account, --repo, --board or --all, or what lists call it, as lane:builder; without any it is the whole home.`,
		Example: cmdutil.Examples(
			"$ andon pull",
			`$ andon pull --lane builder --reason "the compiler is broken"`,
			"$ andon pull account:claude-max",
			"$ andon pull --board web --stop"),
	})
	cmd.Flags().BoolVar(&o.Stop, "stop", false, "end running work, too")
	cmd.Flags().StringVar(&o.Reason, "reason", "", "why; everybody who asks is told")
	return cmd
}

// NewResume returns andon resume.
func NewResume(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	return o.command(run, resume, o.named, &cobra.Command{
		Use:   "resume [SCOPE]",
		Short: "Let a scope start work again",
		Long: `Let a scope start work again: what andon pull held, what was told to cool down, and what failed alike so often that it paused.

What paused is tried with one run first; the rest starts when that has ended well.`,
		Example: cmdutil.Examples("$ andon resume", "$ andon resume --lane builder", "$ andon resume account:claude-max"),
		Args:    cmdutil.Between(0, 1, "the scope"),
	})
}

func (o *Options) command(run, do func(context.Context, *Options) error, take func(args []string) error, cmd *cobra.Command) *cobra.Command {
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := cmdutil.Named(cmd, "name one, or say --all", "lane", "account", "repo", "board"); err != nil {
			return err
		}
		if err := take(args); err != nil {
			return err
		}
		if _, err := o.scope(); err != nil {
			return err
		}
		if run == nil {
			run = do
		}
		return run(cmd.Context(), o)
	}
	fl := cmd.Flags()
	fl.StringVar(&o.Lane, "lane", "", "of this lane")
	fl.StringVar(&o.Account, "account", "", "of this account")
	fl.StringVar(&o.Repo, "repo", "", "of tasks that work on this repository")
	fl.BoolVar(&o.All, "all", false, "of the whole home")
	return cmd
}

// because takes a scope as lists show it, and the words of a reason.
func (o *Options) because(args []string) error {
	o.Scope, args = kanban.CutScope(args)
	o.Reason = strings.TrimSpace(o.Reason + " " + strings.Join(args, " "))
	return nil
}

// named takes a scope as lists show it.
func (o *Options) named(args []string) error {
	if len(args) == 0 {
		return nil
	}
	if o.Scope = strings.TrimSpace(args[0]); o.Scope == "" {
		return kanban.Errorf(kanban.Invalid, "the scope is empty").Hint("name one, or say --all")
	}
	return nil
}

// scope is what the flags name. --board counts here only where it was written:
// the environment selects a board for tasks, not for the cord.
func (o *Options) scope() (string, error) {
	given := []string{o.Scope}
	for kind, name := range map[string]string{"lane": o.Lane, "account": o.Account, "board": o.Globals.Board, "repo": o.Repo} {
		if name != "" {
			given = append(given, kind+":"+name)
		}
	}
	if o.All {
		given = append(given, kanban.WholeHome)
	}
	scope, err := kanban.OneScope(given...)
	if err != nil {
		return "", err
	}
	return spelled(scope)
}

// spelled is a scope as it is recorded.
func spelled(scope string) (string, error) {
	kind, name, _ := strings.Cut(scope, ":")
	if kind != "repo" || name == "" {
		return strings.ToLower(scope), nil
	}
	path, err := filepath.Abs(name)
	return "repo:" + path, err
}

func pull(ctx context.Context, o *Options) error {
	scope, err := o.scope()
	if err != nil {
		return err
	}
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	reply, err := c.Pull(ctx, client.PullRequest{Scope: scope, Reason: o.Reason, Stop: o.Stop})
	if err != nil {
		return err
	}
	if o.Stop {
		return o.Printer().Said(reply, reply.Scope, "Pulled the cord: %s (runs stopped: %d)", reply.Scope, reply.Stopped)
	}
	return o.Printer().Said(reply, reply.Scope, "Pulled the cord: %s", reply.Scope)
}

func resume(ctx context.Context, o *Options) error {
	scope, err := o.scope()
	if err != nil {
		return err
	}
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	if err := c.Resume(ctx, scope); err != nil {
		return err
	}
	return o.Printer().Said(client.PullReply{Scope: scope}, scope, "Resumed: %s", scope)
}
