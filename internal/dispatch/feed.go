package dispatch

import (
	"path/filepath"
	"sync"

	"github.com/fsnotify/fsnotify"

	"github.com/andon-dev/andon/internal/worker"
)

// Feed is the output of a run while it is written. Offsets count from its first
// byte; see worker.Log.
type Feed interface {
	// Changed receives after more was written; signals coalesce.
	Changed() <-chan struct{}
	Bounds() (start, end int64, err error)
	ReadAt(p []byte, at int64) (int, error)
	Close() error
}

// Feeds tells of what runs write, over one watch of the system for all of them.
type Feeds struct {
	watch *fsnotify.Watcher

	mu   sync.Mutex
	open map[string]*feed // by folder
}

// NewFeeds returns the feeds of a home. Close them.
func NewFeeds() (*Feeds, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	f := &Feeds{watch: w, open: map[string]*feed{}}
	go f.forward()
	return f, nil
}

// Close ends the signals of all feeds.
func (f *Feeds) Close() error {
	if f == nil {
		return nil
	}
	return f.watch.Close()
}

func (f *Feeds) forward() {
	for {
		select {
		case e, open := <-f.watch.Events:
			if !open {
				return
			}
			f.signal(filepath.Dir(e.Name))
		case _, open := <-f.watch.Errors: // events were lost
			if !open {
				return
			}
			f.signal("")
		}
	}
}

// signal tells the feed of a folder, or all.
func (f *Feeds) signal(dir string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name, feed := range f.open {
		if dir == "" || dir == name {
			select {
			case feed.changed <- struct{}{}:
			default:
			}
		}
	}
}

type feed struct {
	*worker.Log
	feeds   *Feeds
	dir     string
	changed chan struct{}
}

// Follow opens the feed of one run, whose folder exists. Without feeds its log
// is read where somebody looks anyway.
func (f *Feeds) Follow(runDir string) (Feed, error) {
	x := &feed{Log: worker.OpenLog(runDir), feeds: f, dir: runDir, changed: make(chan struct{}, 1)}
	if f == nil {
		return x, nil
	}
	f.mu.Lock()
	f.open[runDir] = x
	f.mu.Unlock()
	if err := f.watch.Add(runDir); err != nil {
		_ = x.Close()
		return nil, err
	}
	return x, nil
}

func (x *feed) Changed() <-chan struct{} { return x.changed }

func (x *feed) Close() error {
	if x.feeds == nil {
		return nil
	}
	x.feeds.mu.Lock()
	delete(x.feeds.open, x.dir)
	x.feeds.mu.Unlock()
	_ = x.feeds.watch.Remove(x.dir) // the folder may be gone, and the watch with it
	return nil
}
