package worker

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// here returns what, beside pid and start time, identifies a process. The boot
// session stays the same when the clock is set, unlike kern.boottime.
func here() (boot string, ns uint64, err error) {
	boot, err = bootSession()
	return boot, 0, err
}

var bootSession = sync.OnceValues(func() (string, error) { return unix.Sysctl("kern.bootsessionuuid") })

const zombie = 5 // SZOMB

// lookup reads one line of the process table; its error wraps ErrGone if pid
// is not in it. An ended process is in it until its parent has collected it.
func lookup(pid int) (process, error) {
	list, err := unix.SysctlKinfoProcSlice("kern.proc.pid", pid)
	if errors.Is(err, unix.ESRCH) || err == nil && len(list) == 0 {
		return process{}, gone(pid)
	}
	if err != nil {
		return process{}, err
	}
	return fromKernel(&list[0]), nil
}

func fromKernel(k *unix.KinfoProc) process {
	name, _, _ := bytes.Cut(k.Proc.P_comm[:], []byte{0})
	session, _ := unix.Getsid(int(k.Proc.P_pid)) // 0 for what is gone: no session has that number
	started := k.Proc.P_starttime
	return process{
		pid:     int(k.Proc.P_pid),
		ppid:    int(k.Eproc.Ppid),
		session: session,
		start:   uint64(started.Sec)*1_000_000 + uint64(started.Usec),
		name:    string(name),
		ended:   k.Proc.P_stat == zombie,
	}
}

// snapshot reads the process table.
func snapshot() (table, error) {
	list, err := unix.SysctlKinfoProcSlice("kern.proc.all")
	if err != nil {
		return nil, err
	}
	t := make(table, len(list))
	for i := range list {
		p := fromKernel(&list[i])
		t[p.pid] = p
	}
	return t, nil
}

// environ returns the environment a process was started with. What may not be
// read, or is gone, has none.
func environ(pid int) ([]string, error) { _, env := procArgs(pid); return env, nil }

func cmdline(pid int) []string { argv, _ := procArgs(pid); return argv }

// procArgs reads kern.procargs2: the number of arguments, the path of the
// program, padding, then arguments and environment, each ended by a NUL.
func procArgs(pid int) (argv, env []string) {
	raw, err := unix.SysctlRaw("kern.procargs2", pid)
	if err != nil || len(raw) < 4 {
		return nil, nil
	}
	argc := int(binary.LittleEndian.Uint32(raw))
	_, rest, _ := bytes.Cut(raw[4:], []byte{0})
	rest = bytes.TrimLeft(rest, "\x00")
	words := strings.Split(string(rest), "\x00")
	if argc < 0 || argc > len(words) {
		return nil, nil
	}
	return words[:argc], words[argc:]
}

// openFiles would need libproc, thus cgo: on darwin the descriptor of the tree
// file is no mark.
func openFiles(int) ([]openFile, error) { return nil, nil }

func (openFile) writeOnly() bool { return false }
