package gateway

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// tellSystemd sends a state to the service manager that started us, if one did
// (sd_notify(3)). Nothing depends on its arrival.
func tellSystemd(state string) {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return
	}
	if path[0] == '@' {
		path = "\x00" + path[1:]
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return
	}
	defer c.Close()
	_, _ = c.Write([]byte(state))
}

// watchFile signals when a file is written, replaced or removed. It watches the
// folder, since editors replace files.
func watchFile(path string) (<-chan struct{}, func() error, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, nil, err
	}
	if err := w.Add(filepath.Dir(path)); err != nil {
		w.Close()
		return nil, nil, err
	}
	changed := make(chan struct{}, 1)
	go forward(w, changed, func(e fsnotify.Event) bool { return e.Name == path && e.Op != fsnotify.Chmod })
	return changed, w.Close, nil
}

const (
	writeTime    = 100 * time.Millisecond // a file that was not written for so long is whole
	maxWriteTime = time.Second            // a file that is written again and again is read all the same
)

// written returns when a file that changed is whole: many programs empty it before
// they write.
func written(ctx context.Context, changed <-chan struct{}) {
	whole, limit := time.NewTimer(writeTime), time.NewTimer(maxWriteTime)
	defer whole.Stop()
	defer limit.Stop()
	for {
		select {
		case <-changed:
			whole.Reset(writeTime)
		case <-whole.C:
			return
		case <-limit.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// forward signals for the events that count, and for an error, since it may
// stand for events that were lost. It ends when the watcher is closed.
func forward(w *fsnotify.Watcher, changed chan<- struct{}, counts func(fsnotify.Event) bool) {
	for {
		select {
		case e, open := <-w.Events:
			if !open {
				return
			}
			if !counts(e) {
				continue
			}
		case _, open := <-w.Errors:
			if !open {
				return
			}
		}
		select {
		case changed <- struct{}{}:
		default:
		}
	}
}
