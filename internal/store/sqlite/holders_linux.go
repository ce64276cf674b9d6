package sqlite

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// holders names the processes that have one of some files open, by the files'
// identity and without opening them. Processes that this user may not look at,
// and those of other pid namespaces, are not seen.
func holders(paths ...string) ([]string, error) {
	var files []os.FileInfo
	for _, p := range paths {
		if fi, err := os.Stat(p); err == nil {
			files = append(files, fi)
		}
	}
	if len(files) == 0 {
		return nil, nil
	}
	fds, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return nil, err
	}
	var who []string
	for _, fd := range fds {
		// Only regular files are asked about: another's pipe or mount may hold us up.
		if link, err := os.Readlink(fd); err != nil || !filepath.IsAbs(link) || strings.HasPrefix(link, "/dev/") {
			continue
		}
		fi, err := os.Stat(fd)
		if err != nil || !slices.ContainsFunc(files, func(f os.FileInfo) bool { return os.SameFile(f, fi) }) {
			continue
		}
		dir := filepath.Dir(filepath.Dir(fd))
		name, _ := os.ReadFile(filepath.Join(dir, "comm")) // it may be gone
		text := fmt.Sprintf("%s (pid %s)", strings.TrimSpace(string(name)), filepath.Base(dir))
		if !slices.Contains(who, text) {
			who = append(who, text)
		}
	}
	return who, nil
}
