package dispatch

import (
	"context"
	"iter"
	"maps"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
)

// newRun describes a run that is about to be watched.
func (d *Dispatcher) newRun(b *board.Board, row kanban.Run) *run {
	key := runKey{b.Slug(), row.ID}
	return &run{
		d: d, board: b, key: key, row: row, dir: d.runDir(key), folder: d.Host.Folder(d.runDir(key)),
		ended: make(chan kanban.Outcome, 1), called: make(chan struct{}, 1), noted: make(chan struct{}),
		exits: make(chan guestExit), left: make(chan struct{}), handed: make(chan struct{}, 1),
	}
}

// recall is for a run that was started before: its terms stand in its folder. A
// run that was killed before they were written was never started.
func (r *run) recall(c config.Config) {
	known, err := loadTerms(r.folder)
	r.foreign = err == nil && known.Supervisor != r.row.Supervisor
	r.terms, r.early = known, true
	if err != nil || r.foreign {
		r.terms = termsOf(r.row, c.Lanes[r.row.Lane])
	}
	r.foreign = r.foreign && !r.guest() // which need not have a folder
}

// watch lets a goroutine see a run to its end.
func (d *Dispatcher) watch(r *run, how watcher) {
	d.mu.Lock()
	d.runs[r.key] = r
	delete(d.unread, r.key)
	d.mu.Unlock()
	labels := pprof.Labels("board", r.key.board, "run", strconv.FormatInt(r.key.run, 10)) // for who looks at goroutines
	d.watchers.Go(func() {
		pprof.Do(d.life, labels, func(ctx context.Context) { r.guard(ctx, how) })
	})
}

// all yields the runs whose processes may live. The lock is held.
func (d *Dispatcher) all() iter.Seq[*run] {
	return func(yield func(*run) bool) {
		for _, runs := range []map[runKey]*run{d.runs, d.unread} {
			for r := range maps.Values(runs) {
				if !yield(r) {
					return
				}
			}
		}
	}
}

// count groups the live runs. The lock is held.
func (d *Dispatcher) count(by func(*run) string) (total int, groups map[string]int) {
	groups = map[string]int{}
	for r := range d.all() {
		groups[by(r)]++
		total++
	}
	return total, groups
}

func laneOf(r *run) string    { return r.terms.Lane }
func accountOf(r *run) string { return r.terms.Account }

// endRunsWithout ends the processes of runs whose board is gone, and counts those
// that live on boards which were not read yet, or cannot be. The lock is held.
func (d *Dispatcher) endRunsWithout(boards map[string]bool) {
	for key, r := range d.runs {
		if !boards[key.board] {
			r.endedInStore(kanban.CancelledOut)
		}
	}
	d.unread = map[runKey]*run{}
	for slug := range boards {
		if t := d.boards[slug]; t == nil || !t.sound {
			d.addUnread(slug)
		}
	}
}

// addUnread finds a board's live runs by their folders.
func (d *Dispatcher) addUnread(slug string) {
	for _, dir := range d.Host.RunDirs(slug) {
		key, err := parseRunDir(dir)
		if err != nil || key.board != slug || d.runs[key] != nil {
			continue
		}
		f := d.Host.Folder(dir)
		if alive, err := f.Lives(); !alive && err == nil {
			continue
		}
		known, err := loadTerms(f)
		if err != nil {
			d.Log.Error("a live run is not known", "folder", dir, "error", err)
			continue
		}
		d.unread[key] = &run{d: d, key: key, dir: dir, folder: f, terms: known, row: kanban.Run{ID: key.run, Supervisor: known.Supervisor}}
	}
}

// The files of a run's folder that are not its supervisor's.
const (
	contextFile = "context.md"
	resultFile  = "result.json"
)

func (d *Dispatcher) runDir(key runKey) string {
	return filepath.Join(d.Paths.Runs, key.board+"."+strconv.FormatInt(key.run, 10))
}

func parseRunDir(dir string) (key runKey, err error) {
	slug, number, ok := strings.Cut(strings.TrimSuffix(filepath.Base(dir), VerifySuffix), ".")
	if ok {
		key.board = slug
		key.run, err = strconv.ParseInt(number, 10, 64)
	}
	if !ok || err != nil {
		return key, kanban.Errorf(kanban.Internal, "%s is no run folder", dir)
	}
	return key, nil
}
