package workspace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/andon-dev/andon/internal/kanban"
)

// Snapshot is what was kept of a work tree at the end of a run.
type Snapshot struct {
	Ref     string   // refs/andon/<task>/<run>; empty if there was nothing to keep
	Commit  string   // what Ref points to: HEAD itself if nothing had changed
	Files   int      // files that differ from HEAD and were kept
	Bytes   int64    // their size
	Skipped []string // what was left out, each as "path (reason)"
}

// Snapshot keeps the tracked and untracked files of the work tree at path in a
// commit on top of HEAD, without touching HEAD, index or files. limit bounds
// the bytes kept; 0 means no bound. Small files go first: they are rather
// sources, the large ones rather dumps. A path that never was the root of a work
// tree yields an empty Snapshot. run 0 is for the state before a removal.
//
// The caller makes sure that the run's processes are gone.
//
// Errors: conflict if Andon made a work tree there that is gone, or whose .git is.
func (m *Manager) Snapshot(ctx context.Context, path, task string, run int64, limit int64) (Snapshot, error) {
	if err := checkTask(task); err != nil {
		return Snapshot{}, err
	}
	if run < 0 {
		return Snapshot{}, kanban.Errorf(kanban.Invalid, "%d is not the number of a run", run)
	}
	g, head, done, err := m.openTree(ctx, path, task)
	if err != nil || g.dir == "" {
		return Snapshot{}, err
	}
	defer done()
	temp, err := os.MkdirTemp("", "andon-snapshot-")
	if err != nil {
		return Snapshot{}, err
	}
	defer os.RemoveAll(temp)
	index := filepath.Join(temp, "index")
	if err := g.copyIndex(ctx, index); err != nil {
		return Snapshot{}, err
	}
	g.env = slices.Concat(g.env, []string{"GIT_INDEX_FILE=" + index}, andonItself)
	found, err := g.scan(ctx)
	if err != nil {
		return Snapshot{}, err
	}
	unpublished, err := g.unpublished(ctx)
	if err != nil {
		return Snapshot{}, err
	}
	var shot Snapshot
	shot.skip("a repository inside", append(found.foreign, unpublished...)...)
	shot.skip("unreadable", found.unreadable...)
	shot.choose(found, limit)
	refused, err := g.stage(ctx, found)
	if err != nil {
		return Snapshot{}, err
	}
	shot.count(found, refused)
	slices.Sort(shot.Skipped)
	shot.Skipped = slices.Compact(shot.Skipped)

	message := fmt.Sprintf("Andon: work of task %s at the end of run %d\n", task, run)
	if shot.Commit, err = g.record(ctx, head, message); err != nil || shot.Commit == "" {
		return shot, err
	}
	shot.Ref = "refs/andon/" + task + "/" + strconv.FormatInt(run, 10)
	_, err = g.run(ctx, "", "update-ref", shot.Ref, shot.Commit)
	return shot, err
}

// openTree returns how to look at the work tree at path, and the commit that it
// is on; no directory if there is none. A clone is looked at from aside.
func (m *Manager) openTree(ctx context.Context, path, task string) (g git, head string, done func(), err error) {
	mk, exists, err := m.load(task)
	if err != nil {
		return g, "", nil, err
	}
	if exists && mk.Walled && mk.Kind == Scratch {
		return g, "", nil, nil // whatever repository is there is the worker's own
	}
	if exists && mk.apart() && mk.Path == filepath.Clean(path) {
		a, err := m.aside(ctx, mk)
		if err != nil {
			return g, "", nil, err
		}
		return a.git, a.head, a.close, nil
	}
	if inside(m.root, path) && filepath.Clean(path) != m.defaultPath(task) {
		return g, "", nil, nil // it is of another task, which may have had other walls
	}
	if is, err := m.isTree(ctx, path, task); err != nil || !is {
		return g, "", nil, err
	}
	if reached, err := m.reachable(ctx, path); err != nil || reached {
		return g, "", nil, err
	}
	g = git{dir: path}
	head, err = g.commit(ctx, "HEAD")
	return g, head, func() {}, err
}

func (s *Snapshot) skip(reason string, paths ...string) {
	for _, path := range paths {
		s.Skipped = append(s.Skipped, path+" ("+reason+")")
	}
}

// choose drops the files that do not fit under limit.
func (s *Snapshot) choose(found *changes, limit int64) {
	if limit <= 0 {
		return
	}
	slices.SortStableFunc(found.files, func(a, b change) int { return cmp.Compare(a.size, b.size) })
	var sum int64
	for i, f := range found.files {
		if sum += f.size; sum > limit {
			for _, over := range found.files[i:] {
				s.skip("too large", over.path)
			}
			found.files = found.files[:i]
			return
		}
	}
}

func (s *Snapshot) count(found *changes, refused []string) {
	s.skip("git cannot take it", refused...)
	for _, f := range append(found.files, found.staged...) {
		if !slices.Contains(refused, f.path) {
			s.Files++
			s.Bytes += f.size
		}
	}
}

// record commits the index on top of head, and returns head if they are equal;
// "" for nothing on top of nothing.
func (g git) record(ctx context.Context, head, message string) (string, error) {
	id, err := g.line(ctx, "write-tree")
	if err != nil {
		return "", err
	}
	args := []string{"commit-tree", "-F", "-", id}
	if head == "" {
		entries, err := g.line(ctx, "ls-tree", id)
		if err != nil || entries == "" {
			return "", err
		}
	} else {
		before, err := g.line(ctx, "rev-parse", "--verify", head+"^{tree}")
		if err != nil || before == id {
			return head, err
		}
		args = append(args, "-p", head)
	}
	commit, err := g.run(ctx, message, args...)
	if err != nil {
		return "", err
	}
	return commit[:len(commit)-1], nil
}

// copyIndex saves git from reading every file again. The copy keeps the time of
// the original: git compares it with that of files to know which of them may
// have changed within one tick of the clock.
func (g git) copyIndex(ctx context.Context, to string) error {
	private, err := g.privateDir(ctx)
	if err != nil {
		return err
	}
	from, err := os.Open(filepath.Join(private, "index"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer from.Close()
	return copyWithTime(from, to)
}

// copyWithTime makes a file with the content and the time of another.
func copyWithTime(from *os.File, to string) error {
	info, err := from.Stat()
	if err != nil {
		return err
	}
	copied, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(copied, from)
	if err := errors.Join(err, copied.Close()); err != nil {
		return err
	}
	return os.Chtimes(to, info.ModTime(), info.ModTime())
}

// andonItself is the author of what nobody else wrote.
var andonItself = []string{
	"GIT_AUTHOR_NAME=Andon", "GIT_AUTHOR_EMAIL=andon@localhost",
	"GIT_COMMITTER_NAME=Andon", "GIT_COMMITTER_EMAIL=andon@localhost",
}
