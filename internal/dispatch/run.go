package dispatch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker"
	"github.com/andon-dev/andon/internal/workspace"
)

// run is one run that this dispatcher watches, from claim to settled.
type run struct {
	d          *Dispatcher
	board      *board.Board
	row        kanban.Run // as claimed or adopted
	dir        string     // runs/<board>.<id>
	supervisor worker.Identity
	ended      chan kanban.Outcome // the run has ended in the database
	settled    bool
	terms      terms
}

// endedInStore tells the watcher that the run is over for the board.
func (r *run) endedInStore(o kanban.Outcome) {
	select {
	case r.ended <- o:
	default:
	}
}

// guard runs the watcher. However it ends, the run is forgotten here; a row
// that is still live is adopted again at the next pass.
func (r *run) guard(watch func()) {
	defer func() {
		if p := recover(); p != nil {
			r.d.Log.Error("watching a run failed", "run", r.dir, "panic", p, "stack", string(debug.Stack()))
		}
		if !r.settled {
			<-time.After(retryWatching)
		}
		r.d.mu.Lock()
		delete(r.d.runs, runKey{r.board.Slug(), r.row.ID})
		r.d.noteIdle()
		r.d.mu.Unlock()
		r.d.signal()
	}()
	watch()
}

// retryWatching is the pause before a run is adopted again whose end could not
// be brought about or recorded: its processes, the disk or the board resist.
const retryWatching = 10 * time.Second

// begin prepares a claimed run and gives its supervisor the word to go.
func (r *run) begin(c board.Claimed, spare *worker.Spare) {
	ctx := context.Background()
	place, order, err := r.prepare(ctx, c)
	var h *worker.Handle
	if err == nil {
		h, err = spare.Start(order)
	} else {
		spare.Discard()
	}
	if err != nil {
		r.end(ctx, board.Ending{Outcome: kanban.SpawnFailed, Error: err.Error()}, nil)
		return
	}
	defer h.Close()
	r.spawned(ctx, h, place.Base)
	r.watch(ctx, h)
}

// spawned records the worker's process once it exists.
func (r *run) spawned(ctx context.Context, h *worker.Handle, base string) {
	select {
	case <-h.Started():
	case <-h.Done():
	}
	r.noteStart(ctx, base)
}

// noteStart records the worker's process if there is one and it is not on
// record yet.
func (r *run) noteStart(ctx context.Context, base string) {
	s, err := worker.ReadStarted(r.dir)
	if err != nil || r.row.Started {
		return // not yet, or never: then the exit says why
	}
	if err := r.board.Spawned(ctx, r.row.ID, s.Worker.PID, base); err != nil {
		r.log().Error("the start of a run cannot be recorded", "error", err)
		return
	}
	r.row.Started = true
}

// prepare makes workspace, context file and order.
func (r *run) prepare(ctx context.Context, c board.Claimed) (workspace.Place, worker.Order, error) {
	lane, known := r.d.Config().Lanes[r.row.Lane]
	if !known {
		return workspace.Place{}, worker.Order{}, fmt.Errorf("lane %s is no longer in andon.yaml", r.row.Lane)
	}
	s := workspace.SpecOf(c.Task)
	base, err := r.startingPoint(ctx, c.Task)
	if err != nil {
		return workspace.Place{}, worker.Order{}, err
	}
	s.Base = base
	place, err := r.d.Workspaces(r.board.Slug()).Prepare(ctx, s)
	if err != nil {
		return place, worker.Order{}, fmt.Errorf("workspace: %w", err)
	}
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return place, worker.Order{}, err
	}
	r.terms = termsOf(lane)
	if err := r.saveTerms(); err != nil {
		return place, worker.Order{}, err
	}
	text, err := r.board.Context(ctx, c.Task.ID)
	if err != nil {
		return place, worker.Order{}, err
	}
	if err := os.WriteFile(filepath.Join(r.dir, contextFile), []byte(text), 0o600); err != nil {
		return place, worker.Order{}, err
	}
	order, err := r.order(lane, c, place)
	return place, order, err
}

// startingPoint is the branch of the only parent that worked in the same
// repository, so that a child builds on its parent's work; else "".
func (r *run) startingPoint(ctx context.Context, t kanban.Task) (string, error) {
	if t.Workspace.Kind != workspace.Worktree {
		return "", nil
	}
	d, err := r.board.Show(ctx, t.ID)
	if err != nil {
		return "", err
	}
	var found []string
	for _, l := range d.Parents {
		p, err := r.board.Show(ctx, l.Parent)
		if err != nil {
			return "", err
		}
		if p.Task.Workspace.Kind == workspace.Worktree && p.Task.Workspace.Repo == t.Workspace.Repo && p.Task.Workspace.Branch != "" && p.Task.Satisfies() {
			found = append(found, p.Task.Workspace.Branch)
		}
	}
	if len(found) != 1 {
		return "", nil
	}
	return found[0], nil
}

const (
	contextFile = "context.md"
	resultFile  = "result.json"
)

func (d *Dispatcher) runDir(slug string, id int64) string {
	return filepath.Join(d.Paths.Runs, slug+"."+strconv.FormatInt(id, 10))
}

func parseRunDir(dir string) (slug string, id int64, err error) {
	slug, number, ok := strings.Cut(filepath.Base(dir), ".")
	if ok {
		id, err = strconv.ParseInt(number, 10, 64)
	}
	if !ok || err != nil {
		return "", 0, kanban.Errorf(kanban.Internal, "%s is no run folder", dir)
	}
	return slug, id, nil
}

// adopt watches a run that an earlier gateway, or an earlier watcher, started.
func (r *run) adopt() {
	ctx := context.Background()
	r.loadTerms()
	h, err := worker.Adopt(r.dir, r.supervisor)
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
	r.noteStart(ctx, r.row.Base)
	r.watch(ctx, h)
}

func (r *run) log() *slog.Logger {
	return r.d.Log.With("board", r.board.Slug(), "run", r.row.ID, "task", r.row.Task)
}

// watch follows a run until its supervisor is gone. The run's lease is renewed
// while it lives; silence beyond the lane's stall_timeout ends it.
func (r *run) watch(ctx context.Context, h *worker.Handle) {
	renew := time.NewTicker(max(r.d.Config().Dispatch.Lease/3, time.Second))
	defer renew.Stop()
	silence := newSilence(r, r.terms.StallTimeout)
	defer silence.stop()
	ended, stalled := r.ended, false
	for {
		select {
		case <-h.Done():
			r.over(ctx, stalled)
			return
		case o := <-ended:
			ended = nil
			r.endProcesses(h, o)
		case <-renew.C:
			r.noteStart(ctx, r.row.Base)
			if err := r.board.Extend(ctx, r.row.ID, silence.lastOutput()); err != nil {
				r.log().Error("the lease cannot be renewed", "error", err)
			}
		case <-silence.timer.C:
			if stalled = silence.over(ctx); stalled {
				silence.timer.Stop()
				r.signal(h.Stop)
			}
		}
	}
}

// endProcesses lets a worker that reported its end finish by itself, and stops
// one that somebody else ended.
func (r *run) endProcesses(h *worker.Handle, o kanban.Outcome) {
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

// over is called when the supervisor is gone: it takes the exit, or clears what
// a killed supervisor left, ends the run if its worker did not, and settles it.
func (r *run) over(ctx context.Context, stalled bool) {
	r.noteStart(ctx, r.row.Base)
	exit, err := worker.ReadExit(r.dir)
	if errors.Is(err, fs.ErrNotExist) {
		r.lost(ctx)
		return
	}
	if err != nil {
		r.log().Error("the exit of a run cannot be read", "error", err)
		r.lost(ctx)
		return
	}
	r.judge(ctx, exit, stalled)
}

// lost ends a run whose supervisor left no exit: it was never told to go, or it
// was killed. Whatever lives of its tree is killed first.
func (r *run) lost(ctx context.Context) {
	reason := "the gateway ended before the worker was started"
	if begun, err := worker.Begun(r.dir); err != nil || begun {
		reason = "its supervisor was killed; what was left of its processes was ended"
		if !r.clear(ctx) {
			return // the row stays live; the next pass tries again
		}
	}
	r.end(ctx, board.Ending{Outcome: kanban.Lost, Error: reason}, nil)
}

// clear kills the orphaned tree.
func (r *run) clear(ctx context.Context) bool {
	c := r.d.Config()
	ctx, cancel := context.WithTimeout(ctx, 4*c.Dispatch.StopGrace+time.Minute)
	defer cancel()
	if err := worker.KillTree(ctx, r.dir, c.Dispatch.StopGrace); err != nil {
		r.log().Error("processes of a lost run live on", "error", err)
		return false
	}
	return true
}

// end closes the run in the database, keeps its work and settles it. A run that
// has ended there already keeps its outcome.
func (r *run) end(ctx context.Context, e board.Ending, word func(context.Context) error) {
	err := errSilent
	if word != nil {
		err = word(ctx)
	}
	if err != nil {
		if !errors.Is(err, errSilent) {
			e.Error = strings.TrimSpace(e.Error + "\n" + err.Error())
		}
		t, failErr := r.board.Fail(ctx, r.row.ID, e)
		if failErr != nil {
			r.log().Error("the end of a run cannot be recorded", "error", failErr)
			return
		}
		r.coolDown(ctx, t, e)
	}
	r.settle(ctx)
}

// settle keeps the files and marks the process tree as gone.
func (r *run) settle(ctx context.Context) {
	ref := ""
	if r.row.Workspace != "" {
		limit := r.d.Config().Retention.LogSize
		s, err := r.d.Workspaces(r.board.Slug()).Snapshot(ctx, r.row.Workspace, r.row.Task, r.row.ID, max(limit, snapshotLimit))
		if err != nil {
			r.log().Error("the work of a run cannot be kept", "error", err)
		}
		ref = s.Ref
		if len(s.Skipped) > 0 {
			r.log().Warn("some files of a run were too large to keep", "files", s.Skipped)
		}
	}
	if err := r.board.Settle(ctx, r.row.ID, ref); err != nil {
		r.log().Error("a run cannot be settled", "error", err)
		return
	}
	r.settled = true
}

// snapshotLimit bounds what a snapshot keeps, in bytes.
const snapshotLimit = 256 << 20

var errSilent = errors.New("the worker said nothing")

// order is what the supervisor is told to do.
func (r *run) order(lane config.Lane, c board.Claimed, place workspace.Place) (worker.Order, error) {
	cfg := r.d.Config()
	argv, err := lane.Argv(config.Fields{
		TaskID: c.Task.ID, RunID: c.Run.ID, Board: r.board.Slug(), Workspace: place.Path, Title: c.Task.Title,
		Branch: place.Branch, Tenant: c.Task.Tenant, Prompt: r.prompt(c.Task),
	})
	o := worker.Order{
		RunDir: r.dir, Argv: argv, Dir: place.Path, Env: r.environ(lane, c, place), Timeout: c.Run.MaxRuntime,
		StopGrace: cfg.Dispatch.StopGrace, LogLimit: cfg.Retention.LogSize, HookTimeout: hookTimeout,
	}
	if place.Created && len(lane.Hooks.AfterCreate) > 0 {
		o.Before = append(o.Before, lane.Hooks.AfterCreate)
	}
	if len(lane.Hooks.BeforeRun) > 0 {
		o.Before = append(o.Before, lane.Hooks.BeforeRun)
	}
	if len(lane.Hooks.AfterRun) > 0 {
		o.After = append(o.After, lane.Hooks.AfterRun)
	}
	return o, err
}

const hookTimeout = time.Minute

func (r *run) prompt(t kanban.Task) string {
	return fmt.Sprintf("Work on task %s: %s\n\nRead the file named by ANDON_CONTEXT first (%s). When you are done, run `andon complete --summary TEXT`; "+
		"if you need a human, run `andon block REASON`.", t.ID, t.Title, filepath.Join(r.dir, contextFile))
}
