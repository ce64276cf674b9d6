package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// history measures what a claim, a promotion, a message and a page cost on
// boards with little and with much behind them. The boards take turns, so that
// what else the machine does meets all of them.
func history(ctx context.Context, b *bench) ([]Figure, error) {
	sizes := pick(b, []int{1_000, 100_000, 1_000_000}, []int{1_000, 20_000})
	boards := make([]*aged, len(sizes))
	for i, size := range sizes {
		var err error
		if boards[i], err = newAged(ctx, b, size); err != nil {
			return nil, err
		}
		defer boards[i].home.Close()
		defer boards[i].unwatch()
	}
	for range pick(b, 5, 3) {
		for _, a := range boards {
			if err := a.round(ctx); err != nil {
				return nil, err
			}
		}
	}
	return compare(boards), nil
}

// compare puts each board's costs beside those of the smallest.
func compare(boards []*aged) []Figure {
	var figures []Figure
	for _, what := range costs {
		smallest := boards[0].took[what].percentile(50)
		for i, a := range boards {
			f := Figure{Name: fmt.Sprintf("%s at %d tasks of history, p50", what, a.size), Value: a.took[what].percentile(50), Unit: "ms"}
			if i > 0 {
				f = f.beside(fmt.Sprintf("at %d", boards[0].size), smallest).ratioAtMost("S3", 2)
			}
			figures = append(figures, f)
		}
	}
	return figures
}

// What is measured.
const (
	claim      = "claim"
	promotion  = "complete, with one child promoted"
	message    = "message read and noted"
	page       = "page of 100"
	column     = "page of 100 done"
	newestDone = "page of 100 done, newest first"
	drawn      = "200 cards of done, with counts"
	counts     = "counts of a board"
)

var costs = []string{claim, promotion, message, page, column, newestDone, drawn, counts}

// aged is a board with a history.
type aged struct {
	*board.Board
	home  *home
	size  int
	epoch int64
	place int64 // where the messages go
	took  map[string]times

	unwatch func()
}

func newAged(ctx context.Context, b *bench, size int) (*aged, error) {
	h, err := b.newHome(fmt.Sprintf("history-%d", size))
	if err != nil {
		return nil, err
	}
	a := &aged{home: h, size: size, took: map[string]times{}}
	if a.Board, err = h.board(ctx, "default", nil); err != nil {
		return nil, err
	}
	if err := age(ctx, a.Store(), size); err != nil {
		return nil, err
	}
	_, a.unwatch = a.Store().Changes() // as a gateway does
	if a.epoch, err = a.Own(ctx); err != nil {
		return nil, err
	}
	sub, _, err := a.Subscribe(ctx, me, store.Subscription{Sink: "file", Kinds: []kanban.EventKind{kanban.EvCompleted}})
	a.place = sub.Destination
	return a, err
}

// age writes done tasks, each with a run and three events, past the use cases:
// they would take too long for a million.
func age(ctx context.Context, s store.Store, size int) error {
	const batch = 5_000
	spread := math.MaxUint32 / uint32(size) // over all ids, ascending: an index is filled fastest from left to right
	for from := 0; from < size; from += batch {
		err := s.Update(ctx, func(tx store.Tx) error {
			for i := from; i < min(from+batch, size); i++ {
				if err := ageOne(tx, i, spread*uint32(i), time.Now().Add(-time.Duration(size-i)*time.Second)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func ageOne(tx store.Tx, i int, id uint32, at time.Time) error {
	task := kanban.Task{
		ID: fmt.Sprintf("t_%08x", id), Title: fmt.Sprintf("Old task %d", i), Body: body, Assignee: lane,
		Status: kanban.Done, Priority: i % 5, CreatedBy: me.Name, CreatedAt: at, StartedAt: at, CompletedAt: at.Add(time.Second),
		UpdatedAt: at.Add(time.Second), Workspace: kanban.Workspace{Kind: kanban.Scratch},
	}
	if err := tx.InsertTask(task); err != nil {
		return err
	}
	run, err := tx.InsertRun(kanban.Run{
		Task: task.ID, Lane: lane, Attempt: 1, Outcome: kanban.Completed, StartedAt: at, EndedAt: task.CompletedAt, Summary: "done",
	})
	if err != nil {
		return err
	}
	for _, kind := range []kanban.EventKind{kanban.EvCreated, kanban.EvClaimed, kanban.EvCompleted} {
		e := kanban.Event{Task: task.ID, Run: run, Kind: kind, At: at, Payload: map[string]any{"by": me.Name}}
		if _, err := tx.AddEvent(e); err != nil {
			return err
		}
	}
	return nil
}

const perRound = 100

// round does everything perRound times, on tasks created for it.
func (a *aged) round(ctx context.Context) error {
	parents, err := stock(ctx, a.Board, perRound, func(i int) board.NewTask {
		return board.NewTask{Title: fmt.Sprintf("Task %d", i), Body: body, Assignee: lane, Priority: i % 5}
	})
	if err != nil {
		return err
	}
	_, err = stock(ctx, a.Board, perRound, func(i int) board.NewTask {
		return board.NewTask{Title: fmt.Sprintf("Follow-up %d", i), Assignee: waiting, Parents: parents[i : i+1]}
	})
	if err != nil {
		return err
	}
	for range perRound {
		if err := errors.Join(a.work(ctx), a.tell(ctx), a.read(ctx)); err != nil {
			return err
		}
	}
	return nil
}

// clock times one call.
func (a *aged) clock(what string, do func() error) error {
	begun := time.Now()
	err := do()
	a.took[what] = append(a.took[what], time.Since(begun))
	return err
}

func (a *aged) work(ctx context.Context) error {
	var c board.Claimed
	err := a.clock(claim, func() error {
		if _, err := a.NextLane(ctx, []string{lane}, nil, nil); err != nil {
			return err
		}
		var ok bool
		var err error
		if c, ok, err = a.ClaimNext(ctx, board.Offer{Lane: lane, Epoch: a.epoch}); err == nil && !ok {
			err = errors.New("nothing to claim")
		}
		return err
	})
	if err != nil {
		return err
	}
	return a.clock(promotion, func() error {
		lease := kanban.Lease{Task: c.Task.ID, Run: c.Run.ID, Token: c.Token}
		_, err := a.Complete(ctx, kanban.Actor{Kind: kanban.Worker, Task: c.Task.ID, Run: c.Run.ID}, lease, kanban.Handoff{Summary: "done"})
		return err
	})
}

func (a *aged) tell(ctx context.Context) error {
	return a.clock(message, func() error {
		due, err := a.Queue(ctx, a.place)
		if err != nil {
			return err
		}
		if len(due.Next) != 1 {
			return fmt.Errorf("%d messages are due instead of one", len(due.Next))
		}
		d := due.Next[0].Delivery
		d.State, d.DoneAt = store.Delivered, time.Now()
		return a.Note(ctx, board.Outcome{Deliveries: []store.Delivery{d}})
	})
}

// read asks for the pages that people look at. The first count is of all tasks.
func (a *aged) read(ctx context.Context) error {
	done := []kanban.Status{kanban.Done}
	return errors.Join(
		a.list(ctx, page, store.TaskQuery{Limit: 100}),
		a.list(ctx, column, store.TaskQuery{Limit: 100, Statuses: done}),
		a.list(ctx, newestDone, store.TaskQuery{Limit: 100, Statuses: done, Sort: store.ByCreatedDesc}),
		a.clock(drawn, func() error {
			_, err := a.Cards(ctx, store.TaskQuery{Limit: 200, Statuses: done})
			return err
		}),
		a.clock(counts, func() error {
			_, err := a.Stats(ctx)
			return err
		}))
}

func (a *aged) list(ctx context.Context, what string, q store.TaskQuery) error {
	return a.clock(what, func() error {
		_, _, err := a.List(ctx, q, true)
		return err
	})
}
