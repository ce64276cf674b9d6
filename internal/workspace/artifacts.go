package workspace

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/kanban"
)

// Artifacts keeps the declared results of runs, named by the SHA-256 of their
// content, as <dir>/<first two digits>/<digest>. Several processes may use one
// store.
type Artifacts struct {
	dir string
}

// Artifact is one kept file.
type Artifact struct {
	Path   string `json:"path"` // in the workspace, as the run declared it
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"` // bytes
	Type   string `json:"type"` // media type
}

// NewArtifacts is the store in dir, which is made for the first file.
func NewArtifacts(dir string) *Artifacts { return &Artifacts{dir: dir} }

// incoming makes the store if it is missing, and returns its folder for files
// that do not have their name yet.
func (a *Artifacts) incoming() (string, error) {
	dir := filepath.Join(a.dir, incoming)
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	return dir, syncFolder(filepath.Dir(a.dir))
}

const incoming = "tmp"

// settle gives the copies their names. A file that is there already is replaced
// by its equal: that renews its age, which Sweep goes by.
func (a *Artifacts) settle(temps []string, kept []Artifact) error {
	unlock, err := a.lock(unix.LOCK_SH)
	if err != nil {
		return err
	}
	defer unlock()
	folders := map[string]bool{a.dir: true}
	for i, temp := range temps {
		path := a.path(kept[i].SHA256)
		if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := os.Rename(temp, path); err != nil {
			return err
		}
		folders[filepath.Dir(path)] = true
	}
	for folder := range folders {
		if err := syncFolder(folder); err != nil {
			return err
		}
	}
	return nil
}

// Open returns the content and size of a kept file.
//
// Errors: invalid if sha is not a SHA-256 in lower-case hexadecimal; not_found.
func (a *Artifacts) Open(sha string) (io.ReadSeekCloser, int64, error) {
	if !isDigest.MatchString(sha) {
		return nil, 0, kanban.Errorf(kanban.Invalid, "%q is not a SHA-256 digest", sha)
	}
	f, err := os.Open(a.path(sha))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, kanban.Errorf(kanban.NotFound, "no artifact %s is kept here", sha).
			Hint("artifacts are removed after retention.artifacts")
	}
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// Sweep removes files that were last kept before olderThan and that nothing
// refers to: what failed transactions and retention leave. olderThan must lie
// further back than any call of Keep whose transaction is still open.
func (a *Artifacts) Sweep(ctx context.Context, referenced func(sha string) (bool, error), olderThan time.Time) (removed int, err error) {
	err = filepath.WalkDir(a.dir, func(path string, entry fs.DirEntry, err error) error {
		if path == a.dir && errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		unfinished := filepath.Base(filepath.Dir(path)) == incoming
		if !unfinished && !isDigest.MatchString(entry.Name()) {
			return nil
		}
		if !unfinished {
			if used, err := referenced(entry.Name()); err != nil || used {
				return err
			}
		}
		swept, err := a.removeOld(path, olderThan)
		if swept && !unfinished {
			removed++
		}
		return err
	})
	return removed, err
}

// removeOld looks at the age again under the lock: the file may have been kept
// anew since the caller asked who refers to it.
func (a *Artifacts) removeOld(path string, olderThan time.Time) (bool, error) {
	unlock, err := a.lock(unix.LOCK_EX)
	if err != nil {
		return false, err
	}
	defer unlock()
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil || !info.ModTime().Before(olderThan) {
		return false, err
	}
	return true, os.Remove(path)
}

// lock takes the store's lock among all processes. It is held for renames only.
func (a *Artifacts) lock(how int) (unlock func(), err error) {
	f, err := os.Open(a.dir)
	if err != nil {
		return nil, err
	}
	for {
		err = unix.Flock(int(f.Fd()), how)
		if err != unix.EINTR {
			break
		}
	}
	if err != nil {
		f.Close()
		return nil, os.NewSyscallError("flock", err)
	}
	return func() { f.Close() }, nil
}

func (a *Artifacts) path(sha string) string { return filepath.Join(a.dir, sha[:2], sha) }

var isDigest = regexp.MustCompile(`^[0-9a-f]{64}$`)

func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
