package sqlite

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/kanban"
)

// fdsOf lists this process's descriptors of files below dir, as /proc links.
func fdsOf(t *testing.T, dir string) (links []string) {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	for _, e := range fds {
		if link, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && strings.HasPrefix(link, dir+"/") {
			links = append(links, e.Name()+" "+link)
		}
	}
	return links
}

func TestG03_TheSentinelFindsWhatWouldLoseCommits(t *testing.T) {
	for name, harm := range map[string]func(t *testing.T, d *database){
		"-wal deleted": func(t *testing.T, d *database) { must(t, os.Remove(d.path+"-wal")) },
		"-shm deleted": func(t *testing.T, d *database) { must(t, os.Remove(d.path+"-shm")) },
		"deleted":      func(t *testing.T, d *database) { must(t, os.Remove(d.path)) },
		"renamed":      func(t *testing.T, d *database) { must(t, os.Rename(d.path, d.path+".bak")) },
		"replaced": func(t *testing.T, d *database) {
			must(t, os.WriteFile(d.path+".copy", []byte("restored"), 0o600))
			must(t, os.Rename(d.path+".copy", d.path))
		},
		"folder moved": func(t *testing.T, d *database) {
			dir := filepath.Dir(d.path)
			must(t, os.Rename(dir, dir+".moved"))
			t.Cleanup(func() { os.RemoveAll(dir + ".moved") })
		},
		"lock lost": func(t *testing.T, d *database) {
			for _, link := range fdsOf(t, filepath.Dir(d.path)) {
				if fd, path, _ := strings.Cut(link, " "); path == d.path {
					unlockFD(t, fd)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			h, d := openHomeBoard(t)
			if first := h.look(h.look(nil)); len(first) != 0 {
				t.Fatalf("found at a healthy board: %v", first)
			}
			harm(t, d)
			found := h.look(nil)
			if len(found) == 0 {
				t.Fatal("not found")
			}
			must(t, d.latch.err()) // once may be a coincidence
			h.look(found)
			wantCode(t, d.latch.err(), kanban.Unavailable)
			wantCode(t, d.update(background, func(*conn) error { return nil }), kanban.Unavailable)
		})
	}
}

func openHomeBoard(t *testing.T) (*Home, *database) {
	t.Helper()
	h := openHome(t, t.TempDir(), Options{Shared: true})
	s, err := h.Open(background, "default")
	must(t, err)
	return h, s.(*board).db
}

// unlockFD takes SQLite's lock away from a descriptor of this process.
func unlockFD(t *testing.T, fd string) {
	t.Helper()
	n := 0
	for _, c := range fd {
		n = n*10 + int(c-'0')
	}
	must(t, unix.FcntlFlock(uintptr(n), unix.F_OFD_SETLK, &unix.Flock_t{Type: unix.F_UNLCK}))
}

func TestG03_TheSentinelLooksAgainAndAgain(t *testing.T) {
	h, d := openHomeBoard(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(background)
		ended := make(chan struct{})
		go func() { h.Sentinel(ctx); close(ended) }()
		time.Sleep(10 * sentinelEvery)
		must(t, d.latch.err())
		must(t, os.Remove(d.path+"-shm"))
		time.Sleep(2*sentinelEvery + time.Second)
		wantCode(t, d.latch.err(), kanban.Unavailable)
		stop()
		<-ended
	})
}

func TestG03_SelfCheck(t *testing.T) {
	dir := t.TempDir()
	must(t, selfCheck(dir))
	left, err := os.ReadDir(dir)
	must(t, err)
	if len(left) != 0 || len(fdsOf(t, dir)) != 0 {
		t.Fatalf("left behind: %v, %v", left, fdsOf(t, dir))
	}
}

// The check has to be able to fail: a lock of the POSIX kind is gone after the
// file was opened and closed beside it.
func TestG03_SelfCheckWouldSeePOSIXLocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "posix.db")
	for _, p := range []string{path, path + "-wal", path + "-shm"} {
		f, err := os.Create(p)
		must(t, err)
		defer f.Close()
		must(t, unix.FcntlFlock(f.Fd(), unix.F_SETLK, &unix.Flock_t{Type: unix.F_WRLCK}))
	}
	if held, err := holdsLocks(path); !held || err != nil {
		t.Fatalf("held %v, %v", held, err)
	}
	must(t, touch(path, path+"-wal", path+"-shm"))
	if held, err := holdsLocks(path); held || err != nil {
		t.Fatalf("held %v, %v", held, err)
	}
}
