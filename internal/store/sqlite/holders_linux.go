package sqlite

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// holdersOf finds the processes that have one of some files open, by the files'
// identity and without opening them. Processes that this user may not look at,
// and those of other pid namespaces, are not seen.
func holdersOf(paths ...string) ([]Holder, error) {
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
	var who []Holder
	for _, fd := range fds {
		// Only regular files are asked about: another's pipe or mount may hold us up.
		link, err := os.Readlink(fd)
		if err != nil || !filepath.IsAbs(link) || strings.HasPrefix(link, "/dev/") && !strings.HasPrefix(link, "/dev/shm/") {
			continue
		}
		fi, err := os.Stat(fd)
		if err != nil || !slices.ContainsFunc(files, func(f os.FileInfo) bool { return os.SameFile(f, fi) }) {
			continue
		}
		h, err := holderIn(filepath.Dir(filepath.Dir(fd)))
		if err == nil && !slices.Contains(who, h) {
			who = append(who, h)
		}
	}
	return who, nil
}

// holderIn describes the process of a folder in /proc, which may be gone.
func holderIn(dir string) (h Holder, err error) {
	name, _ := os.ReadFile(filepath.Join(dir, "comm"))
	program, _ := os.Readlink(filepath.Join(dir, "exe"))
	h.Name, h.Program = strings.TrimSpace(string(name)), strings.TrimSuffix(program, " (deleted)")
	h.PID, err = strconv.Atoi(filepath.Base(dir))
	return h, err
}
