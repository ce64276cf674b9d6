package cmdutil

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// forgotten is after how long a terminal's last task is cleared away: sessions
// leave no word when they end.
const forgotten = 14 * 24 * time.Hour

// Remember makes id what @last stands for in this terminal, and its board the one
// that is meant with it.
func (f *Factory) Remember(board, id string) {
	if err := f.remember(board, id); err != nil {
		f.Warn("@last is not %s: %v", id, err)
	}
}

func (f *Factory) remember(board, id string) error {
	path, err := f.lastPath()
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(path, []byte(id+" "+board+"\n"), 0o600); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || f.Now().Sub(info.ModTime()) < forgotten {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// last looks @last up. Its board is the one to Open, unless the command names one.
func (f *Factory) last() (string, error) {
	path, err := f.lastPath()
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", kanban.Errorf(kanban.NotFound, "there is no @last: this terminal has created no task yet").
			Hint("andon list  shows the ids")
	}
	id, board, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	if f.Globals.Board == "" {
		f.Globals.Board = board
	}
	return id, err
}

// lastPath is per user and terminal, or per guest. All commands of a terminal
// share its session, and scripts have one of their own.
func (f *Factory) lastPath() (string, error) {
	paths, err := f.Paths()
	if err != nil {
		return "", err
	}
	name := fmt.Sprintf("%d-%d", os.Getuid(), session())
	if f.Guest != nil {
		name = f.Guest.Session
	}
	return filepath.Join(paths.Dir, "last", name), nil
}
