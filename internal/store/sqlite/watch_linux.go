package sqlite

import (
	"github.com/fsnotify/fsnotify"
)

// notifier tells which files of some folders were written.
type notifier struct {
	changed chan string
	inotify *fsnotify.Watcher
	err     error
	stop    chan struct{}
}

func newNotifier() *notifier {
	n := &notifier{changed: make(chan string), stop: make(chan struct{})}
	if n.inotify, n.err = fsnotify.NewWatcher(); n.err == nil {
		go n.loop()
	}
	return n
}

func (n *notifier) loop() {
	for {
		select {
		case e, open := <-n.inotify.Events:
			if !open {
				return
			}
			if !e.Has(fsnotify.Write) && !e.Has(fsnotify.Create) {
				continue
			}
			select {
			case n.changed <- e.Name:
			case <-n.stop:
				return
			}
		case <-n.inotify.Errors: //nolint:errcheck // an overflow, say: the timer catches up
		case <-n.stop:
			return
		}
	}
}

func (n *notifier) watch(dir string) error {
	if n.err != nil {
		return n.err
	}
	return n.inotify.Add(dir)
}

// forget ends watching a folder; one that has gone ended it itself.
func (n *notifier) forget(dir string) {
	if n.err == nil {
		_ = n.inotify.Remove(dir)
	}
}

func (n *notifier) close() error {
	close(n.stop)
	if n.err != nil {
		return nil
	}
	return n.inotify.Close()
}
