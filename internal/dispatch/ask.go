package dispatch

import (
	"context"
	"slices"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker"
)

// Ask is a request for a task by a worker that Andon does not start: a guest.
// Its claim counts in all caps, and what keeps other work of the lane from
// starting keeps it, too.
type Ask struct {
	By   kanban.Actor  // humans only
	Task string        // this one, or "": the next of Lane
	Lane string        // of the next task
	TTL  time.Duration // how long the claim holds without a heartbeat; 0 = as configured
	Wait time.Duration // how long it may wait for a task; 0 = not at all

	// Tended asks for a folder and an order, as a supervisor gets them: the
	// guest starts its worker with their marks on this machine, and Front, whose
	// end is the end of the run, says how it ended.
	Tended bool
	Front  worker.Identity
}

// Given answers an Ask.
type Given struct {
	board.Claimed
	Order *worker.Order // of a tended one; without the command
}

// asking is an Ask that waits for its turn.
type asking struct {
	Ask
	board   string
	until   time.Time // it may wait; monotonic
	over    context.Context
	given   chan Given
	refused chan error // holds one
	why     error      // it was not served yet
}

// Claim serves an ask in the dispatcher's own order, so that its claims and
// those of guests cannot pass a cap together. Waiting asks are served before new
// work is started.
//
// Errors: gated or exhausted, with the reason, if there was no task until Wait
// had passed; conflict if the task is running or has ended; unavailable if the
// board is not being tended.
func (d *Dispatcher) Claim(ctx context.Context, slug string, a Ask) (Given, error) {
	over, cancel := context.WithCancel(ctx)
	defer cancel()
	q := &asking{Ask: a, board: slug, until: time.Now().Add(a.Wait), over: over, given: make(chan Given), refused: make(chan error, 1)}
	d.mu.Lock()
	d.asks = append(d.asks, q)
	d.mu.Unlock()
	d.signal()
	late := time.NewTimer(a.Wait)
	defer late.Stop()
	if a.Wait <= 0 {
		late.Stop() // it is answered at its first turn
	}
	for {
		select {
		case g := <-q.given:
			return g, nil
		case err := <-q.refused:
			return Given{}, err
		case <-ctx.Done():
			d.claiming.take() // it is not being served any more
			d.drop(q)
			d.claiming.give()
			return Given{}, context.Cause(ctx)
		case <-late.C:
			if why := d.withdraw(q); why != nil {
				return Given{}, why
			} // else it is being served, or is answered at its first turn
		}
	}
}

// withdraw takes an ask back and returns what kept it, nil if it is not there any
// more or had no turn yet.
func (d *Dispatcher) withdraw(q *asking) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.Index(d.asks, q)
	if i < 0 || q.why == nil {
		return nil
	}
	d.asks = slices.Delete(d.asks, i, i+1)
	return q.why
}

// drop forgets an ask.
func (d *Dispatcher) drop(q *asking) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asks = slices.DeleteFunc(d.asks, func(other *asking) bool { return other == q })
}

// Asking counts the asks that wait.
func (d *Dispatcher) Asking() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.asks)
}

// serve gives tasks to those who ask, first come first served.
func (d *Dispatcher) serve(ctx context.Context) {
	d.mu.Lock()
	waiting := slices.Clone(d.asks)
	d.mu.Unlock()
	type queue struct{ board, lane string }
	dry := map[queue]error{}
	for _, q := range waiting {
		at := queue{q.board, q.Lane}
		err := dry[at]
		if err == nil || q.Task != "" {
			err = d.serveOne(ctx, q)
		}
		if err == nil || ctx.Err() != nil {
			continue
		}
		if q.Task == "" {
			dry[at] = err
		}
		d.refuse(q, err)
	}
}

// refuse answers an ask, unless it may wait for what keeps it.
func (d *Dispatcher) refuse(q *asking, err error) {
	code := kanban.CodeOf(err)
	passing := code == kanban.Gated || code == kanban.Exhausted || code == kanban.Unavailable
	d.mu.Lock()
	q.why = err
	d.mu.Unlock()
	if passing && time.Now().Before(q.until) {
		return
	}
	d.drop(q)
	q.refused <- err
}

func (d *Dispatcher) serveOne(ctx context.Context, q *asking) error {
	d.claiming.take()
	defer d.claiming.give()
	if q.over.Err() != nil {
		d.drop(q)
		return nil
	}
	d.mu.Lock()
	t := d.boards[q.board]
	d.mu.Unlock()
	if t == nil || !t.sound {
		return kanban.Errorf(kanban.Unavailable, "board %s is not being tended", q.board).Hint("andon doctor  says why; or try again")
	}
	d.open(ctx)
	claimed, err := d.give(ctx, t, q)
	if err != nil {
		return err
	}
	d.drop(q)
	if d.watches(t.Slug(), claimed.Run.ID) { // the answer to the same request got lost
		go q.answer(Given{Claimed: claimed})
		return nil
	}
	r := d.newRun(t.Board, claimed.Run)
	lane := d.Config().Lanes[claimed.Run.Lane]
	r.terms = termsOf(claimed.Run, lane)
	r.terms.Front, r.early = kanban.Process(q.Front), true
	d.watch(r, func(ctx context.Context) { r.host(ctx, q, start{claim: claimed, lane: lane}) })
	return nil
}

func (d *Dispatcher) watches(slug string, run int64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.runs[runKey{slug, run}] != nil
}

// answer reports whether somebody was there to take it.
func (q *asking) answer(g Given) bool {
	select {
	case q.given <- g:
		return true
	case <-q.over.Done():
		return false
	}
}

// give claims the task asked for, or the next of the lane.
func (d *Dispatcher) give(ctx context.Context, t *tended, q *asking) (board.Claimed, error) {
	o := board.Offer{Lane: q.Lane, Epoch: t.epoch, By: q.By, TTL: q.TTL, Tree: q.Tended, Place: d.placing(t.Slug()), HeldRepos: d.heldRepos(), Spending: d.spending(ctx)}
	t.unsummed.Store(true)
	if q.Task != "" {
		e, err := t.Explain(ctx, q.Task)
		if err == nil {
			err = d.openly(q, e.Task.Assignee)
		}
		if err == nil {
			err = keptBy(e.Gates, "task "+q.Task, kanban.GateLane)
		}
		if err != nil {
			return board.Claimed{}, err
		}
		ctx := q.over // with the caller's operation id: who asks again is answered as before
		if q.Tended {
			ctx = board.WithOperation(ctx, "", "") // but an order is given once
		}
		return t.Take(ctx, q.Task, o)
	}
	if err := d.openly(q, q.Lane); err != nil {
		return board.Claimed{}, err
	}
	if err := keptBy(t.Barriers(q.Lane), "lane "+q.Lane, ""); err != nil {
		return board.Claimed{}, err
	}
	claimed, ok, err := t.ClaimNext(ctx, o)
	if err == nil && !ok {
		err = kanban.Errorf(kanban.Gated, "lane %s has no task on board %s that may start now", q.Lane, t.Slug()).
			Hint("andon list --lane %s  shows what there is; --wait 10m  waits for one", q.Lane)
	}
	return claimed, err
}

// openly refuses a tended worker of a lane with walls: it would work without them.
func (d *Dispatcher) openly(q *asking, lane string) error {
	if !q.Tended || !d.Config().Lanes[lane].Sandbox.On() {
		return nil
	}
	return kanban.Errorf(kanban.Invalid, "lane %s has a sandbox, and andon run builds none around a command", lane).
		Hint("give the task to a lane without one: andon assign TASK LANE; or let the gateway start its worker")
}

// keptBy is the refusal that the first closed gate stands for, nil without one.
func keptBy(gates []kanban.Gate, what string, but kanban.GateKind) error {
	for _, g := range gates {
		if g.Kind == but {
			continue
		}
		code := kanban.Gated
		if g.Kind == kanban.GateCap || g.Kind == kanban.GateBudget {
			code = kanban.Exhausted
		}
		if g.Kind == kanban.GateEnded {
			code = kanban.Conflict
		}
		return kanban.Errorf(code, "%s cannot be claimed: %s", what, g.Reason).Hint("%s", g.Command)
	}
	return nil
}
