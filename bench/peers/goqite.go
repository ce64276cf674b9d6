package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"maragu.dev/goqite"
)

// goqitePeer receives and deletes messages: goqite keeps no history of them.
func goqitePeer(ctx context.Context, db *sql.DB, callers int, span time.Duration) (float64, error) {
	schema, err := goqiteSchema(ctx)
	if err != nil {
		return 0, err
	}
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return 0, err
	}
	q := goqite.New(goqite.NewOpts{DB: db, Name: "builder", Timeout: time.Minute})
	if err := fill(ctx, db, q, stock(span)); err != nil {
		return 0, err
	}
	var done atomic.Int64
	var all sync.WaitGroup
	failed := make(chan error, callers)
	begun := time.Now()
	for range callers {
		all.Go(func() {
			for time.Since(begun) < span {
				if err := takeOne(ctx, q); err != nil {
					failed <- err
					return
				}
				done.Add(1)
			}
		})
	}
	all.Wait()
	close(failed)
	return float64(done.Load()) / time.Since(begun).Seconds(), <-failed
}

func fill(ctx context.Context, db *sql.DB, q *goqite.Queue, n int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for range n {
		if err := q.SendTx(ctx, tx, goqite.Message{Body: []byte(`{"title":"Fix the login test"}`)}); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func takeOne(ctx context.Context, q *goqite.Queue) error {
	m, err := q.Receive(ctx)
	if err != nil {
		return err
	}
	if m == nil {
		return errors.New("nothing to take")
	}
	return q.Delete(ctx, m.ID)
}

// goqiteSchema reads the schema where goqite keeps it: in its module, as a file
// to be copied.
func goqiteSchema(ctx context.Context) (string, error) {
	dir, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "maragu.dev/goqite").Output()
	if err != nil {
		return "", fmt.Errorf("go list -m (run this in bench/peers): %w", err)
	}
	schema, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "schema_sqlite.sql"))
	return string(schema), err
}
