package walls

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// nativeArch is this processor as seccomp names it; 0 = one that the filter was
// not written for.
var nativeArch = map[string]uint32{"amd64": unix.AUDIT_ARCH_X86_64, "arm64": unix.AUDIT_ARCH_AARCH64}[runtime.GOARCH]

// Offsets in what a filter looks at (struct seccomp_data, little-endian).
const (
	ofCall     = 0
	ofArch     = 4
	ofFirstArg = 16
)

// x32 numbers the calls of a third kind of program of amd64 from here on.
const x32 = 0x40000000

// withoutNetwork lets the calling thread, and what it becomes and starts, make
// no socket but unix ones. io_uring makes sockets without a call that could be
// looked at, and programs of another kind have other numbers: both are refused.
func withoutNetwork() error {
	const (
		load  = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
		equal = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
		least = unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K
		ret   = unix.BPF_RET | unix.BPF_K
	)
	refuse := func(errno unix.Errno) uint32 { return unix.SECCOMP_RET_ERRNO | uint32(errno) }
	filter := []unix.SockFilter{
		{Code: load, K: ofArch},
		{Code: equal, K: nativeArch, Jf: 8}, // -> 10
		{Code: load, K: ofCall},
		{Code: least, K: x32, Jt: 6},                     // -> 10
		{Code: equal, K: unix.SYS_IO_URING_SETUP, Jt: 5}, // -> 10
		{Code: equal, K: unix.SYS_SOCKET, Jf: 2},         // -> 8
		{Code: load, K: ofFirstArg},                      // the family
		{Code: equal, K: unix.AF_UNIX, Jf: 1},            // -> 9
		{Code: ret, K: unix.SECCOMP_RET_ALLOW},           // 8
		{Code: ret, K: refuse(unix.EACCES)},              // 9
		{Code: ret, K: refuse(unix.EPERM)},               // 10
	}
	prog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if _, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&prog))); errno != 0 {
		return fmt.Errorf("take the network away: %w", errno)
	}
	return nil
}
