package policy

import (
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// MaxLosses bounds the attempts that end without fault (stopped, lost, rate
// limited), so that a task which is lost for ever does not run for ever.
const MaxLosses = 20

// Retry are the configured limits.
type Retry struct {
	MaxAttempts int           // failed attempts before the breaker opens; at least 1
	PauseAfter  int           // tasks that fail alike in a row before their lane pauses; 0 = never
	MaxCooldown time.Duration // that one task may spend in cool-downs after rate limits, in all; 0 = unbounded
	Initial     time.Duration // wait after the first failure
	Max         time.Duration // longest wait
}

// Cost is what an ending of a run costs its task.
type Cost int

// The costs.
const (
	Free    Cost = iota // no attempt
	Attempt             // one of MaxAttempts
	AtOnce              // the breaker opens at once
)

// CostOf tells what an outcome costs. Outcomes that a worker or a human chose
// are free.
func CostOf(o kanban.Outcome) Cost {
	switch o {
	case kanban.SpawnFailed, kanban.Crashed, kanban.TimedOut, kanban.Stalled, kanban.VerifyFailed:
		return Attempt
	case kanban.ProtocolViolation:
		return AtOnce
	}
	return Free
}

// Verdict is what follows from a run that ended without a word of its worker.
type Verdict struct {
	Failures int  // the counter afterwards
	Losses   int  // the counter afterwards
	Limit    int  // the attempts that the task has
	Open     bool // the breaker is open: a human must act
	Wait     time.Duration
}

// Limit is how many attempts of a task may fail in a row: its own word, else what
// is configured.
func (r Retry) Limit(t kanban.Task) int {
	if t.MaxAttempts > 0 {
		return t.MaxAttempts
	}
	return r.MaxAttempts
}

// Judge decides after a run of t ended with o. random is in [0,1).
func Judge(r Retry, t kanban.Task, o kanban.Outcome, random float64) Verdict {
	v := Verdict{Failures: t.Failures, Losses: t.Losses, Limit: r.Limit(t)}
	switch CostOf(o) {
	case Attempt:
		v.Failures++
		v.Open = v.Failures >= v.Limit
		v.Wait = r.delay(v.Failures, random)
	case AtOnce:
		v.Failures++
		v.Open = true
	case Free:
		v.Losses++
		v.Open = v.Losses >= MaxLosses
		if o == kanban.Lost || o == kanban.RateLimited {
			v.Wait = r.delay(v.Losses, random)
		}
	}
	if v.Open {
		v.Wait = 0
	}
	return v
}

// delay doubles from Initial up to Max. Half of it is jitter, so that tasks
// that failed together do not come back together.
func (r Retry) delay(failures int, random float64) time.Duration {
	d := r.Initial
	for range failures - 1 {
		if d >= r.Max {
			break
		}
		d *= 2
	}
	d = min(d, r.Max)
	return d/2 + time.Duration(random*float64(d/2))
}

// Room reports whether one more run fits below limit; 0 means unlimited.
func Room(limit, running int) bool { return limit <= 0 || running < limit }
