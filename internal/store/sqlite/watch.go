package sqlite

import (
	"path/filepath"
	"sync"
	"time"
)

// watchEvery is the safety net for commits that caused no notification.
const watchEvery = 2 * time.Second

// watcher makes writers look for others' commits: when the WAL of a database
// changes, and now and then. A notification comes before the commit can be
// seen, so it proves nothing; the writer's next transaction does.
type watcher struct {
	mu     sync.Mutex
	wals   map[string]*database // by path of the WAL
	notes  *notifier
	stop   chan struct{}
	ended  chan struct{}
	closed bool
}

func newWatcher() *watcher { return &watcher{wals: map[string]*database{}} }

// add watches a database; adding it again is a no-op. What cannot be watched is
// left to the timer.
func (w *watcher) add(d *database) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || w.wals[d.path+"-wal"] != nil {
		return
	}
	w.start()
	w.wals[d.path+"-wal"] = d
	if err := w.notes.watch(filepath.Dir(d.path)); err != nil {
		d.log.Warn("commits of other processes are noticed late", "file", d.path, "error", err)
	}
}

func (w *watcher) start() {
	if w.stop != nil {
		return
	}
	w.notes = newNotifier()
	w.stop, w.ended = make(chan struct{}), make(chan struct{})
	go w.loop()
}

// has reports whether a database is watched.
func (w *watcher) has(d *database) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.wals[d.path+"-wal"] == d
}

// remove reports whether the database was watched.
func (w *watcher) remove(d *database) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.wals[d.path+"-wal"] != d {
		return false
	}
	delete(w.wals, d.path+"-wal")
	w.notes.forget(filepath.Dir(d.path))
	return true
}

func (w *watcher) loop() {
	defer close(w.ended)
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case path := <-w.notes.changed:
			w.mu.Lock()
			if d := w.wals[path]; d != nil {
				d.writer.poke()
			}
			w.mu.Unlock()
		case <-tick.C:
			w.mu.Lock()
			for _, d := range w.wals {
				d.writer.poke()
			}
			w.mu.Unlock()
		case <-w.stop:
			return
		}
	}
}

func (w *watcher) close() error {
	w.mu.Lock()
	w.closed = true
	started := w.stop != nil
	w.mu.Unlock()
	if !started {
		return nil
	}
	close(w.stop)
	<-w.ended
	return w.notes.close()
}
