package gateway

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/fsnotify/fsnotify"

	"github.com/andon-dev/andon/internal/dispatch"
	"github.com/andon-dev/andon/internal/httpapi"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker"
)

// liveLog is a run's log with a signal for what is written to it.
type liveLog struct {
	*worker.Log
	format  string
	watch   *fsnotify.Watcher // nil once the run has ended
	changed chan struct{}
}

// openLog opens a run's log, to be followed while the run is alive.
func (a *app) openLog(_ context.Context, slug string, r kanban.Run) (httpapi.LogReader, error) {
	dir := filepath.Join(a.paths.Runs, slug+"."+strconv.FormatInt(r.ID, 10))
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, kanban.Errorf(kanban.NotFound, "there is no log of run %d", r.ID).
			Hint("a worker that Andon did not start has none; old ones are removed after retention.logs")
	}
	l := &liveLog{Log: worker.OpenLog(dir), format: dispatch.PresetOf(dir)}
	if !r.Open() && !r.Live {
		return l, nil
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	if err := w.Add(dir); err != nil {
		w.Close()
		return nil, err
	}
	l.watch, l.changed = w, make(chan struct{}, 1)
	go forward(w, l.changed, func(fsnotify.Event) bool { return true })
	return l, nil
}

// Changed receives after something was written; nil for a run that has ended.
func (l *liveLog) Changed() <-chan struct{} { return l.changed }

// Format names the preset of the lane that the run was started in.
func (l *liveLog) Format() string { return l.format }

// Close ends the watching.
func (l *liveLog) Close() error {
	if l.watch == nil {
		return nil
	}
	return l.watch.Close()
}
