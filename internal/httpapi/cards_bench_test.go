package httpapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/httpapi"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/sqlite"
)

// BenchmarkCards is a column of 200 cards, on boards of so many tasks: half of
// them done, the rest ready or waiting for one of the done.
func BenchmarkCards(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		h := crowded(b, n)
		for _, status := range []string{"ready", "todo", "done"} {
			b.Run(fmt.Sprintf("%d/%s", n, status), func(b *testing.B) {
				for b.Loop() {
					w := httptest.NewRecorder()
					h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/boards/default/cards?limit=200&status="+status, nil))
					if w.Code != http.StatusOK {
						b.Fatal(w.Body)
					}
				}
			})
		}
	}
}

func crowded(b *testing.B, n int) http.Handler {
	b.Helper()
	files, err := sqlite.OpenHome(b.TempDir(), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { files.Close() })
	boards := board.NewBoards(files, func(string) board.Ports {
		return board.Ports{Settings: func() board.Settings { return board.Settings{Lanes: map[string]board.Lane{"builder": {}}} }}
	})
	bd, err := boards.Board(b.Context(), kanban.DefaultBoard)
	if err != nil {
		b.Fatal(err)
	}
	_, stop := bd.Store().Changes() // as a gateway does
	b.Cleanup(stop)
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for from := 0; from < n; from += 5000 {
		err := bd.Store().Update(b.Context(), func(tx store.Tx) error {
			for i := from; i < min(n, from+5000); i++ {
				t := kanban.Task{
					ID: fmt.Sprintf("t_%08x", i), Title: fmt.Sprintf("task %d of a crowded board", i), Assignee: "builder", Priority: i % 5,
					Status: []kanban.Status{kanban.Done, kanban.Ready, kanban.Done, kanban.Todo}[i%4], CreatedAt: at.Add(time.Duration(i) * time.Second),
					UpdatedAt: at, Workspace: kanban.Workspace{Kind: kanban.Scratch},
				}
				if err := tx.InsertTask(t); err != nil {
					return err
				}
				if t.Status != kanban.Todo {
					continue
				}
				for _, parent := range []int{i - 1, i - 3} {
					if err := tx.PutLink(kanban.Link{Parent: fmt.Sprintf("t_%08x", parent), Child: t.ID}); err != nil {
						return err
					}
				}
				if _, err := tx.AddComment(kanban.Comment{Task: t.ID, Author: "ann", Body: "hm", At: at}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return httpapi.New(httpapi.Options{
		Boards: boards, Identify: func(*http.Request) (kanban.Actor, error) { return ann, nil },
		Lanes: func() []client.Lane { return nil },
	})
}
