package main

import (
	"context"
	"database/sql"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

// task is a job without work.
type task struct {
	Title string `json:"title"`
}

func (task) Kind() string { return "task" }

type worker struct {
	river.WorkerDefaults[task]
}

func (worker) Work(context.Context, *river.Job[task]) error { return nil }

// riverPeer works jobs off. River fetches and completes jobs in batches and
// says of none that it is durably done; counted is what its completer reports.
func riverPeer(ctx context.Context, db *sql.DB, callers int, span time.Duration) (float64, error) {
	driver := riversqlite.New(db)
	migrator, err := rivermigrate.New(driver, nil)
	if err != nil {
		return 0, err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return 0, err
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, worker{})
	client, err := river.NewClient(driver, &river.Config{
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: callers}},
		Workers:           workers,
		FetchCooldown:     time.Millisecond, // the least it accepts
		FetchPollInterval: time.Millisecond,
		Logger:            slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		return 0, err
	}
	jobs := make([]river.InsertManyParams, stock(span))
	for i := range jobs {
		jobs[i].Args = task{Title: "Fix the login test"}
	}
	if _, err := client.InsertMany(ctx, jobs); err != nil {
		return 0, err
	}
	return countCompleted(ctx, client, span)
}

func countCompleted(ctx context.Context, client *river.Client[*sql.Tx], span time.Duration) (float64, error) {
	events, cancel := client.SubscribeConfig(&river.SubscribeConfig{
		Kinds: []river.EventKind{river.EventKindJobCompleted}, ChanSize: 100_000,
	})
	defer cancel()
	var done atomic.Int64
	go func() {
		for range events {
			done.Add(1)
		}
	}()
	begun := time.Now()
	if err := client.Start(ctx); err != nil {
		return 0, err
	}
	time.Sleep(span)
	rate := float64(done.Load()) / time.Since(begun).Seconds()
	bounded, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	return rate, client.StopAndCancel(bounded)
}
