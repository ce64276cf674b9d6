// Package events is andon events, and its forms andon watch and andon tail.
package events

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/cli/output"
	"github.com/andon-dev/andon/internal/kanban"
)

// Options are the flags and arguments.
type Options struct {
	*cmdutil.Factory
	Task   []string
	Follow bool
	After  int64
	Kinds  []string
	Until  []string // statuses of the task that end it
	Limit  int
	Lane   string
	Tenant string

	tail bool
}

// unpolled is why an interval has no meaning here.
const unpolled = "events are told when they happen"

// newest is how many events are shown when nothing says where to begin.
const newest = 100

// New returns andon events.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := o.command(run, &cobra.Command{
		Use:   "events [ID]",
		Short: "Show what happened, on the board or to one task",
		Long: `Show what happened, on the board or to one task: the newest, or what came after a cursor.

Every event has an id; --after goes on behind it, so that nothing is seen twice and nothing is missed.`,
		Example: cmdutil.Examples(
			"$ andon events",
			"$ andon events t_1f3a9c20 -f --until done",
			"$ andon events -f --after 1204 --kinds completed,blocked -o jsonl"),
		Args: cmdutil.Between(0, 1, "the id"),
	})
	fl := cmd.Flags()
	fl.BoolVarP(&o.Follow, "follow", "f", false, "go on with what happens next")
	fl.Int64Var(&o.After, "after", 0, "begin behind the event with this id")
	fl.IntVar(&o.Limit, "limit", 0, "at most so many (default: the newest "+strconv.Itoa(newest)+", or all after --after)")
	fl.StringSliceVar(&o.Until, "until", nil, "end when the task has this status")
	return cmd
}

// NewWatch returns andon watch: the whole board, from now on.
func NewWatch(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f, Follow: true}
	cmd := o.command(run, &cobra.Command{
		Use:   "watch",
		Short: "Watch what happens on the board, from now on",
		Example: cmdutil.Examples(
			"$ andon watch",
			"$ andon watch --lane builder --kinds completed,crashed"),
		Args: cmdutil.None,
	})
	o.Obsolete(cmd, unpolled, "interval")
	return cmd
}

// NewTail returns andon tail: one task, from its beginning to its end.
func NewTail(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f, Follow: true, tail: true, Until: []string{string(kanban.Done), string(kanban.Archived)}}
	cmd := o.command(run, &cobra.Command{
		Use:     "tail [ID]",
		Short:   "Watch what happens to a task, from its beginning until it is done",
		Example: cmdutil.Examples("$ andon tail @last"),
		Args:    cmdutil.Between(0, 1, "the id"),
	})
	o.Obsolete(cmd, unpolled, "interval")
	return cmd
}

func (o *Options) command(run func(context.Context, *Options) error, cmd *cobra.Command) *cobra.Command {
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.Task = args
		if err := cmdutil.Named(cmd, "name one, or leave the flag away for all", "lane", "tenant", "kinds"); err != nil {
			return err
		}
		if err := o.parse(); err != nil {
			return err
		}
		if run == nil {
			run = show
		}
		return run(cmd.Context(), o)
	}
	fl := cmd.Flags()
	fl.StringSliceVar(&o.Kinds, "kinds", nil, "only these kinds")
	fl.StringVar(&o.Lane, "lane", "", "only of tasks of this lane (also --assignee)")
	fl.StringVar(&o.Tenant, "tenant", "", "only of tasks of this tenant")
	return cmd
}

func (o *Options) parse() error {
	if o.After < 0 || o.Limit < 0 {
		return kanban.Errorf(kanban.Invalid, "--after and --limit are not negative")
	}
	for i, s := range o.Until {
		status, err := kanban.ParseStatus(s)
		if err != nil {
			return err
		}
		o.Until[i] = string(status)
	}
	if len(o.Until) > 0 && !o.Follow {
		return kanban.Errorf(kanban.Invalid, "--until goes with -f")
	}
	if len(o.Until) > 0 && !o.tail && len(o.Task) == 0 {
		return kanban.Errorf(kanban.Invalid, "--until needs a task").Hint("andon events ID -f --until done")
	}
	return nil
}

func show(ctx context.Context, o *Options) error {
	var id string
	var err error
	if len(o.Task) > 0 || o.tail {
		if id, err = o.ID(o.Task...); err != nil {
			return err
		}
	}
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	if o.Follow {
		ctx = o.Patient(ctx)
	}
	s := &stream{Options: o, c: c, board: board, p: o.Printer()}
	s.query = client.EventQuery{After: o.After, Kinds: o.Kinds, Limit: o.Limit}
	if id != "" {
		if s.query.Task, err = o.Resolve(ctx, c, board, id); err != nil {
			return exit.About{ID: id, Err: err}
		}
		if _, err := s.ended(ctx); err != nil {
			return exit.About{ID: id, Err: err}
		}
	}
	if o.Follow {
		return s.follow(ctx)
	}
	return s.list(ctx)
}

// stream reads events and prints them.
type stream struct {
	*Options
	c     *client.Client
	board string
	p     *output.Printer
	query client.EventQuery
}

// patience is how long one request waits for something to happen.
const patience = 25 * time.Second

func (s *stream) list(ctx context.Context) error {
	if s.After == 0 {
		s.query.Last = true
		if s.Limit == 0 {
			s.query.Limit = newest
		}
	}
	page, err := s.c.Events(ctx, s.board, s.query)
	if err != nil {
		return err
	}
	items, err := s.ours(ctx, page.Items)
	if err != nil {
		return err
	}
	name := func(e client.Event) string { return strconv.FormatInt(e.ID, 10) }
	return output.List(s.p, items, page.Next, name, func(items []client.Event) {
		if len(items) == 0 {
			s.p.Line("(no events)")
		}
		for _, e := range items {
			s.p.Line("%s", s.p.EventLine(e, s.query.Task == ""))
		}
	})
}

// follow prints what there is and then what comes. The status is read before
// the events: whatever led to it is then among them.
func (s *stream) follow(ctx context.Context) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	for {
		ended, err := s.ended(ctx)
		if exit.Of(err) == exit.NotFound {
			ended, err = true, nil // deleted while we watched
		}
		if err != nil {
			return err
		}
		wait := patience
		if ended {
			wait = 0
		}
		n, err := s.next(ctx, wait)
		if err != nil || ended && n == 0 {
			return err
		}
	}
}

// begin puts the cursor of a whole board to now, unless told otherwise.
func (s *stream) begin(ctx context.Context) error {
	if s.After != 0 || s.query.Task != "" {
		return nil
	}
	page, err := s.c.Events(ctx, s.board, client.EventQuery{Last: true, Limit: 1})
	if n := len(page.Items); n > 0 {
		s.query.After = page.Items[n-1].ID
	}
	return err
}

// ended reports whether the task has a status that ends the stream.
func (s *stream) ended(ctx context.Context) (bool, error) {
	if s.query.Task == "" {
		return false, nil
	}
	t, err := s.c.Explain(ctx, s.board, s.query.Task)
	return slices.Contains(s.Until, t.Status), err
}

// next prints one page, and returns how many events it held.
func (s *stream) next(ctx context.Context, wait time.Duration) (int, error) {
	s.query.Wait = wait
	page, err := s.c.Events(ctx, s.board, s.query)
	if err != nil {
		return 0, err
	}
	items, err := s.ours(ctx, page.Items)
	if err != nil {
		return 0, err
	}
	for _, e := range items {
		if err := s.print(e); err != nil {
			return 0, err
		}
	}
	if n := len(page.Items); n > 0 {
		s.query.After = page.Items[n-1].ID
	}
	return len(page.Items), nil
}

func (s *stream) print(e client.Event) error {
	if s.p.Human() {
		return s.p.Write(s.p.EventLine(e, s.query.Task == "") + "\n")
	}
	return s.p.Item(e)
}

// ours leaves out events of tasks of other lanes and tenants.
func (s *stream) ours(ctx context.Context, events []client.Event) ([]client.Event, error) {
	if s.Lane == "" && s.Tenant == "" || len(events) == 0 {
		return events, nil
	}
	q := client.TaskQuery{Assignee: s.Lane, Tenant: s.Tenant, Archived: true, Limit: 1000}
	for _, e := range events {
		if !slices.Contains(q.IDs, e.Task) {
			q.IDs = append(q.IDs, e.Task)
		}
	}
	page, err := s.c.Tasks(ctx, s.board, q)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(events, func(e client.Event) bool {
		return !slices.ContainsFunc(page.Items, func(t client.Task) bool { return t.ID == e.Task })
	}), nil
}
