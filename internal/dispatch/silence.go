package dispatch

import (
	"context"
	"time"
)

// silence tells when a worker has said nothing for too long. It counts running
// time, from the look that found the last sign of life: neither a suspended
// machine nor a clock that was set makes a worker look silent.
type silence struct {
	r     *run
	limit time.Duration // 0 = it may be silent
	timer *time.Timer   // of the next look
	seen  signs
	since time.Time // monotonic
}

// signs of life: the worker's start, which hooks may delay, the log's size and
// time, and the last heartbeat.
type signs struct {
	started   time.Time
	size      int64
	written   time.Time
	heartbeat time.Time
}

// looks is how often it looks within the limit, which can be exceeded by the
// time between two.
const looks = 4

func newSilence(ctx context.Context, r *run, limit time.Duration) *silence {
	s := &silence{r: r, limit: limit, since: time.Now(), timer: time.NewTimer(limit / looks)}
	if limit <= 0 {
		s.timer.Stop()
		return s
	}
	s.seen = s.look(ctx)
	return s
}

func (s *silence) stop() { s.timer.Stop() }

// over looks again and reports whether the limit has passed without a sign.
func (s *silence) over(ctx context.Context) bool {
	if now := s.look(ctx); now != s.seen {
		s.seen, s.since = now, time.Now()
	}
	if time.Since(s.since) >= s.limit {
		return true
	}
	s.timer.Reset(s.limit / looks)
	return false
}

func (s *silence) look(ctx context.Context) signs {
	now := signs{heartbeat: s.seen.heartbeat}
	if started, err := s.r.folder.Started(); err == nil {
		now.started = started.At
	}
	now.size, now.written = s.r.folder.Output()
	if row, err := s.r.board.Run(ctx, s.r.row.ID); err == nil {
		now.heartbeat = row.Heartbeat
	}
	return now
}
