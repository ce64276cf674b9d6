package dispatch

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker"
	"github.com/andon-dev/andon/internal/worker/preset"
)

// How often a reading is recorded while a run goes on, and how often what the
// agent does becomes an event.
const (
	meterEvery = 2 * time.Second
	noteEvery  = 30 * time.Second
)

// meter reads the output of one agent as it grows. Whoever adopts a run makes it
// anew and reads from the beginning: nothing of it is kept but what it recorded.
type meter struct {
	r        *run
	stream   *preset.Stream
	feed     Feed // nil if the output cannot be followed
	next     int64
	due      *time.Timer // the next record
	armed    bool
	last     time.Time
	noted    time.Time
	known    board.Told    // as recorded
	usage    kanban.Usage  // as recorded
	streamed kanban.Usage  // when that was recorded
	sums     bool          // what is streamed counts earlier runs of the session, too
	before   *kanban.Usage // of those; nil = not looked up yet
}

// newMeter returns nil for a run that is no agent's.
func newMeter(r *run) *meter {
	p, ok := preset.Named(r.terms.Preset)
	if !ok {
		return nil
	}
	m := &meter{r: r, sums: p.Sums, stream: p.Stream(nil), due: time.NewTimer(time.Hour), noted: r.d.Clock()}
	m.due.Stop()
	feed, err := r.d.Host.Follow(r.dir)
	if err != nil {
		r.log().Error("the output of a run cannot be followed; it is read at its end", "error", err)
		return m
	}
	m.feed = feed
	return m
}

func (m *meter) close() {
	if m == nil {
		return
	}
	m.due.Stop()
	if m.feed != nil {
		_ = m.feed.Close()
	}
}

// changed and dueNow are nil, and never ready, where there is nothing to read.
func (m *meter) changed() <-chan struct{} {
	if m == nil || m.feed == nil {
		return nil
	}
	return m.feed.Changed()
}

func (m *meter) dueNow() <-chan time.Time {
	if m == nil {
		return nil
	}
	return m.due.C
}

// look reads what is new, and sees to it that it is recorded soon.
func (m *meter) look() {
	if m == nil {
		return
	}
	m.read()
	if !m.armed && (m.told() != m.known || m.stream.Report.Usage != m.streamed) {
		m.armed = true
		m.due.Reset(max(0, meterEvery-time.Since(m.last)))
	}
}

// read takes what was written since the last time. Of a log that was too long
// to be kept, the oldest part is passed over.
func (m *meter) read() {
	if m.feed == nil {
		return
	}
	start, end, err := m.feed.Bounds()
	buf := make([]byte, 64<<10)
	for m.next = max(m.next, start); err == nil && m.next < end; {
		var n int
		n, err = m.feed.ReadAt(buf[:min(int64(len(buf)), end-m.next)], m.next)
		m.stream.Write(buf[:n], m.r.d.Clock())
		m.next += int64(n)
		if n == 0 && err == nil {
			err = io.ErrNoProgress
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		m.r.log().Error("the output of a run cannot be read", "error", err)
	}
}

// told is what there is to record beside usage. A session in which nothing was
// done yet is not worth taking up again.
func (m *meter) told() board.Told {
	told := board.Told{Model: m.stream.Report.Model}
	if m.stream.Report.Worked {
		told.Session = m.stream.Report.Session
	}
	return told
}

// record writes what is new, and now and then what the agent does.
func (m *meter) record(ctx context.Context) {
	if m != nil {
		m.write(ctx, m.r.board.Meter)
	}
}

func (m *meter) write(ctx context.Context, meter func(context.Context, int64, kanban.Usage) (kanban.Run, error)) {
	m.armed, m.last = false, time.Now()
	told, usage := m.told(), m.own(ctx)
	with := told
	if now := m.r.d.Clock(); m.stream.Report.Progress != "" && now.Sub(m.noted) >= noteEvery {
		with.Note, m.noted = m.stream.Report.Progress, now
	}
	var err error
	if with != m.known {
		err = m.r.board.Tell(ctx, m.r.row.ID, with)
	}
	if err == nil && usage != m.usage {
		_, err = meter(ctx, m.r.row.ID, usage)
	}
	if err != nil {
		if ctx.Err() == nil {
			m.r.log().Error("what an agent tells cannot be recorded", "error", err)
		}
		return
	}
	m.known, m.usage, m.streamed = told, usage, m.stream.Report.Usage
}

// own is what this run used: of a program that sums up its session, without the
// earlier runs of that.
func (m *meter) own(ctx context.Context) kanban.Usage {
	u := m.stream.Report.Usage
	session := m.stream.Report.Session
	if !m.sums || session == "" {
		return u
	}
	if m.before == nil {
		runs, err := m.r.board.Runs(ctx, m.r.row.Task)
		if err != nil {
			return kanban.Usage{Turns: u.Turns} // too little is mended by the next look
		}
		m.before = &kanban.Usage{}
		for _, earlier := range runs {
			if earlier.ID < m.r.row.ID && earlier.Session == session {
				m.before.Input += earlier.Usage.Input
				m.before.Output += earlier.Usage.Output
				m.before.CacheRead += earlier.Usage.CacheRead
				m.before.CacheWrite += earlier.Usage.CacheWrite
			}
		}
	}
	u.Input, u.Output = max(0, u.Input-m.before.Input), max(0, u.Output-m.before.Output)
	u.CacheRead, u.CacheWrite = max(0, u.CacheRead-m.before.CacheRead), max(0, u.CacheWrite-m.before.CacheWrite)
	return u
}

// finish reads and records the rest, once the processes are gone. exit is nil if
// nobody knows how they ended.
func (m *meter) finish(ctx context.Context, exit *worker.Exit) preset.Report {
	if m == nil {
		return preset.Report{}
	}
	m.read()
	code := -1
	if exit != nil && exit.Signal == "" {
		code = exit.Code
	}
	m.stream.Close(code, m.r.d.Clock())
	m.write(ctx, m.r.board.MeterEnd)
	return m.stream.Report
}
