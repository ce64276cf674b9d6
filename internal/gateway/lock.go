package gateway

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker"
)

// ownerFile names who holds the lock, for the error that the next one gets.
const ownerFile = "gateway.json"

type owner struct {
	PID     int       `json:"pid"`
	Version string    `json:"version"`
	Since   time.Time `json:"since"`
}

// lock is the exclusive right to be a home's gateway. It ends with the process,
// however that ends.
type lock struct {
	dir  *os.File
	path string
}

// takeLock locks the folder <home>/andon itself, so that no file can be removed
// from under the lock.
//
// Errors: conflict naming the owner if there is one.
func takeLock(p config.Paths, version string) (*lock, error) {
	if err := os.MkdirAll(p.Dir, 0o700); err != nil {
		return nil, err
	}
	dir, err := os.Open(p.Dir)
	if err != nil {
		return nil, err
	}
	err = exclusively(int(dir.Fd()))
	if errors.Is(err, unix.EWOULDBLOCK) {
		awaitFree(p, patience)
		err = exclusively(int(dir.Fd()))
	}
	if errors.Is(err, unix.EWOULDBLOCK) {
		dir.Close()
		return nil, held(p)
	}
	if err != nil {
		dir.Close()
		return nil, kanban.Errorf(kanban.Unavailable, "the lock on %s cannot be taken: %w", p.Dir, err).
			Hint("put the home on a local file system")
	}
	l := &lock{dir: dir, path: filepath.Join(p.Dir, ownerFile)}
	raw, err := json.Marshal(owner{PID: os.Getpid(), Version: version, Since: time.Now()})
	if err == nil {
		err = writeFile(l.path, raw)
	}
	if err != nil {
		l.release()
		return nil, err
	}
	return l, nil
}

// exclusively takes the lock at once or not at all. Who only asks whether it is
// held shares it for a moment: that is no owner.
func exclusively(fd int) error {
	for limit := time.Now().Add(time.Second); ; {
		err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EWOULDBLOCK) || time.Now().After(limit) {
			return err
		}
		if err := unix.Flock(fd, unix.LOCK_SH|unix.LOCK_NB); err != nil {
			return err
		}
		if err := unix.Flock(fd, unix.LOCK_UN); err != nil {
			return err
		}
	}
}

const (
	patience = time.Second     // for an owner that may have been killed just now, which cannot be seen
	dying    = 2 * time.Second // for one that was
)

// ended reports whether the owner that stands in the record is gone.
func ended(p config.Paths) bool {
	o, err := readOwner(p)
	if err != nil {
		return false
	}
	_, err = worker.Identify(o.PID)
	return errors.Is(err, worker.ErrGone)
}

// awaitFree waits for the lock of an owner that was killed. It lives on for a
// moment after the signal, and its lock goes with its last thread, a moment after
// the process counts as ended.
func awaitFree(p config.Paths, limit time.Duration) {
	dir, err := os.Open(p.Dir)
	if err != nil {
		return
	}
	free := make(chan struct{})
	go func() {
		defer close(free)
		defer dir.Close()
		_ = unix.Flock(int(dir.Fd()), unix.LOCK_SH)
	}()
	select {
	case <-free:
	case <-time.After(limit):
	}
}

func (l *lock) release() {
	_ = os.Remove(l.path) // only a name in an error message; the flock is what counts
	l.dir.Close()
}

func held(p config.Paths) error {
	o, err := livingOwner(p)
	if err != nil {
		return kanban.Errorf(kanban.Conflict, "a gateway runs for %s already", p.Home).Hint("andon gateway status")
	}
	return kanban.Errorf(kanban.Conflict, "a gateway runs for %s already: pid %d, version %s, since %s", p.Home, o.PID, o.Version,
		o.Since.Local().Format(time.DateTime)).Hint("andon gateway stop  ends it; its workers go on")
}

// livingOwner reads who holds the lock. An owner records itself a moment after it
// took the lock, and until then the record may be that of a killed one.
func livingOwner(p config.Paths) (owner, error) {
	for limit := time.Now().Add(time.Second); ; time.Sleep(time.Millisecond) {
		o, err := readOwner(p)
		if err == nil {
			_, err = worker.Identify(o.PID)
		}
		if err == nil || time.Now().After(limit) {
			return o, err
		}
	}
}

func readOwner(p config.Paths) (o owner, err error) {
	raw, err := os.ReadFile(filepath.Join(p.Dir, ownerFile))
	if err != nil {
		return o, err
	}
	return o, json.Unmarshal(raw, &o)
}

// Owner reports whether a home's gateway lock is held, and by which process if
// that is known. It takes no lock that another start could stumble over for
// longer than the question takes.
func Owner(home string) (pid int, isHeld bool, err error) {
	p, err := config.PathsOf(home, os.Getenv)
	if err != nil {
		return 0, false, err
	}
	free, err := lockable(p.Dir)
	if errors.Is(err, unix.ENOTDIR) {
		err = kanban.Errorf(kanban.Unavailable, "%s cannot be a home: %w", home, err).Hint("choose another with --home or ANDON_HOME")
	}
	if err == nil && !free && ended(p) {
		awaitFree(p, dying)
		free, err = lockable(p.Dir)
	}
	if err != nil || free {
		return 0, false, err
	}
	o, err := livingOwner(p)
	if err != nil {
		o.PID = 0 // it is not known, then
	}
	return o.PID, true, nil
}

// lockable reports whether nobody holds the lock on a file or folder exclusively.
func lockable(path string) (bool, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	err = unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

// referenceGateway tells whether a gateway of the reference system lives on the
// home: it holds a lock on gateway.lock for as long.
func referenceGateway(home string) string {
	free, err := lockable(filepath.Join(home, "gateway.lock"))
	switch {
	case err != nil:
		return "whether another gateway serves this home cannot be told: " + err.Error()
	case !free:
		return "a gateway of another program serves this home (it holds gateway.lock)"
	}
	return ""
}

// writeFile replaces a small file whole.
func writeFile(path string, raw []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err := tmp.Write(raw); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
