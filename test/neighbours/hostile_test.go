package neighbours

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

// neighbours are at work beside a board until stop.
type neighbours struct {
	h    *home
	ctx  context.Context
	stop context.CancelFunc
	work sync.WaitGroup

	mu     sync.Mutex
	said   []string       // what went wrong for them
	rounds map[string]int // how often each came to its end
	first  sync.WaitGroup // of the first round of each
	begun  chan struct{}  // closed once each had one
}

// disturb starts every kind of neighbour.
func (h *home) disturb(dir string) *neighbours {
	n := &neighbours{h: h, rounds: map[string]int{}, begun: make(chan struct{})}
	n.ctx, n.stop = context.WithCancel(context.Background())
	n.loop("select", func() error { return n.run("sqlite3", "-cmd", ".timeout 10000", h.db(), "SELECT count(*) FROM tasks") })
	n.loop("insert", n.insert)
	n.loop("insert too", n.insert)
	n.loop("backup", func() error {
		return n.run("sqlite3", h.db(), ".timeout 10000", ".backup '"+filepath.Join(dir, "backup.db")+"'")
	})
	n.loop("copy", func() error { return unlessGone(n.run("cp", append(h.present(), dir)...)) })
	n.loop("mode", n.chmod)
	n.work.Go(func() { probe(n.ctx.Done(), h.files()...) }) // the test has no SQLite: it is beside
	go func() {
		n.first.Wait()
		close(n.begun)
	}()
	return n
}

// present lists those of the three files that are there.
func (h *home) present() (paths []string) {
	for _, path := range h.files() {
		if _, err := os.Stat(path); err == nil {
			paths = append(paths, path)
		}
	}
	return paths
}

func (n *neighbours) loop(name string, once func() error) {
	n.first.Add(1)
	begun := sync.OnceFunc(n.first.Done)
	n.work.Go(func() {
		defer begun()
		for n.ctx.Err() == nil {
			err := once()
			if n.ctx.Err() != nil {
				return
			}
			n.mu.Lock()
			if err != nil {
				n.said = append(n.said, name+": "+err.Error())
			} else {
				n.rounds[name]++
			}
			n.mu.Unlock()
			begun()
		}
	})
}

// end stops them all and returns what went wrong for them.
func (n *neighbours) end() []string {
	n.stop()
	n.work.Wait()
	return n.said
}

// run runs a process that is killed when the storm is over.
func (n *neighbours) run(name string, args ...string) error {
	var said bytes.Buffer
	cmd := exec.CommandContext(n.ctx, name, args...)
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w: %.300s", err, said.String())
	}
	return nil
}

// insert is a whole life of the sqlite3 program: it opens, commits, and may be
// the last to close.
func (n *neighbours) insert() error {
	id := "t_" + rand.Text()
	err := n.run("sqlite3", "-cmd", ".timeout 10000", n.h.db(),
		fmt.Sprintf("INSERT INTO tasks (id, title, status, created_at) VALUES ('%s', 'by sqlite3', 'blocked', 1795000000)", id))
	if err == nil {
		n.h.ledger.note(id, "blocked")
	} else if strings.Contains(err.Error(), "locked") {
		err = nil // it waited in vain, and was told so
	}
	return err
}

func (n *neighbours) chmod() error {
	for _, mode := range []os.FileMode{0o640, 0o600} {
		for _, path := range n.h.files() {
			if err := os.Chmod(path, mode); err != nil && !os.IsNotExist(err) {
				return err
			}
		}
	}
	return unlessGone(n.run("chmod", append([]string{"0600"}, n.h.present()...)...))
}

// gone is what programs say when a file vanished under them: whoever closes last
// may remove the -wal and the -shm, and whoever comes next makes them anew.
var gone = regexp.MustCompile(`No such file or directory|-(wal|shm)', as it was replaced while being copied`)

// unlessGone forgives a program that.
func unlessGone(err error) error {
	if err != nil && gone.MatchString(err.Error()) {
		return nil
	}
	return err
}
