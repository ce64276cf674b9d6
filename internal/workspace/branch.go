package workspace

import (
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
)

// ownBranch refuses a branch that stands for another, or lies elsewhere: workers
// in work trees write into the folder of their branch.
func ownBranch(common, branch string) error {
	for at := filepath.Join(common, "refs", "heads", filepath.FromSlash(branch)); at != filepath.Join(common, "refs", "heads"); at = filepath.Dir(at) {
		info, err := os.Lstat(at)
		if err != nil || info.IsDir() {
			continue // packed, or not there
		}
		if !info.Mode().IsRegular() || symbolic(at) {
			return kanban.Errorf(kanban.Gated, "the branch %s leads elsewhere: %s is a link or no branch", branch, at).
				Hint("look where it leads, and remove it; or name another branch")
		}
	}
	return nil
}

// symbolic reports whether a ref's file names another ref.
func symbolic(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	text, _ := io.ReadAll(io.LimitReader(f, 4))
	return strings.HasPrefix(string(text), "ref:")
}
