// Package wait is andon wait.
package wait

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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
	Tasks []string
	For   []string // statuses, one of which is waited for
	Any   bool
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:   "wait ID...",
		Short: "Wait until tasks are done, or have another status",
		Long: `Wait until all tasks given have the status, or with --any one of them. It returns the moment it holds.

It ends with status 124 when --timeout has passed, and with 4 when a task has ended and can no longer get there.`,
		Example: cmdutil.Examples(
			"$ andon wait @last --timeout 10m",
			"$ andon wait t_1f3a9c20 t_77d0be11 --for done,blocked --any",
			"$ andon wait @last --for blocked && andon why @last"),
		Args: cmdutil.AtLeast(1, "the id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Tasks = args
			for i, s := range o.For {
				status, err := kanban.ParseStatus(s)
				if err != nil {
					return err
				}
				o.For[i] = string(status)
			}
			if run == nil {
				run = wait
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().StringSliceVar(&o.For, "for", []string{string(kanban.Done)}, "the status, or several of which one will do")
	cmd.Flags().BoolVar(&o.Any, "any", false, "return when one of the tasks has it")
	return cmd
}

// patience is how long one request waits for something to happen.
const patience = 25 * time.Second

func wait(ctx context.Context, o *Options) error {
	ids, err := o.IDs(o.Tasks)
	if err != nil {
		return err
	}
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	ctx = o.Patient(ctx)
	for i, id := range ids {
		if ids[i], err = o.Resolve(ctx, c, board, id); err != nil {
			return exit.About{ID: id, Err: err}
		}
	}
	w := &waiter{Options: o, c: c, board: board, ids: ids, began: o.Now()}
	tasks, err := w.wait(ctx)
	if err != nil {
		return err
	}
	return o.tell(tasks)
}

type waiter struct {
	*Options
	c     *client.Client
	board string
	ids   []string
	tasks []client.Task // as last seen
	began time.Time
	said  string // where they stood when it was last told
}

// wait returns the tasks that have the status. The cursor is read before the
// statuses, so that no change falls between the two.
func (w *waiter) wait(ctx context.Context) ([]client.Task, error) {
	q := client.EventQuery{Last: true, Limit: 1}
	if len(w.ids) == 1 {
		q.Task = w.ids[0]
	}
	for {
		page, err := w.c.Events(ctx, w.board, q)
		if err != nil {
			return nil, w.late(err)
		}
		if n := len(page.Items); n > 0 {
			q.After = page.Items[n-1].ID
		}
		there, err := w.look(ctx)
		if err != nil {
			return nil, w.late(err)
		}
		if len(there) == len(w.ids) || w.Any && len(there) > 0 {
			return there, nil
		}
		if q.Wait > 0 {
			w.progress()
			q.Wait = patience
		} else {
			q.Last, q.Limit, q.Wait = false, 0, cmdutil.Soon
		}
	}
}

// progress tells where the tasks stand, if it takes long and that is news.
func (w *waiter) progress() {
	if where := w.where(); where != w.said && w.Now().Sub(w.began) >= cmdutil.Soon {
		w.Progress("waiting: %s", where)
		w.said = where
	}
}

// look returns the tasks that have the status now.
//
// Errors: conflict if they can no longer get there; not_found.
func (w *waiter) look(ctx context.Context) ([]client.Task, error) {
	page, err := w.c.Tasks(ctx, w.board, client.TaskQuery{IDs: w.ids, Archived: true, Limit: max(len(w.ids), 1)})
	if err != nil {
		return nil, err
	}
	w.tasks = page.Items
	var there []client.Task
	var over error // why a task will not get there
	overs := 0
	for _, id := range w.ids {
		i := slices.IndexFunc(w.tasks, func(t client.Task) bool { return t.ID == id })
		switch {
		case i < 0:
			return nil, exit.About{ID: id, Err: kanban.Errorf(kanban.NotFound, "there is no task %s any more", id)}
		case slices.Contains(w.For, w.tasks[i].Status):
			there = append(there, w.tasks[i])
		case w.over(w.tasks[i]):
			over = exit.About{ID: id, Err: kanban.Errorf(kanban.Conflict, "%s is %s: it will not be %s", id, w.tasks[i].Status,
				strings.Join(w.For, " or ")).In(kanban.Status(w.tasks[i].Status))}
			overs++
		}
	}
	if overs == len(w.ids) || overs > 0 && !w.Any {
		return nil, over
	}
	return there, nil
}

// over reports whether a task has ended and nothing that is waited for can
// follow by itself: retention archives what is done.
func (w *waiter) over(t client.Task) bool {
	return t.Status == string(kanban.Archived) ||
		t.Status == string(kanban.Done) && !slices.Contains(w.For, string(kanban.Archived))
}

// late adds to a timeout where the tasks stand.
func (w *waiter) late(err error) error {
	if !errors.Is(err, exit.ErrTimeout) {
		return err
	}
	if where := w.where(); where != "" {
		return fmt.Errorf("%w: %s", err, where)
	}
	return err
}

// where tells how the tasks stand that are waited for.
func (w *waiter) where() string {
	var words []string
	for _, t := range w.tasks {
		if !slices.Contains(w.For, t.Status) {
			words = append(words, t.ID+" is "+t.Status)
		}
	}
	return strings.Join(words, ", ")
}

func (o *Options) tell(tasks []client.Task) error {
	p := o.Printer()
	if len(tasks) == 1 && len(o.Tasks) == 1 {
		return p.Said(tasks[0], tasks[0].ID, "%s is %s", tasks[0].ID, p.Status(tasks[0].Status))
	}
	return output.List(p, tasks, "", func(t client.Task) string { return t.ID }, func(tasks []client.Task) {
		for _, t := range tasks {
			p.Line("%s is %s", t.ID, p.Status(t.Status))
		}
	})
}
