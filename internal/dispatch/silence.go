package dispatch

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/andon-dev/andon/internal/worker"
)

// silence tells when a worker has said nothing for too long. It counts running
// time: the timer stands still while the machine is suspended, and a jump of
// the clock changes only how soon it looks again, never its verdict.
type silence struct {
	r     *run
	limit time.Duration // 0 = it may be silent
	timer *time.Timer
	seen  signs
	since time.Time // monotonic: when the signs were last found changed
}

// signs of life: the log's size and time, and the worker's last heartbeat.
type signs struct {
	size      int64
	written   time.Time
	heartbeat time.Time
}

func newSilence(r *run, limit time.Duration) *silence {
	s := &silence{r: r, limit: limit, since: time.Now(), timer: time.NewTimer(max(limit, time.Hour))}
	if limit > 0 {
		s.timer.Reset(limit)
		s.seen = s.look(context.Background())
	}
	return s
}

func (s *silence) stop() { s.timer.Stop() }

// over looks again and reports whether the limit has passed without a sign.
func (s *silence) over(ctx context.Context) bool {
	if s.limit == 0 {
		s.timer.Reset(time.Hour)
		return false
	}
	if now := s.look(ctx); now != s.seen {
		age := min(max(time.Since(now.newest()), 0), s.limit)
		s.seen, s.since = now, time.Now().Add(-age)
		s.timer.Reset(max(s.limit-age, time.Millisecond))
		return false
	}
	return time.Since(s.since) >= s.limit
}

func (s *silence) look(ctx context.Context) signs {
	var now signs
	if info, err := os.Stat(filepath.Join(s.r.dir, worker.LogFile)); err == nil {
		now.size, now.written = info.Size(), info.ModTime()
	}
	if row, err := s.r.board.Run(ctx, s.r.row.ID); err == nil {
		now.heartbeat = row.Heartbeat
	}
	return now
}

func (g signs) newest() time.Time {
	if g.heartbeat.After(g.written) {
		return g.heartbeat
	}
	return g.written
}

// lastOutput is when the worker last wrote to its log, zero if never.
func (s *silence) lastOutput() time.Time {
	info, err := os.Stat(filepath.Join(s.r.dir, worker.LogFile))
	if err != nil || info.Size() == 0 {
		return time.Time{}
	}
	return info.ModTime()
}
