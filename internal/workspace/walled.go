package workspace

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
)

// Walled is a file that lists, a line each, the folders of people that walled
// workers were let write to. Behind their walls they can have made links there,
// and git settings that run programs; so nothing is reached through such a link,
// and no git is run on a repository there. "" lists nothing.
type Walled string

// Add lists folders, before somebody gets them.
func (w Walled) Add(dirs ...string) error {
	known, err := w.folders()
	if err != nil || w == "" {
		return err
	}
	var text strings.Builder
	for _, dir := range dirs {
		if !slices.Contains(known, dir) && !strings.Contains(dir, "\n") {
			text.WriteString(dir + "\n")
		}
	}
	if text.Len() == 0 {
		return nil
	}
	f, err := os.OpenFile(string(w), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text.String())
	return errors.Join(err, f.Sync(), f.Close())
}

func (w Walled) folders() ([]string, error) {
	if w == "" {
		return nil, nil
	}
	text, err := os.ReadFile(string(w))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"), err
}

// Over returns the listed folder that one of the paths lies in, or a link that
// it leads through; "" if there is none.
func (w Walled) Over(paths ...string) (string, error) {
	return w.over(func(links []string, end string) []string { return append(links, end) }, paths)
}

// Links is Over for what may lie there, but not be reached through a link there.
func (w Walled) Links(paths ...string) (string, error) {
	return w.over(func(links []string, _ string) []string { return links }, paths)
}

func (w Walled) over(which func(links []string, end string) []string, paths []string) (string, error) {
	folders, err := w.folders()
	if err != nil || len(folders) == 0 {
		return "", err
	}
	for _, path := range paths {
		for _, at := range which(trail(path)) {
			for _, dir := range folders {
				if inside(dir, at) {
					return dir, nil
				}
			}
		}
	}
	return "", nil
}

// reachable reports whether a walled worker could write to a tree, or to the
// repository that it is of.
func (m *Manager) reachable(ctx context.Context, tree string) (bool, error) {
	paths := []string{tree}
	if m.walled != "" {
		common, err := git{dir: tree}.commonDir(ctx)
		if err != nil {
			return false, err
		}
		paths = append(paths, common)
	}
	dir, err := m.walled.Over(paths...)
	return dir != "", err
}

// Straight refuses a folder that is reached through a link that a walled worker
// can have put there.
//
// Errors: gated.
func (m *Manager) Straight(path string) error {
	dir, err := m.walled.Links(path)
	if err != nil || dir == "" {
		return err
	}
	return kanban.Errorf(kanban.Gated, "%s leads through a link in %s, where a walled worker could put it", path, dir).
		Hint("put back what was there before")
}

// refuse is the error for a repository that a walled worker may have written to.
func (w Walled) refuse(paths ...string) error {
	dir, err := w.Over(paths...)
	if err != nil || dir == "" {
		return err
	}
	return kanban.Errorf(kanban.Gated, "%s lies in %s, where a walled worker could write: git settings there would be obeyed outside of its walls", paths[0], dir).
		Hint("work on another clone of it; or look through its .git yourself, config, hooks and info, and take the line %s out of %s", dir, w)
}

// mostLinks is how many the kernel itself follows.
const mostLinks = 40

// trail follows a path: the links that it leads through, and where it ends.
func trail(path string) (links []string, end string) {
	path = filepath.Clean(path)
	for range mostLinks {
		link, to := firstLink(path)
		if link == "" {
			break
		}
		links, path = append(links, link), to
	}
	return links, path
}

// firstLink is the first link on a path, and the path with it followed.
func firstLink(path string) (link, to string) {
	for i := 1; i < len(path); i++ {
		end := strings.IndexByte(path[i:], '/')
		if end < 0 {
			end = len(path) - i
		}
		i += end
		target, err := os.Readlink(path[:i])
		if err != nil {
			continue
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path[:i]), target)
		}
		return path[:i], filepath.Join(target, path[i:])
	}
	return "", ""
}

// inside reports whether path is dir or lies in it.
func inside(dir, path string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
}
