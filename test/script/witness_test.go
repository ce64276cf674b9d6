package script

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// witness looks from here on at the titles of all processes of this script, as
// anybody on the machine can: command lines and names, also of those that live a
// while only.
func witness(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: witness")
	}
	w := &titles{work: []byte(ts.Getenv("WORK")), seen: map[string]bool{}}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for looks := time.NewTicker(10 * time.Millisecond); ; { // nobody tells when a process begins
			w.look()
			select {
			case <-looks.C:
			case <-ctx.Done():
				looks.Stop()
				return
			}
		}
	}()
	ts.Defer(func() { stop(); <-ended })
	witnesses.Store(ts.Getenv("WORK"), w)
	ts.Defer(func() { witnesses.Delete(ts.Getenv("WORK")) })
}

// witnesses are those of the scripts that run, by their folder.
var witnesses sync.Map

// titles are what a witness saw.
type titles struct {
	work []byte
	mu   sync.Mutex
	seen map[string]bool
}

func (w *titles) look() {
	entries, _ := os.ReadDir("/proc")
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range entries {
		dir := filepath.Join("/proc", e.Name())
		if pid, err := strconv.Atoi(e.Name()); err != nil || pid == os.Getpid() {
			continue
		}
		line, _ := os.ReadFile(filepath.Join(dir, "cmdline"))
		name, _ := os.ReadFile(filepath.Join(dir, "comm"))
		title := string(name) + string(bytes.ReplaceAll(line, []byte{0}, []byte{' '}))
		if w.seen[title] {
			continue
		}
		environ, _ := os.ReadFile(filepath.Join(dir, "environ"))
		if bytes.Contains(environ, w.work) || bytes.Contains(line, w.work) {
			w.seen[title] = true
		}
	}
}

// titled asserts that the witness saw a process with a text in its title, for
// which it waits up to 15 seconds, or that it saw none: `titled 'gateway run'`,
// `! titled -f FILE` with a text in each line.
func titled(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 2 && args[0] == "-f" {
		args = strings.Fields(ts.ReadFile(args[1]))
	}
	found, ok := witnesses.Load(ts.Getenv("WORK"))
	if !ok || len(args) == 0 {
		ts.Fatalf("usage: witness, then titled TEXT... or -f FILE")
	}
	w := found.(*titles)
	for _, text := range args {
		at, seen := w.find(text)
		for range 1500 {
			if neg || seen {
				break
			}
			time.Sleep(10 * time.Millisecond) // the witness tells nobody
			at, seen = w.find(text)
		}
		switch {
		case !seen && !neg:
			ts.Fatalf("no process was titled %q", text)
		case seen && neg:
			ts.Fatalf("a process was titled %q", at)
		}
	}
}

// find returns a title with a text in it.
func (w *titles) find(text string) (title string, seen bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for title := range w.seen {
		if strings.Contains(title, text) {
			return title, true
		}
	}
	return "", false
}
