package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker"
	"github.com/andon-dev/andon/internal/worker/preset"
	"github.com/andon-dev/andon/internal/workspace"
)

// run is one run that this dispatcher watches, from claim to settled. Its own
// goroutine uses it; others read what never changes (key, row's columns of the
// claim, dir, terms, early) and use the channels.
type run struct {
	d       *Dispatcher
	board   *board.Board
	key     runKey
	row     kanban.Run // as claimed or adopted
	dir     string     // runs/<board>.<id>
	folder  Folder     // in dir
	terms   terms
	early   bool // its processes may call before the worker runs
	fresh   bool // it starts from the beginning, whatever an earlier attempt left
	foreign bool // the folder is another run's: this one was never started

	ended  chan kanban.Outcome // the run has ended in the database
	called chan struct{}       // by a process of the run
	noted  chan struct{}       // closed once the start of its worker was put on record, or could not be
	once   sync.Once
	exits  chan guestExit // of a guest
	exit   *worker.Exit   // that came
	said   string         // the end of its output, if it came with the exit
	left   chan struct{}  // closed when nobody watches it any more
	handed chan struct{}  // it waits for its verification

	verifier      worker.Identity // the supervisor of that; guarded by the dispatcher's lock
	verifications int             // that were begun here
	waits         bool            // for room to be verified; guarded by the dispatcher's lock

	meter  *meter        // of an agent's output while it is watched; nil = there is none
	report preset.Report // of it, at the end
	denied string        // why the provider refuses its account
	files  []string      // that its program is started with, in dir

	attempts int // to see it to its end, before this one
	settled  bool
}

// watcher sees a run to its end. It returns early when ctx ends, or when
// something resists; then the run is not settled.
type watcher func(ctx context.Context)

// endedInStore tells the watcher that the run is over for the board.
func (r *run) endedInStore(o kanban.Outcome) {
	select {
	case r.ended <- o:
	default:
	}
}

// handedInStore tells the watcher that the run's worker has said its word.
func (r *run) handedInStore() {
	select {
	case r.handed <- struct{}{}:
	default:
	}
}

// guard watches until the run is settled; until then it counts in caps. What
// resists is tried again: its processes, the disk, the board.
func (r *run) guard(ctx context.Context, watch watcher) {
	d := r.d
	for ; ; r.attempts++ {
		r.attempt(ctx, watch)
		if r.settled || !r.pause(ctx) {
			break
		}
		watch = r.adopt
	}
	r.startNoted()
	defer close(r.left)
	d.mu.Lock()
	delete(d.runs, r.key)
	d.noteIdle()
	d.mu.Unlock()
	d.signal()
}

func (r *run) attempt(ctx context.Context, watch watcher) {
	defer func() {
		if p := recover(); p != nil {
			r.log().Error("watching a run failed", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	watch(ctx)
}

// retryWatching is the pause before the end of a run is tried again that could
// not be brought about or recorded.
const retryWatching = 10 * time.Second

// pause waits for another attempt and reports whether there is to be one.
func (r *run) pause(ctx context.Context) bool {
	timer := time.NewTimer(retryWatching)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	}
	b, err := r.d.Boards.Board(ctx, r.key.board)
	if err == nil {
		r.board = b // it may have been closed and opened again
	}
	return kanban.CodeOf(err) != kanban.NotFound // there is nothing left to record
}

func (r *run) log() *slog.Logger {
	return r.d.Log.With("board", r.key.board, "run", r.key.run, "task", r.row.Task)
}

// begin prepares a claimed run and gives its supervisor the word to go.
func (r *run) begin(ctx context.Context, s start) {
	defer s.spare.Discard()
	order, err := r.prepare(ctx, s)
	conflict, isConflict := errors.AsType[*workspace.MergeError](err)
	switch {
	case ctx.Err() != nil:
		return // it was never started, as the next gateway will find
	case kanban.CodeOf(err) == kanban.Unavailable:
		r.end(ctx, board.Ending{Outcome: kanban.Lost, Error: err.Error()}, nil)
		return
	case isConflict:
		r.end(ctx, board.Ending{Outcome: kanban.SpawnFailed, Error: err.Error()}, r.unmerged(s.claim.Task, conflict))
		return
	case kanban.CodeOf(err) == kanban.Gated:
		r.end(ctx, board.Ending{Outcome: kanban.SpawnFailed, Error: withWay(err)}, r.leave(withWay(err)))
		return
	case err != nil:
		r.end(ctx, board.Ending{Outcome: kanban.SpawnFailed, Error: withWay(err)}, nil)
		return
	case len(r.ended) > 0: // meanwhile somebody took the task away
		r.end(ctx, board.Ending{Outcome: kanban.Lost}, nil)
		return
	}
	h, err := s.spare.Start(order)
	if err != nil {
		r.end(ctx, board.Ending{Outcome: kanban.Lost, Error: "its supervisor did not take the order: " + err.Error()}, nil)
		return
	}
	defer h.Close()
	r.watch(ctx, h)
}

// withWay is an error with its way out, for where only one text is kept.
func withWay(err error) string {
	if e, ok := errors.AsType[*kanban.Error](err); ok && e.Way != "" {
		return err.Error() + " (" + e.Way + ")"
	}
	return err.Error()
}

// adopt watches a run that an earlier gateway, or an earlier attempt, started.
func (r *run) adopt(ctx context.Context) {
	if r.guest() {
		r.attend(ctx)
		return
	}
	h, err := r.d.Host.Adopt(r.dir, supervisorOf(&r.row))
	if errors.Is(err, worker.ErrGone) {
		r.over(ctx, false)
		return
	}
	if err != nil {
		r.log().Error("a run cannot be adopted", "error", err)
		return
	}
	defer h.Close()
	r.log().Info("adopted")
	r.noteStart(ctx)
	r.watch(ctx, h)
}

// noteStart records the worker's process if there is one and it is not on
// record yet.
func (r *run) noteStart(ctx context.Context) {
	if r.row.Started || r.foreign {
		r.startNoted()
		return
	}
	s, err := r.folder.Started()
	if err != nil {
		return // not yet, or never: then the exit says why
	}
	defer r.startNoted()
	if err := r.board.Spawned(ctx, r.row.ID, s.Worker.PID, r.row.Base); err != nil {
		r.log().Error("the start of a run cannot be recorded", "error", err)
		return
	}
	r.row.Started = true
}

func (r *run) startNoted() { r.once.Do(func() { close(r.noted) }) }

// watch follows a run until its supervisor is gone. The run's lease is renewed
// while it lives; silence beyond the lane's stall_timeout ends it.
func (r *run) watch(ctx context.Context, h Handle) {
	renew := time.NewTicker(max(r.d.Config().Dispatch.Lease/3, time.Second))
	defer renew.Stop()
	silence := newSilence(ctx, r, r.terms.StallTimeout)
	defer silence.stop()
	r.meter = newMeter(r)
	defer func() { r.meter.close(); r.meter = nil }()
	r.meter.look() // what an earlier gateway may have missed
	obey := time.NewTimer(time.Hour)
	obey.Stop()
	defer obey.Stop()
	if limit := r.row.MaxRuntime; limit > 0 {
		obey.Reset(limit + r.patience()) // its supervisor keeps the limit, unless it was stopped itself
	}
	started, ended, handed, stalled := h.Started(), r.ended, r.handed, false
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.Done():
			r.over(ctx, stalled)
			return
		case <-started:
			started = nil
			r.noteStart(ctx)
		case <-r.called:
			r.noteStart(ctx)
		case o := <-ended:
			ended = nil
			r.endProcesses(h, o)
			obey.Reset(r.patience())
		case <-r.meter.changed():
			r.meter.look()
		case <-r.meter.dueNow():
			r.meter.record(ctx)
		case <-handed:
			handed = nil
			r.endProcesses(h, kanban.Completed)
			obey.Reset(r.patience())
		case <-renew.C:
			r.noteStart(ctx)
			r.meter.look()
			_, said := r.folder.Output()
			if err := r.board.Extend(ctx, r.row.ID, said); err != nil {
				r.log().Error("the lease cannot be renewed", "error", err)
			}
		case <-silence.timer.C:
			if stalled = silence.over(ctx); stalled {
				r.signal(h.Stop)
				obey.Reset(r.patience())
			}
		case <-obey.C:
			r.log().Warn("the supervisor does not end its run and is killed")
			r.signal(h.Kill)
		}
	}
}

// patience is how long a supervisor may take to end its run: grace for the tree
// to linger and to end, and its hooks.
func (r *run) patience() time.Duration {
	return 2*r.d.Config().Dispatch.StopGrace + 3*hookTimeout
}

// endProcesses lets a worker that reported its end finish by itself, and stops
// one that somebody else ended.
func (r *run) endProcesses(h Handle, o kanban.Outcome) {
	switch o {
	case kanban.Completed, kanban.Submitted, kanban.BlockedOut, kanban.ScheduledOut:
		r.signal(h.Finish)
	default:
		r.signal(h.Stop)
	}
}

func (r *run) signal(send func() error) {
	if err := send(); err != nil && !errors.Is(err, worker.ErrGone) {
		r.log().Error("the supervisor cannot be signalled", "error", err)
	}
}
