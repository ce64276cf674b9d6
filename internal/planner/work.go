package planner

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

// maxTries is how often one wish for a plan is paid for. Then somebody has to
// ask again.
const maxTries = 5

// Mind makes plans.
type Mind interface {
	// Name is a model's, or a lane's.
	Name() string
	// Answer returns what it says to a question, before ctx ends. Its errors
	// are *Trouble where it knows more than that it failed; none holds a
	// secret.
	Answer(ctx context.Context, q Question) (string, error)
}

// Trouble is why there is no answer.
type Trouble struct {
	Reason string
	After  time.Duration // not earlier than after this; 0 = as usual
	Final  bool          // the same question will not be answered either
}

func (t *Trouble) Error() string { return t.Reason }

func troublef(final bool, format string, args ...any) *Trouble {
	return &Trouble{Reason: fmt.Sprintf(format, args...), Final: final}
}

// work makes one plan, or notes why there is none. It never panics: what a mind
// does is its own.
func (d *desk) work(ctx context.Context, p board.Planning) {
	err := d.plan(ctx, p)
	if err == nil || ctx.Err() != nil {
		return // a planner that ends leaves the wish as it is, for the next one
	}
	if kanban.CodeOf(err) == kanban.Conflict {
		d.log.Info("a plan came too late", "task", p.Task.ID, "why", err)
		return
	}
	f := d.trouble(p, err)
	d.log.Warn("there is no plan", "task", p.Task.ID, "reason", f.Reason, "retry", f.Retry)
	if err := d.board.FailPlan(ctx, p, f); err != nil && kanban.CodeOf(err) != kanban.Conflict && ctx.Err() == nil {
		d.log.Error("cannot note why there is no plan", "task", p.Task.ID, "err", err)
	}
}

func (d *desk) plan(ctx context.Context, p board.Planning) error {
	s := d.Settings()
	switch {
	case p.Helper != "" && p.State == board.PlanAsked:
		return d.takeOver(ctx, p)
	case !s.any():
		return troublef(true, "there is no planner any more")
	}
	shown, err := d.board.Show(ctx, p.Task.ID)
	if err != nil {
		return err
	}
	q, err := ask(p, shown, s, d.Random)
	if err != nil {
		return err
	}
	if s.Lane != "" {
		return d.board.StartPlanTask(ctx, p, q.Rules+"\n"+handOver+"\n"+q.Data)
	}
	answer, err := bounded(ctx, s, q)
	if err != nil {
		return err
	}
	return d.propose(ctx, p, s.Mind.Name(), answer)
}

// handOver tells a run how to give its answer.
const handOver = `Hand the JSON object over as the summary of your run, or as "plan" in its metadata:
andon complete --metadata '{"plan": {...}}'. Change nothing on the board otherwise.
`

// takeOver reads what the run of a lane answered.
func (d *desk) takeOver(ctx context.Context, p board.Planning) error {
	answer, err := d.board.PlanAnswer(ctx, p.Helper)
	switch kanban.CodeOf(err) {
	case "":
		return d.propose(ctx, p, p.Helper, answer)
	case kanban.Gated, kanban.NotFound:
		return troublef(true, "%v", err)
	}
	return err
}

func (d *desk) propose(ctx context.Context, p board.Planning, mind, answer string) error {
	plan, err := Parse(p.Kind, answer)
	if err != nil {
		return err
	}
	_, err = d.board.Propose(ctx, p, mind, plan)
	return err
}

// bounded asks a mind in a goroutine of its own: one that hangs is left behind,
// one that panics has failed.
func bounded(ctx context.Context, s Settings, q Question) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	type reply struct {
		text string
		err  error
	}
	done := make(chan reply, 1)
	go func() {
		var r reply
		defer func() {
			if cause := recover(); cause != nil {
				r = reply{err: fmt.Errorf("the planner panicked: %v\n%s", cause, debug.Stack())}
			}
			done <- r
		}()
		r.text, r.err = s.Mind.Answer(ctx, q)
	}()
	select {
	case r := <-done:
		if r.err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return "", troublef(false, "no answer within %s", s.Timeout)
		}
		return r.text, r.err
	case <-ctx.Done():
		return "", troublef(false, "no answer within %s", s.Timeout)
	}
}

// trouble says when to try again after a failure.
func (d *desk) trouble(p board.Planning, err error) board.PlanTrouble {
	var t *Trouble
	if !errors.As(err, &t) {
		t = &Trouble{Reason: err.Error()}
	}
	if t.Final || p.Failed+1 >= maxTries {
		return board.PlanTrouble{Reason: t.Reason}
	}
	s := d.Settings()
	wait := s.Initial
	for range p.Failed {
		wait = min(2*wait, s.Max)
	}
	return board.PlanTrouble{Reason: t.Reason, Retry: d.Clock().Add(max(wait, t.After))}
}
