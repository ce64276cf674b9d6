package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// idle measures what a gateway takes that has nothing to do: five boards, each
// with tasks that wait, and on one of them everybody wants to hear of something.
func idle(ctx context.Context, b *bench) ([]Figure, error) {
	h, err := b.newHome("idle")
	if err != nil {
		return nil, err
	}
	for i := range idleBoards {
		slug := "default"
		if i > 0 {
			slug = fmt.Sprintf("board-%d", i)
			if err := h.Create(ctx, store.BoardInfo{Slug: slug}); err != nil {
				return nil, err
			}
		}
		one, err := h.board(ctx, slug, nil)
		if err == nil {
			err = crowd(ctx, one, 200)
		}
		if err == nil && i == 0 {
			err = hearAll(ctx, one, pick(b, listeners, 1000))
		}
		if err != nil {
			return nil, err
		}
	}
	if err := h.Close(); err != nil {
		return nil, err
	}
	d, err := b.startGateway(ctx, h.path)
	if err != nil {
		return nil, err
	}
	time.Sleep(pick(b, 40*time.Second, 5*time.Second)) // readers opened at the start close after 30 s
	before, err := traces(h.path)
	if err != nil {
		return nil, err
	}
	figures, err := watchIdle(d.cmd.Process.Pid, pick(b, 30*time.Second, 10*time.Second))
	if err != nil {
		return nil, err
	}
	after, err := traces(h.path)
	if err != nil {
		return nil, err
	}
	quiet := 0.0
	if after != before {
		quiet = 1
	}
	figures = append(figures, Figure{Name: "writes to the board that has the subscriptions (0 = none)", Value: quiet}.atMost("heard", 0))
	return figures, d.stop()
}

const (
	idleBoards = 5
	listeners  = 10_000
)

// hearAll makes subscriptions to tasks of a board, each of a place of its own.
func hearAll(ctx context.Context, b *board.Board, n int) error {
	tasks, _, err := b.List(ctx, store.TaskQuery{Limit: 200}, false)
	for i := range n {
		if err != nil {
			return err
		}
		s := store.Subscription{Task: tasks[i%len(tasks)].Task.ID, Sink: "ops", Target: fmt.Sprint("chat ", i)}
		_, _, err = b.Subscribe(ctx, kanban.Actor{Kind: kanban.Human, Name: "bench"}, s)
	}
	return err
}

// traces are what can be seen of writes to the default board without opening its
// files.
func traces(home string) (seen string, err error) {
	for _, name := range []string{"kanban.db", "kanban.db-wal"} {
		info, err := os.Stat(filepath.Join(home, name))
		if err != nil {
			return "", err
		}
		seen += fmt.Sprint(info.Size(), info.ModTime(), " ")
	}
	return seen, nil
}

// watchIdle samples the gateway, and it together with its supervisors.
func watchIdle(pid int, span time.Duration) ([]Figure, error) {
	before, err := usage(pid)
	if err != nil {
		return nil, err
	}
	begun := time.Now()
	time.Sleep(span)
	after, err := usage(pid)
	if err != nil {
		return nil, err
	}
	share := func(cpu time.Duration) float64 { return 100 * cpu.Seconds() / time.Since(begun).Seconds() }
	return []Figure{
		Figure{Name: "idle gateway, 5 boards, 10,000 subscriptions: processor", Value: share(after.cpu - before.cpu), Unit: "% of a core"}.atMost("S4", 0.1),
		Figure{Name: "idle gateway, 5 boards, 10,000 subscriptions: resident memory", Value: mb(after.resident), Unit: "MB"}.atMost("S4", 60),
		{Name: "its warm supervisors: processor", Value: share(after.childCPU - before.childCPU), Unit: "% of a core"},
		{Name: "gateway and warm supervisors: their share of memory (PSS)", Value: mb(after.share), Unit: "MB"},
	}, nil
}

func mb(bytes int64) float64 { return float64(bytes) / 1e6 }

// used is what a process and its children take.
type used struct {
	cpu, childCPU time.Duration
	resident      int64 // bytes, of the process alone
	share         int64 // bytes, of all; pages of several processes count once
}
