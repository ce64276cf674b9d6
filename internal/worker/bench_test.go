//go:build linux || darwin

package worker

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// From "go" to the start of a small worker's program, by a warm spare.
func BenchmarkStart(b *testing.B) {
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	pool := NewPool(PoolOptions{Command: []string{self, "supervise"}, Dir: filepath.Join(b.TempDir(), "spares"), Size: 1})
	defer pool.Close()
	var took []time.Duration
	for b.Loop() {
		b.StopTimer()
		pool.fill.Wait()
		spare, err := pool.Take(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		order := Order{RunDir: b.TempDir(), Argv: []string{"true"}, Env: os.Environ(), Dir: b.TempDir()}
		b.StartTimer()
		begun := time.Now()
		h, err := spare.Start(order)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		<-h.Done()
		started, err := ReadStarted(order.RunDir)
		if errors.Is(err, fs.ErrNotExist) {
			b.Fatal(ReadExit(order.RunDir))
		}
		took = append(took, started.At.Sub(begun))
		b.StartTimer()
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}
