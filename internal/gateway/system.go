package gateway

import (
	"net"
	"os"
	"path/filepath"

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
	go func() {
		for e := range w.Events {
			if e.Name != path || e.Op == fsnotify.Chmod {
				continue
			}
			select {
			case changed <- struct{}{}:
			default:
			}
		}
	}()
	return changed, w.Close, nil
}
