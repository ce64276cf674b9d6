package worker

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// here returns what, beside pid and start time, identifies a process: the
// boot and the pid namespace of the caller.
func here() (boot string, ns uint64, err error) {
	h, err := place()
	return h.boot, h.ns, err
}

type bootAndNS struct {
	boot string
	ns   uint64
}

var place = sync.OnceValues(func() (bootAndNS, error) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return bootAndNS{}, err
	}
	info, err := os.Stat("/proc/self/ns/pid")
	if err != nil {
		return bootAndNS{}, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return bootAndNS{}, errors.New("pid namespace has no inode number")
	}
	return bootAndNS{boot: strings.TrimSpace(string(boot)), ns: stat.Ino}, nil
})

// lookup reads one line of the process table; its error wraps ErrGone if pid
// is not in it. An ended process is in it until its parent has collected it.
func lookup(pid int) (process, error) {
	line, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
		return process{}, gone(pid)
	}
	if err != nil {
		return process{}, err
	}
	return parseStat(line)
}

// exiting is PF_EXITING of Linux, among the flags of /proc/PID/stat.
const exiting = 0x4

// parseStat reads "pid (name) state ppid pgrp session ...". The name may hold
// spaces and parentheses: fields are counted from its last one.
func parseStat(line []byte) (process, error) {
	open, end := bytes.IndexByte(line, '('), bytes.LastIndexByte(line, ')')
	if open < 1 || end < open {
		return process{}, fmt.Errorf("process table: cannot read %q", line)
	}
	rest := strings.Fields(string(line[end+1:]))
	if len(rest) < 20 {
		return process{}, fmt.Errorf("process table: %d fields in %q", len(rest), line)
	}
	var errs [6]error
	number := func(i int, text string) int64 {
		n, err := strconv.ParseInt(text, 10, 64)
		errs[i] = err
		return n
	}
	p := process{
		pid:     int(number(0, string(bytes.TrimSpace(line[:open])))),
		name:    string(line[open+1 : end]),
		ppid:    int(number(1, rest[1])),
		session: int(number(2, rest[3])),
		start:   uint64(number(3, rest[19])),
		dying:   number(5, rest[6])&exiting != 0,
	}
	// A zombie with threads is a process whose first thread has ended while others work on.
	threads := number(4, rest[17])
	p.ended = (rest[0] == "Z" || rest[0] == "X") && threads <= 1
	if p.session < 0 { // it was collected while this line was written
		p.ended = true
	}
	return p, errors.Join(errs[:]...)
}

// snapshot reads the process table.
func snapshot() (table, error) {
	pids, err := numbers("/proc")
	if err != nil {
		return nil, err
	}
	t := make(table, len(pids))
	for _, pid := range pids {
		p, err := lookup(pid)
		if errors.Is(err, ErrGone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		t[pid] = p
	}
	return t, nil
}

// environ returns the environment a process was started with. What may not be
// read, or is gone, has none; the error says that we could not look.
func environ(pid int) ([]string, error) { return nulSeparated(pid, "environ") }

func cmdline(pid int) []string {
	argv, _ := nulSeparated(pid, "cmdline")
	return argv
}

func nulSeparated(pid int, name string) ([]string, error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), name))
	if err != nil || len(text) == 0 {
		return nil, exhausted(err)
	}
	return strings.Split(strings.TrimRight(string(text), "\x00"), "\x00"), nil
}

// exhausted keeps the errors that tell nothing about the process looked at:
// whoever takes them for an answer sees no process at all.
func exhausted(err error) error {
	for _, ours := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM} {
		if errors.Is(err, ours) {
			return err
		}
	}
	return nil
}

// openFiles returns what the descriptors of a process point to. What may not
// be read, or is gone, has none; the error says that we could not look.
func openFiles(pid int) ([]openFile, error) {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	links, err := readLinks(filepath.Join(dir, "fd"))
	if len(links) > 0 || errors.Is(err, fs.ErrPermission) || exhausted(err) != nil {
		return links, exhausted(err)
	}
	// The descriptors of a process whose first thread has ended are seen through another thread.
	threads, err := numbers(filepath.Join(dir, "task"))
	for _, tid := range threads {
		if links, err = readLinks(filepath.Join(dir, "task", strconv.Itoa(tid), "fd")); len(links) > 0 || exhausted(err) != nil {
			break
		}
	}
	return links, exhausted(err)
}

func readLinks(dir string) ([]openFile, error) {
	fds, err := numbers(dir)
	if err != nil {
		return nil, err
	}
	var links []openFile
	for _, fd := range fds {
		link := filepath.Join(dir, strconv.Itoa(fd))
		path, err := os.Readlink(link)
		if errors.Is(err, fs.ErrPermission) {
			return nil, err // and so are all others
		}
		if err == nil {
			links = append(links, openFile{path: strings.TrimSuffix(path, " (deleted)"), link: link})
		}
	}
	return links, nil
}

// writeOnly tells how the file was opened: the mode of the link says so.
func (f openFile) writeOnly() bool {
	info, err := os.Lstat(f.link)
	return err == nil && info.Mode()&0o600 == 0o200
}

// numbers lists the entries of a folder of /proc that are numbers.
func numbers(dir string) ([]int, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var list []int
	for _, name := range names {
		if n, err := strconv.Atoi(name); err == nil {
			list = append(list, n)
		}
	}
	return list, nil
}
