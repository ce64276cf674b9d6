//go:build linux

package heard

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/andon-dev/andon/client"
)

const (
	workers = 8
	again   = 50 * time.Millisecond // before a question that got no answer is repeated
)

// kinds are what is subscribed: what comes after a task was made.
var kinds = []string{"blocked", "unblocked", "completed"}

// load takes tasks through their lives, so many changes a second, until ctx
// ends. It returns how many changes were made.
func (h *house) load(ctx context.Context, perSecond int) int64 {
	ticks := pace(ctx, perSecond)
	var made atomic.Int64
	var all sync.WaitGroup
	for worker := range workers {
		all.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				h.live(ctx, ticks, &made, fmt.Sprintf("w%d-%d", worker, n))
			}
		})
	}
	all.Wait()
	return made.Load()
}

// pace gives so many ticks a second. Those of while the gateway was away are given
// when it is back.
func pace(ctx context.Context, perSecond int) <-chan struct{} {
	ticks := make(chan struct{}, 10*perSecond)
	go func() {
		t := time.NewTicker(time.Second / time.Duration(perSecond))
		defer t.Stop()
		for began, given := time.Now(), 0; ; {
			for ; given < int(time.Since(began).Seconds()*float64(perSecond)); given++ {
				select {
				case ticks <- struct{}{}:
				case <-ctx.Done():
					return
				}
			}
			select {
			case <-t.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	return ticks
}

// live takes one task from its making to its end. What was begun is finished
// even if ctx ends meanwhile.
func (h *house) live(ctx context.Context, ticks <-chan struct{}, made *atomic.Int64, name string) {
	var task string
	for _, step := range []func(context.Context) error{
		func(ctx context.Context) error {
			t, err := h.api.CreateTask(ctx, board, client.TaskCreate{Title: name})
			task = t.ID
			return err
		},
		func(ctx context.Context) error {
			_, err := h.api.Block(ctx, board, task, client.BlockRequest{Reason: "Which port?"})
			return err
		},
		func(ctx context.Context) error { _, err := h.api.Unblock(ctx, board, task, ""); return err },
		func(ctx context.Context) error {
			_, err := h.api.Complete(ctx, board, task, client.Handoff{Summary: "good"})
			return err
		},
	} {
		select {
		case <-ticks:
		case <-ctx.Done():
			if task == "" {
				return
			}
		}
		made.Add(1)
		if err := insist(fmt.Sprintf("%s-%d", name, made.Load()), step); err != nil {
			h.Errorf("%s: %v", name, err)
			return
		}
	}
}

// insist asks under one operation id until there is an answer.
func insist(id string, ask func(context.Context) error) error {
	ctx := client.WithOperation(context.Background(), id)
	for {
		err := ask(ctx)
		if !away(err) {
			return err
		}
		time.Sleep(again) // the gateway is dead, and nobody tells when there is another
	}
}

// away reports whether no answer came, or none for now.
func away(err error) bool {
	var refusal *client.Error
	if errors.As(err, &refusal) {
		return refusal.Code == "unavailable"
	}
	return errors.Is(err, client.ErrNoGateway) || errors.Is(err, client.ErrLost) || errors.Is(err, context.DeadlineExceeded)
}
