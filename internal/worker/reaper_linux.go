package worker

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

const openFDs = "/proc/self/fd" // folder of the caller's descriptors

// becomeReaper makes this process the new parent of every descendant whose
// parent ends: nothing below it can daemonise its way out.
func becomeReaper() error { return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }

// into has a process start in a cgroup, given as its folder.
func into(sys *syscall.SysProcAttr, group *os.File) {
	sys.UseCgroupFD, sys.CgroupFD = true, int(group.Fd())
}

// strays are processes of a run that are not below its supervisor: none here.
func (t table) strays(string) []process { return nil }

func (l *life) anyStray() bool { return false }

// inSession is no mark here: a session's number alone proves nothing.
func (t table) inSession(process, Identity) bool { return false }
