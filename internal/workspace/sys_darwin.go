package workspace

import (
	"os"

	"golang.org/x/sys/unix"
)

func identify(f *os.File) (identity, error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return identity{}, os.NewSyscallError("fstat", err)
	}
	return identity{Device: uint64(st.Dev), Inode: st.Ino, Born: st.Btim.Nano()}, nil
}

// lockHolder cannot tell here: another process's working directory is not ours
// to read.
func lockHolder(string) (pid int, known bool) { return 0, false }
