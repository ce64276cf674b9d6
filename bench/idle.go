package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// idle measures what a gateway takes that has nothing to do: five boards, each
// with tasks that wait; and then the same when everybody wants to hear of
// something on one of them.
func idle(ctx context.Context, b *bench) ([]Figure, error) {
	alone, err := b.idleWith(ctx, 0)
	if err != nil {
		return nil, err
	}
	n := pick(b, listeners, 1000)
	with, err := b.idleWith(ctx, n)
	return idleFigures(alone, with, n), err
}

const (
	idleBoards = 5
	listeners  = 10_000
)

// idleWith watches the gateway of a home with so many subscriptions, of which
// the backups of the day are made.
func (b *bench) idleWith(ctx context.Context, listeners int) (t taken, err error) {
	h, err := b.newHome(fmt.Sprint("idle", listeners))
	if err != nil {
		return t, err
	}
	for i := range idleBoards {
		slug, hear := "default", listeners
		if i > 0 {
			slug, hear = fmt.Sprintf("board-%d", i), 0
			err = h.Create(ctx, store.BoardInfo{Slug: slug})
		}
		if err == nil {
			err = h.settle(ctx, slug, hear)
		}
		if err != nil {
			return t, err
		}
	}
	config := fmt.Sprintf("notify: {sinks: {ops: {type: file, path: %s}}}\n", filepath.Join(b.dir, "told.jsonl"))
	if err := errors.Join(h.configure(config), h.Close()); err != nil {
		return t, err
	}
	d, err := b.startGateway(ctx, h.path)
	if err != nil {
		return t, err
	}
	time.Sleep(pick(b, 40*time.Second, 5*time.Second)) // readers opened at the start close after 30 s
	t, err = watchIdle(d.cmd.Process.Pid, h.path, pick(b, 30*time.Second, 10*time.Second))
	return t, errors.Join(err, d.stop())
}

// settle fills a board and makes its backup of the day.
func (h *home) settle(ctx context.Context, slug string, listeners int) error {
	one, err := h.board(ctx, slug, nil)
	if err == nil {
		err = crowd(ctx, one, 200)
	}
	if err == nil {
		err = hearAll(ctx, one, listeners)
	}
	if err == nil {
		_, err = h.Backup(ctx, slug, store.BackupOptions{Kind: store.ScheduledBackup})
	}
	return err
}

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

// watchIdle samples a gateway and its supervisors.
func watchIdle(pid int, home string, span time.Duration) (t taken, err error) {
	stood, err := traces(home)
	if err != nil {
		return t, err
	}
	before, err := usage(pid)
	if err != nil {
		return t, err
	}
	begun := time.Now()
	time.Sleep(span)
	if t.used, err = usage(pid); err != nil {
		return t, err
	}
	share := func(cpu time.Duration) float64 { return 100 * cpu.Seconds() / time.Since(begun).Seconds() }
	t.gateway, t.supervisors = share(t.cpu-before.cpu), share(t.childCPU-before.childCPU)
	stand, err := traces(home)
	t.wrote = stand != stood
	return t, err
}

// taken is what an idle gateway and its warm supervisors took within a span.
type taken struct {
	gateway, supervisors float64 // percent of a core
	wrote                bool    // to the default board
	used                         // at the end
}

func idleFigures(alone, with taken, listeners int) []Figure {
	who := "idle gateway, 5 boards"
	heard := fmt.Sprintf("%s, %d subscriptions", who, listeners)
	writes := 0.0
	if with.wrote {
		writes = 1
	}
	return []Figure{
		Figure{Name: who + ": processor", Value: alone.gateway, Unit: "% of a core"}.atMost("S4", 0.1),
		Figure{Name: who + ": resident memory", Value: mb(alone.resident), Unit: "MB"}.atMost("S4", 60),
		{Name: "its warm supervisors: processor", Value: alone.supervisors, Unit: "% of a core"},
		{Name: "gateway and warm supervisors: their share of memory (PSS)", Value: mb(alone.share), Unit: "MB"},
		Figure{Name: heard + ": processor", Value: with.gateway, Unit: "% of a core"}.atMost("S4", 0.1).beside("without", alone.gateway),
		Figure{Name: heard + ": resident memory", Value: mb(with.resident), Unit: "MB"}.atMost("S4", 60).beside("without", mb(alone.resident)),
		Figure{Name: "writes to the board that has them (0 = none)", Value: writes}.atMost("heard", 0),
	}
}

func mb(bytes int64) float64 { return float64(bytes) / 1e6 }

// used is what a process and its children take.
type used struct {
	cpu, childCPU time.Duration
	resident      int64 // bytes, of the process alone
	share         int64 // bytes, of all; pages of several processes count once
}
