package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/sqlite"
)

// me is who creates the tasks.
var me = kanban.Actor{Kind: kanban.Human, Name: "bench"}

// The lanes of the benchmarks: work is taken from one, the others wait.
const (
	lane    = "builder"
	waiting = "people"
)

// home is a home of one's own, opened as the gateway opens it.
type home struct {
	*sqlite.Home
	path string
}

func (b *bench) newHome(name string) (*home, error) {
	path := filepath.Join(b.dir, name)
	h, err := sqlite.OpenHome(path, sqlite.Options{})
	return &home{h, path}, err
}

// board returns a board of the home. wrap, if not nil, stands between the use
// cases and the store.
func (h *home) board(ctx context.Context, slug string, wrap func(store.Store) store.Store) (*board.Board, error) {
	s, err := h.Open(ctx, slug)
	if err != nil {
		return nil, err
	}
	if wrap != nil {
		s = wrap(s)
	}
	return board.New(slug, s, board.Ports{Settings: settings, Situation: func() board.Situation { return board.Situation{} }, Work: noWork{}}), nil
}

func settings() board.Settings {
	return board.Settings{
		Retry: policy.Retry{MaxAttempts: 3, Initial: time.Second, Max: time.Minute},
		Lease: 15 * time.Minute, Lanes: map[string]board.Lane{lane: {}},
	}
}

// noWork is for runs without files.
type noWork struct{}

func (noWork) Diff(context.Context, kanban.Task, kanban.Run, string, string, bool, int) ([]byte, bool, error) {
	return nil, false, nil
}

func (noWork) Head(context.Context, kanban.Task, kanban.Run) (string, error) { return "", nil }

func (noWork) Commit(context.Context, kanban.Task, kanban.Run, string) (string, error) {
	return "", nil
}

func (noWork) Keep(context.Context, kanban.Run, []string) ([]kanban.Artifact, error) { return nil, nil }

// stock creates n tasks, many at once, and returns their ids.
func stock(ctx context.Context, b *board.Board, n int, task func(i int) board.NewTask) ([]string, error) {
	ids := make([]string, n)
	err := together(64, n, func(i int) error {
		made, err := b.Create(ctx, me, task(i))
		ids[i] = made.Task.ID
		return err
	})
	return ids, err
}

// together does something n times by several callers at once. The first error
// ends it.
func together(callers, n int, do func(i int) error) error {
	next := make(chan int)
	failed := make(chan error, callers)
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for i := range next {
				if err := do(i); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	defer all.Wait()
	defer close(next)
	for i := range n {
		select {
		case next <- i:
		case err := <-failed:
			return err
		}
	}
	return nil
}

// crowd puts n tasks on a board that will not run: half wait for a parent, half
// are in a lane that nobody serves.
func crowd(ctx context.Context, b *board.Board, n int) error {
	parent, err := b.Create(ctx, me, board.NewTask{Title: "A decision that is still to be made", Triage: true})
	if err != nil {
		return err
	}
	_, err = stock(ctx, b, n-1, func(i int) board.NewTask {
		task := board.NewTask{Title: fmt.Sprintf("Waiting task %d", i), Body: body, Assignee: waiting, Priority: i % 5}
		if i%2 == 0 {
			task.Assignee, task.Parents = lane, []string{parent.Task.ID}
		}
		return task
	})
	return err
}

// body is of the size of a usual one.
const body = `The login test fails since Tuesday: the session cookie is set twice.

- find out which change brought it
- write the test that shows it
- mend it, without a new dependency
`

// configure writes andon.yaml.
func (h *home) configure(text string) error {
	return os.WriteFile(filepath.Join(h.path, "andon", "andon.yaml"), []byte(text), 0o600)
}
