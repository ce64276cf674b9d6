package workspace

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// marker proves that Andon made a directory. It stands outside the directory,
// so that no worker's "clean up everything" takes it along.
type marker struct {
	Task   string    `json:"task"`
	Kind   string    `json:"kind"`
	Path   string    `json:"path"`
	Made   identity  `json:"made"`
	MadeAt time.Time `json:"made_at"`
	Ready  bool      `json:"ready"` // false until git has filled a work tree

	// Work trees and clones only.
	Repo   string `json:"repo,omitempty"` // the repository's common git directory
	Branch string `json:"branch,omitempty"`
	Base   string `json:"base,omitempty"`
	Start  string `json:"start,omitempty"` // where Andon found its branch, or made it

	// A walled worker had it: git looks at it from aside, or not at all.
	Walled bool `json:"walled,omitempty"`

	// Clones only.
	Tip string `json:"tip,omitempty"` // where the source's branch was when Andon looked last; empty if there was none
	Own bool   `json:"own,omitempty"` // Andon made that branch
}

// identity tells a directory from every other one that bears its name.
type identity struct {
	Device uint64 `json:"device"`
	Inode  uint64 `json:"inode"`
	Born   int64  `json:"born,omitempty"` // nanoseconds since 1970; 0 where the file system does not say
}

// same prefers the time of birth: inodes are used again, and the number of a
// device may change when the machine restarts.
func (a identity) same(b identity) bool {
	if a.Inode != b.Inode {
		return false
	}
	if a.Born != 0 && b.Born != 0 {
		return a.Born == b.Born
	}
	return a.Device == b.Device
}

// Owned is a workspace that Remove would accept.
type Owned struct {
	Task   string
	Path   string
	Kind   string
	MadeAt time.Time
}

// Owned lists what gc may look at: the workspaces that Andon made and that
// still are what it made, or are gone and leave only their records.
func (m *Manager) Owned() ([]Owned, error) {
	entries, err := os.ReadDir(m.markers())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []Owned
	for _, e := range entries {
		task, isMarker := strings.CutSuffix(e.Name(), ".json")
		if !isMarker || checkTask(task) != nil {
			continue
		}
		mk, exists, err := m.load(task)
		if err != nil {
			return nil, err
		}
		if state := mk.look(); exists && state != replaced {
			all = append(all, Owned{Task: task, Path: mk.Path, Kind: mk.Kind, MadeAt: mk.MadeAt})
		}
	}
	return all, nil
}

func (m *Manager) markers() string { return filepath.Join(m.root, ".andon") }

func (m *Manager) markerPath(task string) string {
	return filepath.Join(m.markers(), task+".json")
}

// owned returns the marker of a task if its directory is there and is the one
// that Andon made.
func (m *Manager) owned(task string) (marker, bool, error) {
	mk, exists, err := m.load(task)
	if err != nil || !exists {
		return marker{}, false, err
	}
	return mk, mk.look() == present, nil
}

// load reads a marker. One that cannot be understood proves nothing and counts
// as absent.
func (m *Manager) load(task string) (marker, bool, error) {
	raw, err := os.ReadFile(m.markerPath(task))
	if errors.Is(err, fs.ErrNotExist) {
		return marker{}, false, nil
	}
	if err != nil {
		return marker{}, false, err
	}
	var mk marker
	if json.Unmarshal(raw, &mk) != nil || mk.Task != task || !filepath.IsAbs(mk.Path) {
		return marker{}, false, nil
	}
	return mk, true, nil
}

// save replaces the marker in one step. It does not wait for the disk: a marker
// lost with the power leaves a directory that nobody removes, the safe side.
func (m *Manager) save(mk marker) error {
	raw, err := json.MarshalIndent(mk, "", "  ")
	if err != nil {
		return err
	}
	temp := m.markerPath(mk.Task) + ".new"
	if err := os.WriteFile(temp, append(raw, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(temp, m.markerPath(mk.Task))
}

// make creates the empty directory mk.Path and its marker. The directory gets
// its name after the marker is written, so that a crash between the two leaves
// nothing that looks like a workspace and is not known.
func (m *Manager) make(mk marker) (marker, error) {
	if old, exists, err := m.load(mk.Task); err != nil {
		return marker{}, err
	} else if exists && old.look() == gone {
		if err := old.removeTree(); err != nil { // ends a removal that was cut short
			return marker{}, err
		}
	}
	parent := filepath.Dir(mk.Path)
	for _, dir := range []string{m.markers(), parent} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return marker{}, err
		}
	}
	temp := filepath.Join(parent, ".andon-new-"+mk.Task)
	if err := os.Mkdir(temp, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return marker{}, err
	}
	f, err := os.Open(temp)
	if err != nil {
		return marker{}, err
	}
	defer f.Close()
	if mk.Made, err = identify(f); err != nil {
		return marker{}, err
	}
	mk.MadeAt = time.Now().UTC()
	if err := m.save(mk); err != nil {
		return marker{}, err
	}
	return mk, os.Rename(temp, mk.Path)
}

// state is what stands where a marker says that a workspace stands.
type state int

const (
	replaced state = iota // something else, or something that cannot be judged
	present               // the directory that Andon made
	gone                  // nothing
)

func (mk marker) look() state {
	parent, err := os.OpenRoot(filepath.Dir(mk.Path))
	if errors.Is(err, fs.ErrNotExist) {
		return gone
	}
	if err != nil {
		return replaced
	}
	defer parent.Close()
	return mk.at(parent, filepath.Base(mk.Path))
}

// at compares the entry name of parent with the directory of the marker.
func (mk marker) at(parent *os.Root, name string) state {
	info, err := parent.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return gone
	}
	if err != nil || !info.IsDir() {
		return replaced
	}
	f, err := parent.Open(name)
	if err != nil {
		return replaced
	}
	defer f.Close()
	if id, err := identify(f); err != nil || !id.same(mk.Made) {
		return replaced
	}
	return present
}

// stands refuses to give a task a second workspace beside its first.
func (mk marker) stands(kind, path string) error {
	if mk.Kind == kind && mk.Path == path {
		return nil
	}
	return kanban.Errorf(kanban.Conflict, "task %s has its %s workspace at %s already", mk.Task, mk.Kind, mk.Path).
		Hint("keep kind and path as they were, or remove that workspace first (andon gc)")
}
