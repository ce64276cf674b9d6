package sqlite

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// BenchmarkReport: a report of a week, and what a day has cost, on a board of a
// year with 100,000 runs and a million events.
//
//	go test ./internal/store/sqlite -run XXX -bench Report
func BenchmarkReport(b *testing.B) {
	ctx, now := context.Background(), time.Now()
	home, err := OpenHome(b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer home.Close()
	s, err := home.Open(ctx, kanban.DefaultBoard)
	if err != nil {
		b.Fatal(err)
	}
	year := 365 * 24 * time.Hour
	const tasks, runsOf, eventsOf = 20000, 5, 50
	for first := 0; first < tasks; first += 500 {
		err = s.Update(ctx, func(tx store.Tx) error {
			for n := first; n < first+500; n++ {
				at := now.Add(-year + time.Duration(n)*(year/tasks))
				id := fmt.Sprintf("t_%08x", n)
				t := kanban.Task{
					ID: id, Title: id, Status: kanban.Done, Assignee: "builder", CreatedAt: at, UpdatedAt: at,
					Workspace: kanban.Workspace{Kind: kanban.Scratch}, Tenant: fmt.Sprint("tenant", n%7),
				}
				if err := tx.InsertTask(t); err != nil {
					return err
				}
				for i := range runsOf {
					r := kanban.Run{
						Task: id, Lane: fmt.Sprint("lane", n%5), Account: fmt.Sprint("account", n%3), Attempt: i + 1, Outcome: kanban.Completed,
						StartedAt: at, EndedAt: at.Add(time.Minute), Usage: kanban.Usage{Input: 1000, Output: 100, Cost: 5000},
					}
					if _, err := tx.InsertRun(r); err != nil {
						return err
					}
				}
				for i := range eventsOf {
					kind := kanban.EvHeartbeat
					switch i {
					case 20:
						kind = kanban.EvBlocked
					case 30:
						kind = kanban.EvUnblocked
					}
					if _, err := tx.AddEvent(kanban.Event{Task: id, Kind: kind, At: at.Add(time.Duration(i) * time.Second)}); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	for name, read := range map[string]func(store.Reader) error{
		"week": func(r store.Reader) error {
			p := store.Period{From: now.Add(-7 * 24 * time.Hour), Now: now}
			if _, err := r.Effort(p); err != nil {
				return err
			}
			_, err := r.Waits(p)
			return err
		},
		"year by task": func(r store.Reader) error {
			p := store.Period{From: now.Add(-year), Now: now, ByTask: true}
			if _, err := r.Effort(p); err != nil {
				return err
			}
			_, err := r.Waits(p)
			return err
		},
		"day": func(r store.Reader) error {
			_, err := r.Spent(now.Add(-24 * time.Hour))
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := s.View(ctx, read); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
