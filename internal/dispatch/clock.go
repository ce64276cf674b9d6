package dispatch

import "time"

// runningTime tells when the wall clock ran ahead of the time in which this
// machine worked: it was suspended, or its clock was set.
type runningTime struct {
	clock func() time.Time
	since time.Time     // monotonic
	wall  time.Time     // at since
	ahead time.Duration // of wall before running time, when it was last looked at
}

// leap is what counts as one; clocks that are being corrected drift by less.
const leap = 10 * time.Second

func newRunningTime(clock func() time.Time) *runningTime {
	return &runningTime{clock: clock, since: time.Now(), wall: clock().Round(0)}
}

// leapt reports whether the clock leapt since the last call. Back counts as
// well: what was due is not any more, so what is due next is to be asked anew.
func (r *runningTime) leapt() bool {
	before := r.ahead
	r.ahead = r.clock().Round(0).Sub(r.wall) - time.Since(r.since)
	return (r.ahead - before).Abs() > leap
}
