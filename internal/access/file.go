package access

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/kanban"
)

// content is what the file holds.
type content struct {
	Listen      string       `json:"listen,omitempty"` // where the dashboard was opened, if andon.yaml says nothing
	Credentials []Credential `json:"credentials"`
	Links       []link       `json:"links,omitempty"`
}

// link begins one session.
type link struct {
	Hash    string       `json:"hash"`
	Name    string       `json:"name"`
	Scope   kanban.Scope `json:"scope"`
	Board   string       `json:"board,omitempty"`
	Expires time.Time    `json:"expires"`
}

// version tells one state of the file from the next: it is never written in place.
type version struct {
	inode uint64
	mtime time.Time
	size  int64
}

// read returns what the file holds now. Whoever gets it must not change it.
func (k *Keeper) read() (*content, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.load()
}

func (k *Keeper) load() (*content, error) {
	info, err := os.Stat(k.path)
	if errors.Is(err, fs.ErrNotExist) {
		k.cached, k.version = nil, version{}
		return &content{}, nil
	}
	if err != nil {
		return nil, k.unreadable(err)
	}
	now := version{mtime: info.ModTime(), size: info.Size()}
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		now.inode = s.Ino
	}
	if k.cached != nil && k.version == now {
		return k.cached, nil
	}
	raw, err := os.ReadFile(k.path)
	if err != nil {
		return nil, k.unreadable(err)
	}
	var c content
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, k.unreadable(err)
	}
	k.cached, k.version = &c, now
	return k.cached, nil
}

func (k *Keeper) unreadable(err error) error {
	return kanban.Errorf(kanban.Unavailable, "who may come in cannot be read: %w", err).
		Hint("the unix socket still works; mv %s aside  revokes all tokens and sessions", k.path)
}

// change replaces the file. Other processes that do the same wait. What has ended
// on its own is dropped on the way.
func (k *Keeper) change(do func(*content) error) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := os.MkdirAll(filepath.Dir(k.path), 0o700); err != nil {
		return k.unwritable(err)
	}
	lock, err := os.OpenFile(k.path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return k.unwritable(err)
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return k.unwritable(err)
	}
	k.cached = nil
	c, err := k.load()
	if err != nil {
		return err
	}
	k.cached = nil // a change that fails leaves nothing in memory
	if err := do(c); err != nil {
		return err
	}
	c.prune(k.clock())
	raw, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	if err := replace(k.path, append(raw, '\n')); err != nil {
		return k.unwritable(err)
	}
	return nil
}

func (k *Keeper) unwritable(err error) error {
	return kanban.Errorf(kanban.Unavailable, "who may come in cannot be written: %w", err).Hint("nothing was changed; check %s", filepath.Dir(k.path))
}

// replace is durable when it returns: what was revoked stays so.
func replace(path string, raw []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(raw)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
