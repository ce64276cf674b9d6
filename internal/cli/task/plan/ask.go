package plan

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/cli/output"
	"github.com/andon-dev/andon/internal/kanban"
)

// Ask are the flags and arguments of specify and decompose.
type Ask struct {
	*cmdutil.Factory
	Kind   kanban.PlanKind
	Tasks  []string
	All    bool
	Tenant string
	Yes    bool
	NoWait bool
}

// NewSpecify returns andon specify.
func NewSpecify(f *cmdutil.Factory, run func(context.Context, *Ask) error) *cobra.Command {
	return newAsk(&Ask{Factory: f, Kind: kanban.Specify}, run, &cobra.Command{
		Short: "Have the planner write out a task in triage",
		Long: `Have the planner of andon.yaml turn an idea in triage into a text that a worker can start from. You see what it proposes, and
andon plan approve puts it in force; with --yes it is put in force at once.`,
		Example: cmdutil.Examples("$ andon specify t_1f3a9c20", "$ andon specify --all --tenant acme --yes"),
	})
}

// NewDecompose returns andon decompose.
func NewDecompose(f *cmdutil.Factory, run func(context.Context, *Ask) error) *cobra.Command {
	return newAsk(&Ask{Factory: f, Kind: kanban.Decompose}, run, &cobra.Command{
		Short: "Have the planner split a task in triage into tasks for your lanes",
		Long: `Have the planner of andon.yaml split a task in triage into tasks for your lanes. You see what it proposes, and andon plan
approve makes the tasks; with --yes they are made at once. The task itself starts when all of them are done.`,
		Example: cmdutil.Examples("$ andon decompose t_1f3a9c20", "$ andon decompose @last --yes", "$ andon decompose --all -o json"),
	})
}

func newAsk(o *Ask, run func(context.Context, *Ask) error, cmd *cobra.Command) *cobra.Command {
	cmd.Use = string(o.Kind) + " [ID...]"
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.Tasks = args
		if o.All == (len(args) > 0) {
			return kanban.Errorf(kanban.Invalid, "give ids, or --all").Hint("andon list --status triage  shows what is in triage")
		}
		if err := cmdutil.Named(cmd, "name one, or leave the flag away for all", "tenant"); err != nil {
			return err
		}
		if o.Tenant != "" && !o.All {
			return kanban.Errorf(kanban.Invalid, "--tenant chooses among --all").Hint("leave it away")
		}
		if run == nil {
			run = ask
		}
		return run(cmd.Context(), o)
	}
	fl := cmd.Flags()
	fl.BoolVar(&o.All, "all", false, "all that is in triage and has no plan that waits for you")
	fl.StringVar(&o.Tenant, "tenant", "", "with --all: only this tenant's")
	fl.BoolVar(&o.Yes, "yes", false, "approve the plan before you have seen it")
	fl.BoolVar(&o.NoWait, "no-wait", false, "only ask; andon plan show  tells what became of it")
	o.Obsolete(cmd, "use --as NAME", "author")
	return cmd
}

// told is a planning with the words of the reference system.
type told struct {
	client.Planning
	OK       bool   `json:"ok"`
	Fanout   bool   `json:"fanout"`
	NewTitle string `json:"new_title,omitempty"`
}

func ask(ctx context.Context, o *Ask) error {
	c, slug, err := o.Open(ctx)
	if err != nil {
		return err
	}
	ids, err := o.wanted(ctx, c, slug)
	if err != nil {
		return err
	}
	var asked []client.Planning
	var failed []error
	for _, id := range ids {
		p, err := o.send(ctx, c, slug, id)
		if err != nil {
			failed = append(failed, exit.About{ID: id, Err: err})
			continue
		}
		asked = append(asked, p)
	}
	var all []told
	for _, p := range asked {
		if !o.NoWait {
			if p, err = o.await(ctx, c, slug, p); err != nil {
				return exit.About{ID: p.TaskID, Err: err}
			}
		}
		t := told{Planning: p, Fanout: len(p.Tasks) > 0, NewTitle: p.Title}
		if err := trouble(p, o.NoWait); err != nil {
			failed = append(failed, exit.About{ID: p.TaskID, Err: err})
		} else {
			t.OK = true
		}
		all = append(all, t)
	}
	return o.tell(all, failed)
}

func (o *Ask) wanted(ctx context.Context, c *client.Client, slug string) ([]string, error) {
	if !o.All {
		return o.IDs(o.Tasks)
	}
	var ids []string
	q := client.TaskQuery{Statuses: []string{string(kanban.Triage)}, Tenant: o.Tenant, Sort: "created", Limit: 1000}
	for {
		page, err := c.Tasks(ctx, slug, q)
		if err != nil {
			return nil, err
		}
		for _, t := range page.Items {
			p, err := c.Planning(ctx, slug, t.ID)
			if err != nil {
				return nil, err
			}
			if p.State != string(board.PlanProposed) {
				ids = append(ids, t.ID)
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return ids, nil
		}
	}
}

func (o *Ask) send(ctx context.Context, c *client.Client, slug, id string) (client.Planning, error) {
	r := client.PlanRequest{Approve: o.Yes}
	if o.Kind == kanban.Specify {
		return c.Specify(ctx, slug, id, r)
	}
	return c.Decompose(ctx, slug, id, r)
}

// patience is how long one request waits for something to happen.
const patience = 25 * time.Second

// await returns a planning once there is an answer. The planner goes on when
// nobody waits.
func (o *Ask) await(ctx context.Context, c *client.Client, slug string, p client.Planning) (client.Planning, error) {
	ctx = o.Patient(ctx)
	q := client.EventQuery{Task: p.TaskID, After: p.Event, Wait: cmdutil.Soon}
	for said := false; p.State == string(board.PlanAsked); {
		page, err := c.Events(ctx, slug, q)
		if err != nil {
			return p, err
		}
		if n := len(page.Items); n > 0 {
			q.After = page.Items[n-1].ID
		} else if !said {
			o.Progress("waiting for the plan of %s", p.TaskID)
			said = true
		}
		q.Wait = patience
		now, err := c.Planning(ctx, slug, p.TaskID)
		if err != nil {
			return p, err
		}
		p = now
	}
	return p, nil
}

// trouble is why a planning is not what was asked for.
func trouble(p client.Planning, noWait bool) error {
	switch board.PlanState(p.State) {
	case board.PlanProposed, board.PlanApplied:
		return nil
	case board.PlanAsked:
		if noWait {
			return nil
		}
	case board.PlanFailed:
		e := kanban.Errorf(kanban.Unavailable, "there is no plan: %s", p.Reason)
		if p.RetryAt != nil {
			return e.Hint("the planner tries again at %s; andon plan show %s", p.RetryAt.Local().Format("15:04:05"), p.TaskID)
		}
		return e.Hint("andon %s %s  tries again", p.Kind, p.TaskID)
	}
	return kanban.Errorf(kanban.Conflict, "the planning of %s was overtaken: it is %s, and its plan %s", p.TaskID, p.Status, p.State).
		In(kanban.Status(p.Status)).Hint("andon plan show %s", p.TaskID)
}

func (o *Ask) tell(all []told, failed []error) error {
	p := o.Printer()
	name := func(t told) string { return t.TaskID }
	draw := func(all []told) {
		if len(all) == 0 && len(failed) == 0 {
			p.Line("%s", o.nothing())
		}
		for _, t := range all {
			if t.OK {
				o.draw(p, t)
			}
		}
	}
	one := !o.All && len(o.Tasks) == 1
	var err error
	switch {
	case one && len(all) == 1 && (all[0].OK || !p.Human()):
		err = p.One(all[0], all[0].TaskID, func() { draw(all) })
	case !one:
		err = output.List(p, all, "", name, draw)
	}
	if err != nil || len(failed) == 0 {
		return err
	}
	for _, e := range failed {
		o.Complain(e)
	}
	if slices.ContainsFunc(all, func(t told) bool { return t.OK }) {
		return exit.Said{Status: exit.Partly}
	}
	return exit.Said{Status: exit.Of(failed[0])}
}

func (o *Ask) nothing() string {
	if o.Tenant != "" {
		return "No triage tasks for tenant '" + output.Inline(o.Tenant) + "'."
	}
	return "No triage tasks."
}

func (o *Ask) draw(p *output.Printer, t told) {
	switch board.PlanState(t.State) {
	case board.PlanAsked:
		p.Line("Asked for a plan of %s", t.TaskID)
	case board.PlanApplied:
		p.Line("%s", applied(p, t.Planning))
	default:
		draw(p, t.Planning, false)
	}
}
