package notify

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/store"
)

const (
	firstPause   = time.Second
	longestPause = time.Hour
	// maxTries makes about a day: twelve pauses that double, and 31 that are
	// three quarters of longestPause on average.
	maxTries = 44
	// patience is how long a message waits behind others for a destination
	// that never answers.
	patience = 24 * time.Hour
	maxError = 500 // bytes of an error that are kept
)

// Failure is an error of a sink that says what to do about it.
type Failure struct {
	Err       error
	Permanent bool          // trying again cannot help
	After     time.Duration // not again before; 0 = as usual
}

func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap gives what went wrong.
func (f *Failure) Unwrap() error { return f.Err }

// Permanent marks an error that trying again cannot cure.
func Permanent(err error) error { return &Failure{Err: err, Permanent: true} }

// Later marks a temporary error: not again before after, at most a day.
func Later(err error, after time.Duration) error {
	return &Failure{Err: err, After: min(max(after, 0), patience)}
}

// due tells when a delivery may be tried. One that was not tried yet waits for
// nothing, none for longer than patience, and none whose event is still to come:
// its time was written before the clock was set back.
func due(d store.Delivery, now time.Time) time.Time {
	if d.Attempts == 0 || d.NextAt.Sub(now) > patience || d.Event.At.After(now) {
		return time.Time{}
	}
	return d.NextAt
}

// after returns a delivery as it stands after an attempt that ended with err.
// random is in [0,1).
func after(d store.Delivery, err error, now time.Time, random float64) store.Delivery {
	if err == nil {
		d.Attempts++
		d.State, d.Error, d.DoneAt = store.Delivered, "", now
		return d
	}
	var f *Failure
	if !errors.As(err, &f) {
		f = &Failure{Err: err}
	}
	d.Attempts++
	switch {
	case f.Permanent:
		return park(d, err.Error())
	case d.Attempts >= maxTries:
		return park(d, fmt.Sprintf("given up after %d attempts: %v", d.Attempts, err))
	}
	d.Error = short(err.Error())
	d.NextAt = now.Add(max(pause(d.Attempts, random), f.After))
	return d
}

func park(d store.Delivery, reason string) store.Delivery {
	d.State, d.Error = store.Parked, short(reason)
	return d
}

// pause doubles with each attempt. Half of it is jitter, so that messages that
// failed together do not come back together.
func pause(attempts int, random float64) time.Duration {
	d := firstPause
	for range attempts - 1 {
		if d = 2 * d; d >= longestPause {
			d = longestPause
			break
		}
	}
	return d/2 + time.Duration(random*float64(d/2))
}

func short(s string) string {
	if len(s) > maxError {
		s = s[:maxError]
	}
	return strings.ToValidUTF8(s, "")
}
