//go:build linux || darwin

package worker

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// spawnWorker is spawn with what the worker reads.
func (l *life) spawnWorker(out int) (int, error) {
	if l.order.Stdin == "" {
		return l.spawn(l.order.Argv, out)
	}
	in, err := OpenRegular(l.order.Stdin)
	if err != nil {
		return 0, fmt.Errorf("standard input: %w", err)
	}
	defer in.Close()
	l.in = in
	defer func() { l.in = nil }()
	return l.spawn(l.order.Argv, out)
}

// spawn starts argv in its own session, with nothing but stdin, output and the
// descriptor that marks the tree. Nobody but the reaper waits for it.
func (l *life) spawn(argv []string, out int) (pid int, err error) {
	if len(argv) == 0 || argv[0] == "" {
		return 0, errors.New("no command given")
	}
	path, err := LookPath(argv[0], l.order.Env)
	if err != nil {
		return 0, err
	}
	if l.order.Walls != nil {
		return l.confined(append([]string{path}, argv[1:]...), out)
	}
	if pid, err = l.fork(path, argv, out); pid == 0 {
		return 0, explainSpawn(err, path, l.order.Dir)
	}
	return pid, nil
}

// fork also gives more descriptors, from 4 on.
func (l *life) fork(path string, argv []string, out int, more ...uintptr) (pid int, err error) {
	in := l.null
	if l.in != nil {
		in = l.in
	}
	sys := &syscall.SysProcAttr{Setsid: true}
	if l.order.Group != "" {
		group, err := os.Open(l.order.Group)
		if err != nil {
			return 0, err
		}
		defer group.Close()
		into(sys, group)
	}
	err = expendable(func() (err error) {
		pid, err = syscall.ForkExec(path, argv, &syscall.ProcAttr{
			Dir:   l.order.Dir,
			Env:   l.order.Env,
			Files: append([]uintptr{in.Fd(), uintptr(out), uintptr(out), l.tree.Fd()}, more...),
			Sys:   sys,
		})
		return err
	})
	return pid, err
}

// LookPath finds a command as a shell with this environment would, except that
// the current folder is never searched. What holds a slash is taken as it is.
func LookPath(name string, env []string) (string, error) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	var search string
	for _, v := range env {
		if value, ok := strings.CutPrefix(v, "PATH="); ok {
			search = value
		}
	}
	for _, folder := range filepath.SplitList(search) {
		if !filepath.IsAbs(folder) {
			continue
		}
		path := filepath.Join(folder, name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s: command not found in PATH=%s", name, search)
}

// explainSpawn tells apart what exec reports with one number.
func explainSpawn(err error, path, dir string) error {
	if info, statErr := os.Stat(dir); statErr != nil {
		return fmt.Errorf("working directory: %w", statErr)
	} else if !info.IsDir() {
		return fmt.Errorf("working directory %s is not a folder", dir)
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	_, statErr := os.Stat(path)
	switch {
	case errors.Is(statErr, fs.ErrNotExist):
		return fmt.Errorf("%s: no such file", path)
	case errors.Is(err, syscall.ENOENT):
		return fmt.Errorf("%s: the interpreter named in its first line does not exist", path)
	case errors.Is(err, syscall.ENOEXEC):
		return fmt.Errorf("%s: neither a program of this system nor a script with a #! line", path)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s: not executable: %w", path, err)
	case errors.Is(err, syscall.E2BIG):
		return fmt.Errorf("%s: arguments and environment are too long: %w", path, err)
	}
	return fmt.Errorf("%s: %w", path, err)
}
