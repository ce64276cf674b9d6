package cli

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/andon-dev/andon/internal/cli/backup"
	"github.com/andon-dev/andon/internal/cli/boards"
	"github.com/andon-dev/andon/internal/cli/budget"
	"github.com/andon-dev/andon/internal/cli/chat"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/config"
	"github.com/andon-dev/andon/internal/cli/cord"
	"github.com/andon-dev/andon/internal/cli/dashboard"
	"github.com/andon-dev/andon/internal/cli/demo"
	"github.com/andon-dev/andon/internal/cli/diagnostics"
	"github.com/andon-dev/andon/internal/cli/dispatch"
	"github.com/andon-dev/andon/internal/cli/doctor"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/cli/export"
	"github.com/andon-dev/andon/internal/cli/gateway"
	"github.com/andon-dev/andon/internal/cli/gc"
	"github.com/andon-dev/andon/internal/cli/importing"
	"github.com/andon-dev/andon/internal/cli/inbox"
	"github.com/andon-dev/andon/internal/cli/initialize"
	"github.com/andon-dev/andon/internal/cli/lanes"
	"github.com/andon-dev/andon/internal/cli/mcp"
	"github.com/andon-dev/andon/internal/cli/notify"
	"github.com/andon-dev/andon/internal/cli/output"
	"github.com/andon-dev/andon/internal/cli/prime"
	"github.com/andon-dev/andon/internal/cli/report"
	"github.com/andon-dev/andon/internal/cli/restore"
	"github.com/andon-dev/andon/internal/cli/run"
	"github.com/andon-dev/andon/internal/cli/skills"
	"github.com/andon-dev/andon/internal/cli/stats"
	"github.com/andon-dev/andon/internal/cli/task/act"
	"github.com/andon-dev/andon/internal/cli/task/archive"
	"github.com/andon-dev/andon/internal/cli/task/assign"
	"github.com/andon-dev/andon/internal/cli/task/block"
	"github.com/andon-dev/andon/internal/cli/task/claim"
	"github.com/andon-dev/andon/internal/cli/task/comment"
	"github.com/andon-dev/andon/internal/cli/task/complete"
	taskcontext "github.com/andon-dev/andon/internal/cli/task/context"
	"github.com/andon-dev/andon/internal/cli/task/create"
	"github.com/andon-dev/andon/internal/cli/task/diff"
	"github.com/andon-dev/andon/internal/cli/task/edit"
	"github.com/andon-dev/andon/internal/cli/task/events"
	"github.com/andon-dev/andon/internal/cli/task/explain"
	"github.com/andon-dev/andon/internal/cli/task/heartbeat"
	"github.com/andon-dev/andon/internal/cli/task/link"
	"github.com/andon-dev/andon/internal/cli/task/list"
	"github.com/andon-dev/andon/internal/cli/task/logs"
	"github.com/andon-dev/andon/internal/cli/task/plan"
	"github.com/andon-dev/andon/internal/cli/task/promote"
	"github.com/andon-dev/andon/internal/cli/task/remove"
	"github.com/andon-dev/andon/internal/cli/task/review"
	"github.com/andon-dev/andon/internal/cli/task/runs"
	"github.com/andon-dev/andon/internal/cli/task/schedule"
	"github.com/andon-dev/andon/internal/cli/task/show"
	"github.com/andon-dev/andon/internal/cli/task/wait"
	"github.com/andon-dev/andon/internal/cli/tokens"
	"github.com/andon-dev/andon/internal/cli/up"
	"github.com/andon-dev/andon/internal/cli/verify"
	"github.com/andon-dev/andon/internal/cli/version"
	"github.com/andon-dev/andon/internal/kanban"
)

// NewRoot returns the whole tree of commands.
func NewRoot(f *cmdutil.Factory) *cobra.Command {
	root := cmdutil.Group("andon", "A durable task board and dispatcher for fleets of agents")
	root.Long = "Andon puts tasks on a board, starts the right worker for each, and asks you when it needs you."
	root.Example = cmdutil.Examples(
		"$ cd ~/src/app && andon up",
		`$ andon add "Fix the login test" --lane builder`,
		"$ andon logs @last -f")
	root.Version = f.Version
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetIn(f.In)
	root.SetOut(f.Out)
	root.SetErr(f.Err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return badFlag(err, cmd.CommandPath()+" --help  lists the flags")
	})
	globals(root, f)
	group(root, "Put work on the board and look at it:",
		create.New(f, nil), list.New(f, nil), show.New(f, nil), explain.New(f, nil), inbox.New(f, nil), wait.New(f, nil), logs.New(f, nil), runs.New(f, nil), diff.New(f, nil),
		events.New(f, nil), events.NewWatch(f, nil), events.NewTail(f, nil), edit.New(f, nil), comment.New(f, nil),
		assign.New(f, nil), assign.NewAgain(f, nil), link.New(f, nil), link.NewEnd(f, nil))
	group(root, "Decide:", slices.Concat(act.New(f, nil), []*cobra.Command{
		plan.NewSpecify(f, nil), plan.NewDecompose(f, nil), plan.New(f),
		promote.New(f, nil), budget.New(f), schedule.New(f, nil), archive.New(f, nil), remove.New(f, nil),
	})...)
	group(root, "Work on a task:",
		run.New(f, nil), claim.New(f, nil), taskcontext.New(f, nil), heartbeat.New(f, nil), complete.New(f, nil), review.New(f, nil), block.New(f, nil),
		mcp.New(f, nil))
	group(root, "Run the fleet:",
		gateway.New(f), dashboard.New(f, nil), tokens.New(f), chat.New(f), lanes.New(f, nil), lanes.NewAssignees(f, nil), lanes.NewAccounts(f, nil), stats.New(f, nil), report.New(f, nil), diagnostics.New(f, nil),
		dispatch.New(f, nil), cord.New(f, nil), cord.NewResume(f, nil), notify.New(f), gc.New(f, nil))
	group(root, "Take care:",
		backup.New(f, nil), restore.New(f, nil), doctor.New(f, nil), verify.New(f, nil), export.New(f, nil), importing.New(f, nil))
	group(root, "Set up:",
		up.New(f, nil), initialize.New(f, nil), boards.New(f), config.New(f), demo.New(f, nil), version.New(f),
		prime.New(f, nil), skills.New(f))
	root.AddCommand(notify.Flat(f)...)
	completions(root, f)
	strictHelp(root)
	return root
}

// strictHelp makes andon help refuse what is no command.
func strictHelp(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() != "help" {
			continue
		}
		cmd.Args = func(_ *cobra.Command, args []string) error {
			if found, _, err := root.Find(args); len(args) > 0 && (err != nil || found == root) {
				return cmdutil.UnknownVerb(root, args[0])
			}
			return nil
		}
	}
}

// group adds commands under a headline of the help.
func group(root *cobra.Command, title string, cmds ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: title, Title: title})
	for _, cmd := range cmds {
		cmd.GroupID = title
	}
	root.AddCommand(cmds...)
	root.SetHelpCommandGroupID(title)
	root.SetCompletionCommandGroupID(title)
}

// badFlag says what is wrong with a flag, and the way out that its type knows.
func badFlag(err error, help string) error {
	var bad *pflag.InvalidValueError
	var why *kanban.Error
	switch {
	case !errors.As(err, &bad):
		return kanban.Errorf(kanban.Invalid, "%w", err).Hint("%s", help)
	case errors.As(err, &why):
		return kanban.Errorf(kanban.Invalid, "--%s: %w", bad.GetFlag().Name, why).Hint("%s", cmp.Or(why.Way, help))
	case errors.Is(err, strconv.ErrRange):
		return kanban.Errorf(kanban.Invalid, "--%s %s is out of range", bad.GetFlag().Name, kanban.Quote(bad.GetValue())).Hint("%s", help)
	}
	return kanban.Errorf(kanban.Invalid, "--%s cannot be %s", bad.GetFlag().Name, kanban.Quote(bad.GetValue())).Hint("%s", help)
}

// globals adds the flags that every command has; they stand anywhere.
func globals(root *cobra.Command, f *cmdutil.Factory) {
	g := &f.Globals
	fl := root.PersistentFlags()
	fl.SortFlags = false
	fl.StringVar(&g.Home, "home", "", "folder that the boards live in (default: $ANDON_HOME, else ~/.andon)")
	fl.StringVar(&g.Board, "board", "", "the board (default: $ANDON_BOARD, else the selected one)")
	fl.StringVar(&g.Server, "server", "", "unix:/path or URL of the gateway (default: $ANDON_SERVER, else the home's)")
	fl.StringVar(&g.TokenFile, "token-file", "", "file with a token for the server (default: $ANDON_TOKEN_FILE)")
	fl.StringVarP(&g.Output, "output", "o", string(output.FormatTable), "table, json, jsonl, yaml or name; csv for reports")
	fl.BoolVar(&g.JSON, "json", false, "the same as -o json")
	fl.BoolVarP(&g.Quiet, "quiet", "q", false, "print ids only")
	fl.BoolVar(&g.NoHeaders, "no-headers", false, "print tables without their header")
	fl.StringVar(&g.As, "as", "", "act in this name; recorded as NAME by you")
	fl.BoolVar(&g.UTC, "utc", false, "print times in UTC")
	fl.Var(&g.Timeout, "timeout", "give up after so long, with status 124")
	root.SetGlobalNormalizationFunc(cmdutil.FlagAliases)
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		format, err := output.ParseFormat(g.Output)
		if err != nil {
			return err
		}
		if format == output.FormatCSV && cmd.Annotations[cmdutil.CSV] == "" {
			return kanban.Errorf(kanban.Invalid, "%s does not print csv", cmd.CommandPath()).Hint("andon report -o csv does; here, use -o json")
		}
		if strings.ContainsFunc(g.As, unicode.IsControl) {
			return kanban.Errorf(kanban.Invalid, "--as is a name in one line")
		}
		if err := f.CheckFence(); err != nil {
			return err
		}
		if f.Guest != nil {
			if err := f.Guest.Permit(cmd); err != nil {
				return err
			}
		}
		if g.Timeout == 0 {
			return nil
		}
		ctx, cancel := context.WithTimeoutCause(cmd.Context(), time.Duration(g.Timeout), exit.ErrTimeout)
		f.OnClose(func() error {
			cancel()
			return nil
		})
		cmd.SetContext(ctx)
		return nil
	}
}
