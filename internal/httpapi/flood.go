package httpapi

import (
	"net/http"
	"path"
	"slices"
	"sync"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// A run may make so many changes at once, and so many more each second: a worker
// that runs wild fills no board, and slows nobody else down.
const (
	floodBurst  = 2000
	floodSecond = 10
	floodRuns   = 1000 // runs that are remembered; those that are quiet are forgotten
)

// endings are the verbs with which a run ends itself.
var endings = []string{"complete", "review", "block"}

// floods counts the changes of runs.
type floods struct {
	now func() time.Time

	mu   sync.Mutex
	runs map[floodKey]*flow
}

type floodKey struct {
	board string
	run   int64
}

// flow is how much somebody has left, as of a time.
type flow struct {
	left float64
	at   time.Time
}

// take refuses a change of a run that has made too many. It may always end.
func (f *floods) take(a kanban.Actor, r *http.Request) error {
	if a.Kind != kanban.Worker || r.Method == http.MethodGet || slices.Contains(endings, path.Base(r.URL.Path)) {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	key := floodKey{a.Board, a.Run}
	one := f.runs[key]
	if one == nil {
		f.forget(now)
		one = &flow{left: floodBurst, at: now}
		f.runs[key] = one
	}
	one.fill(now, floodBurst, floodSecond)
	if one.left < 1 {
		return kanban.Errorf(kanban.Exhausted, "run %d makes too many changes: more than %d, and then %d a second", a.Run, floodBurst, floodSecond).
			Hint("wait a second and try again; say more in one change, and keep what is large in artifacts").After(one.wait(floodSecond))
	}
	one.left--
	return nil
}

// fill adds what time has brought; a clock that is set back brings nothing.
func (f *flow) fill(now time.Time, burst, second float64) {
	f.left = min(burst, f.left+max(now.Sub(f.at).Seconds(), 0)*second)
	f.at = now
}

// wait is how long it takes until there is one left.
func (f *flow) wait(second float64) time.Duration {
	return time.Duration((1 - f.left) / second * float64(time.Second))
}

// forget drops those who have all their changes again.
func (f *floods) forget(now time.Time) {
	if len(f.runs) < floodRuns {
		return
	}
	for key, one := range f.runs {
		if one.fill(now, floodBurst, floodSecond); one.left >= floodBurst {
			delete(f.runs, key)
		}
	}
}
