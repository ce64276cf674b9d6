package workspace

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

func identify(f *os.File) (identity, error) {
	var st unix.Statx_t
	err := unix.Statx(int(f.Fd()), "", unix.AT_EMPTY_PATH, unix.STATX_INO|unix.STATX_BTIME, &st)
	if err != nil {
		return identity{}, os.NewSyscallError("statx", err)
	}
	id := identity{Device: unix.Mkdev(st.Dev_major, st.Dev_minor), Inode: st.Ino}
	if st.Mask&unix.STATX_BTIME != 0 {
		id.Born = st.Btime.Sec*1e9 + int64(st.Btime.Nsec)
	}
	return id, nil
}

// lockHolder looks for a git process that works at the top of tree, where every
// git goes before it locks the index. 0 means that there is none. A git of
// another user, whose directory is not ours to read, counts as the holder.
func lockHolder(tree string) (pid int, known bool) {
	top, err := os.Stat(tree)
	if err != nil {
		return 0, false
	}
	processes, err := os.ReadDir("/proc")
	if err != nil {
		return 0, false
	}
	for _, p := range processes {
		pid, err := strconv.Atoi(p.Name())
		if err != nil {
			continue
		}
		name, err := os.ReadFile("/proc/" + p.Name() + "/comm")
		if err != nil || !strings.HasPrefix(string(name), "git") {
			continue
		}
		cwd, err := os.Stat("/proc/" + p.Name() + "/cwd")
		if errors.Is(err, fs.ErrPermission) || err == nil && os.SameFile(top, cwd) {
			return pid, true
		}
	}
	return 0, true
}
