package notify_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/memory"
)

// counted is a store that knows how often it was used.
type counted struct {
	*memory.Store
	reads, writes atomic.Int64
}

func (c *counted) View(ctx context.Context, fn func(store.Reader) error) error {
	c.reads.Add(1)
	return c.Store.View(ctx, fn)
}

func (c *counted) Update(ctx context.Context, fn func(store.Tx) error) error {
	c.writes.Add(1)
	return c.Store.Update(ctx, fn)
}

// TestIdleSubscriptionsCostNothing: how many there are does not matter, until
// something happens that they want to hear of.
func TestIdleSubscriptionsCostNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &counted{Store: memory.New()}
		b := newBoard("default", s)
		made, err := b.Create(t.Context(), human, board.NewTask{Title: "nobody asks about it"})
		if err != nil {
			t.Fatal(err)
		}
		h := newHouse(t, b)
		h.sinks["ops"] = newDestination(t).sink
		for i := range 1000 {
			sub := store.Subscription{Task: made.Task.ID, Sink: "ops", Target: fmt.Sprint(i)}
			if _, _, err := b.Subscribe(t.Context(), human, sub); err != nil {
				t.Fatal(err)
			}
		}
		during := func(do func()) (reads, writes int64) {
			synctest.Wait()
			r, w := s.reads.Load(), s.writes.Load()
			do()
			synctest.Wait()
			return s.reads.Load() - r, s.writes.Load() - w
		}
		if reads, writes := during(func() { time.Sleep(24 * time.Hour) }); reads != 0 || writes != 0 {
			t.Errorf("in a quiet day there were %d reads and %d writes", reads, writes)
		}
		reads, writes := during(func() {
			if _, err := b.Comment(t.Context(), human, made.Task.ID, "nothing that anybody subscribed to"); err != nil {
				t.Fatal(err)
			}
		})
		if reads > 5 || writes != 1 {
			t.Errorf("a comment made %d reads and %d writes", reads, writes)
		}
	})
}
