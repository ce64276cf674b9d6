package sqlite

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const canLook = true

// inspect looks at the descriptors of some databases through /proc. One that is
// opened or closed meanwhile may look wrong; hence two looks.
func inspect(dbs []*database) faults {
	files := map[string]*database{}
	for _, d := range dbs {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			files[d.path+suffix] = d
		}
	}
	found, seen := faults{}, map[string]bool{}
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return nil
	}
	for _, e := range fds {
		link, err := os.Readlink(filepath.Join("/proc/self/fd", e.Name()))
		if err != nil {
			continue
		}
		path, gone := strings.CutSuffix(link, " (deleted)")
		d := files[path]
		if d == nil {
			continue
		}
		seen[path] = true
		if what := wrong(e.Name(), path, gone, path == d.path); what != "" {
			found[fault{d, "descriptor " + e.Name() + " " + what}] = true
		}
	}
	// A descriptor follows a file that is renamed, and so is missing at its path.
	for path, d := range files {
		if !seen[path] {
			found[fault{d, path + " was moved away"}] = true
		}
	}
	return found
}

// wrong says what is wrong with a descriptor of a database, "" if nothing is.
func wrong(fd, path string, gone, main bool) string {
	if gone {
		return "is of a deleted file, " + path
	}
	ours, err := os.Stat(filepath.Join("/proc/self/fd", fd)) // opens nothing
	if err != nil {
		return ""
	}
	theirs, err := os.Stat(path)
	switch {
	case err != nil:
		return "is of a file that cannot be reached any more, " + path
	case !os.SameFile(ours, theirs):
		return "is not of the file that stands at " + path
	case main && !locked(fd, "READ", sharedFirst, sharedLast):
		return "lost its lock on " + path
	}
	return ""
}

// locked reports whether a descriptor of ours holds at least this kind of lock
// on this range: only fdinfo tells whose an open-file-description lock is.
//
//	lock:	1: OFDLCK  ADVISORY  READ  -1 08:01:1234 1073741826 1073742335
func locked(fd, kind string, first, last int64) bool {
	info, err := os.ReadFile(filepath.Join("/proc/self/fdinfo", fd))
	if err != nil {
		return true // closed meanwhile
	}
	for line := range strings.Lines(string(info)) {
		f := strings.Fields(line)
		if len(f) < 9 || f[0] != "lock:" || f[4] != kind && f[4] != "WRITE" {
			continue
		}
		from, err1 := strconv.ParseInt(f[7], 10, 64)
		to, err2 := strconv.ParseInt(f[8], 10, 64)
		if err1 == nil && (f[8] == "EOF" || err2 == nil && to >= last) && from <= first {
			return true
		}
	}
	return false
}
