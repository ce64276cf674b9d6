package dispatch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker"
	"github.com/andon-dev/andon/internal/workspace"
)

// Machine is the Host that this process runs on.
type Machine struct {
	Pool  *worker.Pool
	Paths config.Paths
	Kept  func(slug string) *workspace.Manager // the workspaces of a board
	Feeds *Feeds                               // nil = output is only read at the end of a run
}

var _ Host = Machine{}

type spare struct{ *worker.Spare }

func (s spare) Start(o worker.Order) (Handle, error) { return handle(s.Spare.Start(o)) }

// handle makes no interface of a nil pointer.
func handle(h *worker.Handle, err error) (Handle, error) {
	if err != nil {
		return nil, err
	}
	return h, nil
}

// Take implements Host.
func (m Machine) Take(ctx context.Context) (Spare, error) {
	s, err := m.Pool.Take(ctx)
	if err != nil {
		return nil, err
	}
	return spare{s}, nil
}

// Adopt implements Host.
func (m Machine) Adopt(runDir string, supervisor worker.Identity) (Handle, error) {
	return handle(worker.Adopt(runDir, supervisor))
}

// KillTree implements Host.
func (m Machine) KillTree(ctx context.Context, runDir string, grace time.Duration) error {
	return worker.KillTree(ctx, runDir, grace)
}

// Boot implements Host.
func (m Machine) Boot() (string, error) {
	self, err := worker.Self()
	return self.Boot, err
}

// MayLive implements Host. Ages are known to the second or so.
func (m Machine) MayLive(pid int, at time.Time) bool {
	if _, err := worker.Identify(pid); err != nil {
		return false
	}
	started, err := worker.StartedAt(pid)
	return err != nil || !started.After(at.Add(2*time.Second))
}

// Free implements Host.
func (m Machine) Free() (uint64, error) { return workspace.Free(m.Paths.Home) }

// RunDirs implements Host.
func (m Machine) RunDirs(slug string) []string {
	dirs, _ := filepath.Glob(filepath.Join(m.Paths.Runs, slug+".*"))
	return dirs
}

// Follow implements Host.
func (m Machine) Follow(runDir string) (Feed, error) { return m.Feeds.Follow(runDir) }

// Workspaces implements Host.
func (m Machine) Workspaces(slug string) Workspaces { return m.Kept(slug) }

// Folder implements Host.
func (m Machine) Folder(runDir string) Folder { return folder(runDir) }

// folder is the path of a run's folder.
type folder string

// Make finds a folder if a board had the same name before, or a later state.
func (f folder) Make() error {
	alive, err := worker.Locked(string(f))
	if err != nil {
		return err
	}
	if alive {
		return kanban.Errorf(kanban.Conflict, "%s is in use by another run", string(f))
	}
	if err := os.RemoveAll(string(f)); err != nil {
		return err
	}
	return os.MkdirAll(string(f), 0o700)
}

func (f folder) Write(name string, content []byte) error {
	return os.WriteFile(filepath.Join(string(f), name), content, 0o600)
}

func (f folder) Read(name string, limit int64) ([]byte, error) {
	file, err := worker.OpenRegular(filepath.Join(string(f), name))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(raw)) > limit {
		err = fmt.Errorf("it is larger than %d bytes", limit)
	}
	return raw, err
}

func (f folder) Remove(name string) error {
	root, err := os.OpenRoot(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer root.Close()
	return workspace.RemoveAll(root, name)
}

func (f folder) Output() (size int64, at time.Time) {
	info, err := os.Stat(filepath.Join(string(f), worker.LogFile))
	if err != nil || info.Size() == 0 {
		return 0, time.Time{}
	}
	return info.Size(), info.ModTime()
}

func (f folder) Tail(limit int64) []byte {
	file, err := worker.OpenRegular(filepath.Join(string(f), worker.LogFile))
	if err != nil {
		return nil
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil
	}
	raw := make([]byte, min(limit, info.Size()))
	n, _ := file.ReadAt(raw, info.Size()-int64(len(raw)))
	return raw[:n]
}

// Lives looks at the process table only for what was begun, has no exit and was
// not cleared: a supervisor that wrote an exit saw the end of its tree.
func (f folder) Lives() (bool, error) {
	if alive, err := worker.Locked(string(f)); alive || err != nil {
		return alive, err
	}
	if begun, err := f.Begun(); !begun || err != nil {
		return false, err
	}
	if _, err := f.Exit(); err == nil || worker.Gone(string(f)) {
		return false, nil
	}
	left, err := worker.Orphans(string(f))
	return len(left) > 0, err
}

func (f folder) Begun() (bool, error)             { return worker.Begun(string(f)) }
func (f folder) Started() (worker.Started, error) { return worker.ReadStarted(string(f)) }
func (f folder) Exit() (worker.Exit, error)       { return worker.ReadExit(string(f)) }
