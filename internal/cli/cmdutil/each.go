package cmdutil

import (
	"context"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/cli/output"
	"github.com/andon-dev/andon/internal/kanban"
)

// Action does one thing to one task.
type Action func(ctx context.Context, c *client.Client, board, id string) (client.Task, error)

// Deleted is what Each tells of tasks that have no status any more.
const Deleted = "Deleted"

// Completed is what is told of a task that is done, which one that is verified or
// reviewed first is not yet.
const Completed = "Completed"

// Submitted is what is told of a task in review, which one that is verified first
// is not yet.
const Submitted = "Submitted"

// Each acts on every task and tells of each: "<past> <id> (<status>)". All are
// tried; if some fail and some do not, the status is that of partly done.
func (f *Factory) Each(ctx context.Context, args []string, past string, act Action) error {
	ids, err := f.IDs(args)
	if err != nil {
		return err
	}
	c, board, err := f.Open(ctx)
	if err != nil {
		return err
	}
	if len(ids) == 1 {
		t, err := act(ctx, c, board, ids[0])
		if err != nil {
			return exit.About{ID: ids[0], Err: err}
		}
		return f.SayTask(past, t)
	}
	var done []client.Task
	var failed []error
	for _, id := range ids {
		t, err := act(ctx, c, board, id)
		if err != nil {
			failed = append(failed, exit.About{ID: id, Err: err})
			continue
		}
		done = append(done, t)
	}
	return f.tellEach(past, done, failed)
}

// SayTask tells what became of one task.
func (f *Factory) SayTask(past string, t client.Task) error {
	p := f.Printer()
	return p.Said(t, t.ID, "%s", sentence(p, past, t))
}

func sentence(p *output.Printer, past string, t client.Task) string {
	if past == Deleted {
		return past + " " + t.ID
	}
	if past == Completed && t.Status != string(kanban.Done) || past == Submitted && t.Status != string(kanban.Review) {
		past = "Handed in" // it is verified or reviewed first
	}
	return past + " " + t.ID + " (" + p.Status(t.Status) + ")"
}

func (f *Factory) tellEach(past string, done []client.Task, failed []error) error {
	p := f.Printer()
	name := func(t client.Task) string { return t.ID }
	err := output.List(p, done, "", name, func(tasks []client.Task) {
		for _, t := range tasks {
			p.Line("%s", sentence(p, past, t))
		}
	})
	if err != nil || len(failed) == 0 {
		return err
	}
	for _, err := range failed {
		f.Complain(err)
	}
	if len(done) > 0 {
		return exit.Said{Status: exit.Partly}
	}
	return exit.Said{Status: exit.Of(failed[0])}
}
