package walls

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/kanban"
)

// Groups is a folder of cgroups (version 2) that was delegated to this process.
type Groups struct {
	dir   string
	knows []string // controllers
}

const wayToGroups = "run the gateway as a systemd service with Delegate=yes and DelegateSubgroup=" + GatewayGroup + "; or take the limit off the lane"

// Delegated finds the cgroups that the runs of this process can be put into:
// beside its own, which must have the name that says so. Nothing is moved or
// switched on for others by that.
//
// Errors: unavailable with what is missing and how to get it.
func Delegated() (Groups, error) {
	mount, err := cgroupMount()
	if err != nil {
		return Groups{}, noGroups(err.Error())
	}
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return Groups{}, noGroups(err.Error())
	}
	for line := range strings.Lines(string(own)) {
		if path, ok := strings.CutPrefix(strings.TrimSpace(line), "0::"); ok {
			return groupsAt(filepath.Join(mount, path))
		}
	}
	return Groups{}, noGroups("this process is in no cgroup of version 2")
}

func noGroups(why string) error {
	return kanban.Errorf(kanban.Unavailable, "no cgroup is delegated to the gateway: %s", why).Hint("%s", wayToGroups)
}

func cgroupMount() (string, error) {
	table, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(table)) {
		fields := strings.Fields(line)
		if dash := slices.Index(fields, "-"); dash > 4 && len(fields) > dash+1 && fields[dash+1] == "cgroup2" {
			return fields[4], nil
		}
	}
	return "", errors.New("the system has no cgroups of version 2")
}

// groupsAt judges the cgroup that this process is in.
func groupsAt(own string) (Groups, error) {
	if filepath.Base(own) != GatewayGroup {
		return Groups{}, noGroups("it runs in " + own + ", and not in one named " + GatewayGroup)
	}
	g := Groups{dir: filepath.Dir(own)}
	if err := unix.Access(g.dir, unix.W_OK); err != nil {
		return Groups{}, noGroups(g.dir + " cannot be written to")
	}
	text, err := os.ReadFile(filepath.Join(g.dir, "cgroup.controllers"))
	if err != nil {
		return Groups{}, noGroups(err.Error())
	}
	g.knows = strings.Fields(string(text))
	return g, nil
}

// settings are the files that keep a limit, by controller.
func (l Limits) settings() (need []string, files map[string]string) {
	files = map[string]string{}
	if l.Memory > 0 {
		need = append(need, "memory")
		files["memory.max"] = strconv.FormatInt(l.Memory, 10)
		files["memory.oom.group"] = "1" // half a worker is of no use
	}
	if l.PIDs > 0 {
		need = append(need, "pids")
		files["pids.max"] = strconv.Itoa(l.PIDs)
	}
	if l.CPUs > 0 {
		const period = 100_000 // microseconds
		need = append(need, "cpu")
		files["cpu.max"] = fmt.Sprintf("%d %d", int64(l.CPUs*period), period)
	}
	return need, files
}

// Check tells whether these limits can be kept.
//
// Errors: unavailable naming the controller that is missing.
func (g Groups) Check(l Limits) error {
	need, _ := l.settings()
	for _, controller := range need {
		if !slices.Contains(g.knows, controller) {
			return noGroups(g.dir + " has no " + controller + " controller")
		}
	}
	return nil
}

// Make makes the cgroup of a run, with its limits, and returns its folder.
func (g Groups) Make(name string, l Limits) (string, error) {
	if err := g.Check(l); err != nil {
		return "", err
	}
	need, files := l.settings()
	for _, controller := range need {
		if err := set(g.dir, "cgroup.subtree_control", "+"+controller); err != nil {
			return "", err
		}
	}
	dir := filepath.Join(g.dir, name)
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	for file, value := range files {
		if err := set(dir, file, value); err != nil {
			return "", errors.Join(err, RemoveGroup(dir))
		}
	}
	return dir, nil
}

func set(dir, file, value string) error {
	f, err := os.OpenFile(filepath.Join(dir, file), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(value)
	return errors.Join(err, f.Close())
}

// RemoveGroup removes the cgroup of a run that has ended.
func RemoveGroup(dir string) error {
	if err := syscall.Rmdir(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &os.PathError{Op: "remove", Path: dir, Err: err}
	}
	return nil
}

// InGroup lists the processes in a cgroup and those below it; none if there is
// no such cgroup any more.
func InGroup(dir string) (pids []int, err error) {
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.Name() != "cgroup.procs" {
			return err
		}
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENODEV) {
			return nil
		}
		for line := range strings.Lines(string(text)) {
			if pid, err := strconv.Atoi(strings.TrimSpace(line)); err == nil && pid > 0 {
				pids = append(pids, pid)
			}
		}
		return err
	})
	return pids, err
}

// RanOutOfMemory reports whether something in a cgroup was killed for that.
func RanOutOfMemory(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, "memory.events"))
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(text)) {
		if n, ok := strings.CutPrefix(strings.TrimSpace(line), "oom_kill "); ok {
			return n != "0"
		}
	}
	return false
}
