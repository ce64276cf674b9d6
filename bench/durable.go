package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// durable measures claims and completions that are safe on disk: with run row
// and events, two commits each, by one caller and by many. The peer is the same
// code with a transaction for each operation, as a queue does it that has no
// group commit. They take turns, so that what else the machine does meets all.
func durable(ctx context.Context, b *bench) ([]Figure, error) {
	h, err := b.newHome("durable")
	if err != nil {
		return nil, err
	}
	defer h.Close()
	grouped, err := h.board(ctx, "default", nil)
	if err != nil {
		return nil, err
	}
	single, err := h.board(ctx, "default", func(s store.Store) store.Store { return &singly{Store: s} })
	if err != nil {
		return nil, err
	}
	epoch, err := grouped.Own(ctx)
	if err != nil {
		return nil, err
	}
	mixes := []*mix{{board: grouped, callers: 1}, {board: grouped, callers: many}, {board: single, callers: many}}
	for range pick(b, 5, 3) {
		for _, m := range mixes {
			if err := m.round(ctx, grouped, epoch, pick(b, 3*time.Second, time.Second)); err != nil {
				return nil, err
			}
		}
	}
	alone, together, one := median(mixes[0].rates), median(mixes[1].rates), median(mixes[2].rates)
	return []Figure{
		{Name: "claim and complete, durable, 1 caller", Value: alone, Unit: "tasks/s"},
		Figure{Name: fmt.Sprintf("claim and complete, durable, %d callers, one transaction each", many), Value: one, Unit: "tasks/s"}.beside("1 caller", alone),
		Figure{Name: fmt.Sprintf("claim and complete, durable, %d callers, group commit", many), Value: together, Unit: "tasks/s"}.
			beside("one transaction each", one).ratioAtLeast("S2", 5),
	}, nil
}

const many = 64

// singly keeps operations out of each other's transactions.
type singly struct {
	store.Store
	turn sync.Mutex
}

func (s *singly) Update(ctx context.Context, fn func(store.Tx) error) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	return s.Store.Update(ctx, fn)
}

// mix is a number of callers on a board, and how many tasks they did per second
// in each round.
type mix struct {
	board   *board.Board
	callers int
	rates   []float64
}

// round works for a span on a board with plenty to do.
func (m *mix) round(ctx context.Context, b *board.Board, epoch int64, span time.Duration) error {
	stats, err := b.Stats(ctx)
	if err != nil {
		return err
	}
	enough := int(span.Seconds() * 10_000)
	if missing := enough - stats.ByStatus[kanban.Ready]; missing > 0 {
		_, err := stock(ctx, b, missing, func(i int) board.NewTask {
			return board.NewTask{Title: fmt.Sprintf("Task %d", i), Body: body, Assignee: lane, Priority: i % 5}
		})
		if err != nil {
			return err
		}
	}
	var done atomic.Int64
	begun := time.Now()
	err = together(m.callers, m.callers, func(int) error {
		for time.Since(begun) < span {
			if err := m.one(ctx, epoch); err != nil {
				return err
			}
			done.Add(1)
		}
		return nil
	})
	m.rates = append(m.rates, float64(done.Load())/time.Since(begun).Seconds())
	return err
}

// one claims and completes a task.
func (m *mix) one(ctx context.Context, epoch int64) error {
	c, ok, err := m.board.ClaimNext(ctx, board.Offer{Lane: lane, Epoch: epoch})
	if err != nil {
		return err
	}
	if !ok {
		return errors.New("nothing to claim")
	}
	lease := kanban.Lease{Task: c.Task.ID, Run: c.Run.ID, Token: c.Token}
	_, err = m.board.Complete(ctx, kanban.Actor{Kind: kanban.Worker, Task: c.Task.ID, Run: c.Run.ID}, lease, kanban.Handoff{Summary: "done"})
	return err
}
