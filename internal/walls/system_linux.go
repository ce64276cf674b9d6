package walls

import (
	"os"
	"path/filepath"
	"sync"
)

// System are the folders that programs are made of, as far as this machine has
// them. They can be read and run by everybody who is confined.
var System = sync.OnceValue(func() []string {
	var dirs []string
	for _, dir := range []string{
		"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/nix", "/snap", "/gnu",
		"/sys/devices/system/cpu", "/sys/fs/cgroup", "/run/systemd/resolve",
	} {
		if info, err := os.Lstat(dir); err == nil && info.IsDir() {
			dirs = append(dirs, dir)
		}
	}
	return dirs
})

type link struct{ name, target string }

// systemLinks are those of them that are links into others, as /bin often is.
func systemLinks() []link {
	var links []link
	for _, name := range []string{"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"} {
		if target, err := os.Readlink(name); err == nil {
			links = append(links, link{name, target})
		}
	}
	return links
}

// devices are those that a program may expect; bubblewrap makes them anew.
var devices = []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx", "/dev/pts", "/dev/shm", "/dev/fd"}

// Path returns a path as given and without links, as both names are used.
func Path(path string) []string {
	path = filepath.Clean(path)
	if real, err := filepath.EvalSymlinks(path); err == nil && real != path {
		return []string{path, real}
	}
	return []string{path}
}
