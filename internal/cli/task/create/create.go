// Package create is andon add.
package create

import (
	"cmp"
	"context"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker/preset"
)

// Options are the flags and arguments.
type Options struct {
	*cmdutil.Factory
	client.TaskCreate

	BodyFile   string
	Workspace  string
	MaxRuntime cmdutil.Duration
	Initial    string
	Until      string
	Skills     []string
	Budget     cmdutil.Cost
	Tokens     cmdutil.Tokens
	Verify     cmdutil.Verify
	Tell       string
	TellTarget string
	TellThread string
	TellKinds  []string

	taken bool // the workspace was chosen by where the command was given
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:     "add TITLE",
		Aliases: []string{"create"},
		Short:   "Put a task on the board",
		Long: `Put a task on the board. It is ready at once, or todo while a parent is unfinished.

Without --workspace, a lane of an agent works in a copy of the git repository that you stand in, or else of the board's default
folder; other lanes do if you stand in the board's default folder, and in a scratch folder otherwise. A copy is a clone or a worktree,
as the lane's workspace says.

With --idempotency-key a task that has the key and is not archived is the answer, and nothing changes.`,
		Example: cmdutil.Examples(
			`$ andon add "Fix the login test" --lane builder`,
			`$ andon add "Release notes" --parent @last --body-file notes.md`,
			`$ andon add "Tell the team" --parent t_1f3a9c20:any`,
			`$ andon add "Try the new parser" --lane builder --workspace worktree --repo ~/src/parser`,
			`$ andon add "Renew the certificate" --lane ops --until 09:00`,
			`$ andon add "Panic on an empty title" --label bug --label area/cli`,
			`$ andon add "Transcribe the call" --lane transcriber --tell team`),
		Args: cmdutil.AtLeast(1, "the title"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Title = strings.Join(args, " ")
			if cmd.Flags().Changed("skill") {
				o.TaskCreate.Skills = &o.Skills
			}
			if inherited := o.Getenv("ANDON_LABELS"); inherited != "" && !cmd.Flags().Changed("label") {
				o.TaskCreate.Labels = strings.Split(inherited, ",")
			}
			if err := o.parse(); err != nil {
				return err
			}
			if run == nil {
				run = create
			}
			return run(cmd.Context(), o)
		},
	}
	o.flags(cmd)
	return cmd
}

func (o *Options) flags(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&o.Body, "body", "", "what is to be done")
	fl.StringVar(&o.BodyFile, "body-file", "", "read the body from a file, - is stdin")
	fl.StringVar(&o.Assignee, "lane", "", "the lane that works on it (also --assignee)")
	fl.StringArrayVar(&o.Parents, "parent", nil, "`ID` of a task that must be done before; ID:any: must have ended, however; ID:failed: must have failed; repeatable")
	fl.IntVar(&o.Priority, "priority", 0, "larger starts first")
	fl.StringVar(&o.Tenant, "tenant", "", "whom it is for")
	fl.StringSliceVar(&o.TaskCreate.Labels, "label", nil, "a word to find it by; repeatable (inside a run: default those of its task)")
	fl.StringVar(&o.Workspace, "workspace", "", "scratch, dir:/path, worktree, worktree:/path or clone")
	fl.StringVar(&o.Repo, "repo", "", "git repository that the worktree or clone is made from")
	fl.StringVar(&o.Branch, "branch", "", "branch of the worktree or clone")
	fl.BoolVar(&o.Triage, "triage", false, "park it until somebody has specified it")
	fl.StringVar(&o.IdempotencyKey, "idempotency-key", "", "make at most one task with this key; a task that is not archived is the answer")
	fl.Var(&o.MaxRuntime, "max-runtime", "longest time of one attempt: 90, 90s, 15m, 2h or 1d")
	fl.IntVar(&o.MaxAttempts, "max-attempts", 0, "failed attempts until it is blocked (also --max-retries)")
	fl.StringVar(&o.OnRetry, "on-retry", "", "after a failed attempt: continue where it ended, or fresh (default: the lane's)")
	fl.Var(&o.Budget, "budget", "what all its runs may cost together: 5USD")
	fl.Var(&o.Tokens, "budget-tokens", "how many tokens they may use: 500k, 2M")
	fl.StringVar(&o.Initial, "initial-status", "running", "running, or blocked to hold it for a human")
	fl.StringVar(&o.Until, "until", "", "do not start before: +2h, 15:04 or 2026-01-31T15:04:05Z")
	fl.StringArrayVar(&o.Skills, "skill", nil, "`name` of a skill to load; repeatable")
	fl.StringVar(&o.Model, "model", "", "the model to use")
	fl.StringVar(&o.SessionID, "session", "", "the chat session that asked")
	fl.StringArrayVar(&o.Verify.Lines, "verify", nil, "a `command` that must succeed in the workspace before it counts as done; words, no shell; repeatable (default: the lane's)")
	fl.BoolVar(&o.Verify.None, "no-verify", false, "not even what the lane says")
	fl.StringVar(&o.Reviewer, "reviewer", "", "who judges what is handed in: a lane, or human (default: the lane's)")
	fl.IntVar(&o.MaxRounds, "max-rounds", 0, "so often changes requested lead to a new run; the next time a human decides")
	fl.StringVar(&o.Tell, "tell", "", "subscribe `SINK[:TARGET[:THREAD]]` to it in the same step")
	fl.StringVar(&o.TellTarget, "tell-target", "", "the destination within the sink of --tell, if a colon stands in it")
	fl.StringVar(&o.TellThread, "tell-thread", "", "the thread within that destination")
	fl.StringSliceVar(&o.TellKinds, "tell-kinds", nil, "kinds of event that --tell is about (default: those after which somebody may want to act)")
	fl.StringVar(&o.CreatedBy, "created-by", "", "recorded as who created it")
}

// parse checks what can be checked without the board.
func (o *Options) parse() error {
	switch o.Initial {
	case "running":
	case "blocked":
		o.Held = true
	default:
		return kanban.Errorf(kanban.Invalid, "--initial-status is running or blocked, not %s", kanban.Quote(o.Initial))
	}
	if o.MaxRuntime != 0 {
		o.TaskCreate.MaxRuntime = time.Duration(o.MaxRuntime).String()
	}
	o.TaskCreate.Budget = client.Budget{CostUSD: o.Budget.Dollars(), Tokens: int64(o.Tokens)}
	if o.Until != "" {
		at, err := cmdutil.ParseMoment(o.Until, o.Now())
		if err != nil {
			return err
		}
		o.NotBefore = &at
	}
	if o.Body != "" && o.BodyFile != "" {
		return kanban.Errorf(kanban.Invalid, "--body and --body-file exclude each other")
	}
	var err error
	if o.TaskCreate.Tell, err = o.told(); err != nil {
		return err
	}
	if o.TaskCreate.Verify, err = o.Verify.Commands(); err != nil {
		return err
	}
	if o.WorkspaceKind, o.WorkspacePath, err = cmdutil.ParseWorkspace(o.Workspace); err != nil {
		return err
	}
	if o.Repo != "" {
		o.Repo, err = cmdutil.AbsPath(o.Repo)
	}
	return err
}

// told is the place that hears of the task, nil if none does.
func (o *Options) told() (*client.Tell, error) {
	if o.Tell == "" {
		if o.TellTarget != "" || o.TellThread != "" || len(o.TellKinds) > 0 {
			return nil, kanban.Errorf(kanban.Invalid, "--tell-target, --tell-thread and --tell-kinds say more of --tell").Hint("--tell SINK  says where")
		}
		return nil, nil
	}
	const way = "--tell SINK --tell-target TARGET --tell-thread THREAD  takes each as it stands"
	parts := append(strings.Split(o.Tell, ":"), "", "")
	t := &client.Tell{Sink: parts[0], Target: parts[1], Thread: parts[2], Kinds: o.TellKinds}
	switch {
	case len(parts) > 5:
		return nil, kanban.Errorf(kanban.Invalid, "%s has more colons than SINK:TARGET:THREAD", kanban.Quote(o.Tell)).Hint(way)
	case o.TellTarget != "" && t.Target != "", o.TellThread != "" && t.Thread != "":
		return nil, kanban.Errorf(kanban.Invalid, "--tell %s names a place, and so do --tell-target or --tell-thread", o.Tell).Hint(way)
	}
	t.Target, t.Thread = cmp.Or(t.Target, o.TellTarget), cmp.Or(t.Thread, o.TellThread)
	return t, nil
}

func create(ctx context.Context, o *Options) error {
	if o.BodyFile != "" {
		text, err := o.ReadFile(o.BodyFile)
		if err != nil {
			return err
		}
		o.Body = string(text)
	}
	if err := o.parents(); err != nil {
		return err
	}
	if o.Tenant == "" {
		o.Tenant = o.Getenv("ANDON_TENANT")
	}
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	if err := o.source(ctx, c, board); err != nil {
		return err
	}
	made, err := c.CreateTask(ctx, board, o.TaskCreate)
	if err != nil {
		return err
	}
	if made.Created && o.taken {
		o.Progress("workspace: a %s of %s (--workspace scratch  gives an empty folder)", made.WorkspaceKind, made.Repo)
	}
	o.Remember(board, made.ID)
	for _, w := range made.Warnings {
		o.Warn("%s", w)
	}
	if made.Status == string(kanban.Ready) && made.Assignee != "" && o.Alone() {
		o.Warn("no gateway runs, so nothing will start %s; andon gateway start  does", made.ID)
	}
	return tell(o.Factory, made)
}

// source chooses the repository if no workspace was given: who stands in one and
// asks an agent for work means that one. Inside a run nothing is chosen, for it
// stands in a copy.
func (o *Options) source(ctx context.Context, c *client.Client, board string) error {
	if o.Workspace != "" || o.Repo != "" || o.Assignee == "" || o.Getenv("ANDON_TASK") != "" {
		return nil
	}
	here := o.Repository()
	info, err := c.Board(ctx, board)
	if err != nil || here == "" && info.WorkDir == "" {
		return err
	}
	agent, err := o.agent(ctx, c, board)
	switch {
	case err != nil:
		return err
	case here != "" && (agent || sameFolder(here, info.WorkDir)):
		o.Repo = here
	case agent:
		o.Repo = info.WorkDir
	}
	o.taken = o.Repo != ""
	return nil
}

// agent reports whether the lane's workers are of an agent program.
func (o *Options) agent(ctx context.Context, c *client.Client, board string) (bool, error) {
	lanes, err := c.Lanes(ctx, board)
	i := slices.IndexFunc(lanes, func(l client.Lane) bool { return l.Name == strings.ToLower(o.Assignee) })
	if err != nil || i < 0 {
		return false, err
	}
	_, agent := preset.Running(lanes[i].Preset, lanes[i].Command)
	return agent, nil
}

func sameFolder(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// parents looks up @last in what may carry a condition, as in @last:any.
func (o *Options) parents() error {
	for i, word := range o.Parents {
		start, when, err := kanban.ParseParent(word)
		if err != nil {
			return err
		}
		id, err := o.ID(start)
		if err != nil {
			return err
		}
		o.Parents[i] = kanban.WithWhen(id, when)
	}
	return nil
}

// tell prints the line that chat bridges read: its form is a contract.
func tell(f *cmdutil.Factory, t client.TaskCreated) error {
	word, lane := "Created", t.Assignee
	if !t.Created {
		word = "Exists"
	}
	if lane == "" {
		lane = "-"
	}
	return f.Printer().Said(t, t.ID, "%s %s  (%s, assignee=%s)", word, t.ID, t.Status, lane)
}
