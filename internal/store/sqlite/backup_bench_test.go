package sqlite

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// BenchmarkBackup copies a board of some 50 MB while sixteen writers go on. It
// tells how long they wait, beside what they wait without a backup.
func BenchmarkBackup(b *testing.B) {
	h, err := OpenHome(b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer h.Close()
	s, err := h.Open(background, "default")
	if err != nil {
		b.Fatal(err)
	}
	body := strings.Repeat("body of a task ", 300)
	for i := range 100 {
		err := s.Update(background, func(tx store.Tx) error {
			for j := range 100 {
				now := time.Now()
				t := kanban.Task{ID: fmt.Sprintf("t_%08x", i*100+j), Title: "t", Body: body, Status: kanban.Ready, CreatedAt: now, UpdatedAt: now}
				if err := tx.InsertTask(t); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	quiet := waits(b, s, func() { <-time.After(time.Second) })
	var size int64
	busy := waits(b, s, func() {
		for b.Loop() {
			made, err := h.Backup(background, "default", store.BackupOptions{Kind: store.ManualBackup})
			if err != nil {
				b.Fatal(err)
			}
			size = made.Size
		}
	})
	b.ReportMetric(float64(size)/(1<<20), "MB")
	b.ReportMetric(busy, "p99-ms")
	b.ReportMetric(quiet, "p99-ms-without")
}

// waits is the 99th percentile of sixteen writers' waits while fn runs, in ms.
func waits(b *testing.B, s store.Store, fn func()) float64 {
	ctx, stop := context.WithCancel(background)
	var mu sync.Mutex
	var all []time.Duration
	var writers sync.WaitGroup
	for i := range 16 {
		writers.Go(func() {
			for ctx.Err() == nil {
				start := time.Now()
				if err := s.Update(background, func(tx store.Tx) error { return tx.SetMeta(fmt.Sprint("w", i), start.String()) }); err != nil {
					b.Error(err)
				}
				mu.Lock()
				all = append(all, time.Since(start))
				mu.Unlock()
			}
		})
	}
	fn()
	stop()
	writers.Wait()
	slices.Sort(all)
	return float64(all[len(all)*99/100].Microseconds()) / 1000
}
