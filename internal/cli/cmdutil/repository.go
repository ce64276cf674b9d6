package cmdutil

import (
	"os"
	"path/filepath"
)

// Repository is the root of the git work tree that the caller stands in, "" if it
// stands in none. A home that is one, as of somebody who keeps settings in git,
// is no project. A guest stands in none.
func (f *Factory) Repository() string {
	if f.Guest != nil {
		return ""
	}
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	for ; ; dir = filepath.Dir(dir) {
		if dir == f.Getenv("HOME") {
			return ""
		}
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}
