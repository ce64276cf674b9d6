package planner

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/memory"
)

// TestPlansOfTwoBoards that are made at once come each to its own board.
func TestPlansOfTwoBoards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var together sync.WaitGroup
		together.Add(2)
		settings := board.Settings{Lanes: map[string]board.Lane{"builder": {}, "tester": {}}, Planner: board.Planner{Name: "model-x", MaxChildren: 6}}
		houses := map[string]*house{}
		var boards []*board.Board
		for _, slug := range []string{"alpha", "beta"} {
			b := board.New(slug, memory.New(), board.Ports{Settings: func() board.Settings { return settings }})
			houses[slug], boards = &house{Board: b}, append(boards, b)
		}
		p := New(Options{
			Boards: func(context.Context) ([]*board.Board, error) { return boards, nil },
			Settings: func() Settings {
				return Settings{
					Mind: &mind{answer: func(_ context.Context, q Question) (string, error) {
						together.Done()
						together.Wait() // both are under way
						for slug := range houses {
							if strings.Contains(q.Data, "idea of "+slug) {
								return strings.ReplaceAll(good, `"B"`, `"made for `+slug+`"`), nil
							}
						}
						return "", fmt.Errorf("asked about %s", q.Data)
					}},
					Timeout: time.Minute, MaxChildren: 6, Initial: 10 * time.Second, Max: time.Minute, Lanes: map[string]Lane{"builder": {}, "tester": {}},
				}
			},
		})
		stop := (&house{planner: p}).start(t)
		defer stop()
		for slug, h := range houses {
			h.ask(t, h.idea(t, "The idea of "+slug), true)
		}
		synctest.Wait()
		for slug, h := range houses {
			tasks, _, err := h.List(bg, store.TaskQuery{}, false)
			if err != nil || len(tasks) != 3 {
				t.Fatalf("%s has %d tasks, %v", slug, len(tasks), err)
			}
			if !slices.ContainsFunc(tasks, func(e board.Explanation) bool { return e.Task.Title == "made for "+slug }) {
				t.Errorf("%s has none of its own: %+v", slug, tasks)
			}
		}
	})
}
