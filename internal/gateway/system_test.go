package gateway

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestAFileIsReadOnceItIsWhole: what a program empties before it writes is not
// read in between.
func TestAFileIsReadOnceItIsWhole(t *testing.T) {
	for _, c := range []struct {
		name   string
		writes int // more, 60 ms apart
		want   time.Duration
	}{
		{"written at once", 0, 100 * time.Millisecond},
		{"emptied, then written", 1, 160 * time.Millisecond},
		{"in pieces", 3, 280 * time.Millisecond},
		{"without end", 100, time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				changed := make(chan struct{}, c.writes)
				var writer sync.WaitGroup
				defer writer.Wait()
				writer.Go(func() {
					for range c.writes {
						time.Sleep(60 * time.Millisecond)
						changed <- struct{}{}
					}
				})
				begun := time.Now()
				written(t.Context(), changed)
				if got := time.Since(begun); got != c.want {
					t.Errorf("it was read after %s, want %s", got, c.want)
				}
			})
		})
	}
}
