package walls

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

// confinement is what the hidden command is told.
type confinement struct {
	Plan
	Status int `json:"status,omitempty"` // where it tells how far it came: "+" before it becomes the worker, else an error
}

// What Confine writes to its status descriptor.
const (
	Confined = '+'
	failed   = '-'
	handed   = '>' // with the outlet
)

// Confine is the body of the hidden command `andon confine PLAN -- ARGV...`: it
// puts up the walls around its own process and becomes argv. It returns only if
// it could not, with an exit status; then nothing was run.
func Confine(args []string) int {
	end := slices.Index(args, "--")
	if end != 1 || len(args) < 3 {
		fmt.Fprintln(os.Stderr, "andon confine is started by supervisors only")
		return 2
	}
	var c confinement
	if err := json.Unmarshal([]byte(args[0]), &c); err != nil {
		fmt.Fprintln(os.Stderr, "andon confine:", err)
		return 2
	}
	runtime.LockOSThread() // what follows holds for one thread, which becomes the worker
	err := c.confine()
	if err == nil {
		err = c.become(args[2:])
	}
	c.report(failed, err.Error())
	fmt.Fprintln(os.Stderr, "andon confine:", err)
	return 126
}

func (c confinement) confine() error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("give up new privileges: %w", err)
	}
	if c.Mode != Landlock {
		return c.settled() // bubblewrap has done the rest
	}
	if err := c.landlock(); err != nil {
		return err
	}
	if c.Network == NetworkOff {
		if err := withoutNetwork(); err != nil {
			return err
		}
	}
	return withoutCapabilities()
}

// withoutCapabilities makes of root a user like any other: with them he reads
// the environment of whatever process, walls or no walls.
func withoutCapabilities() error {
	for c := uintptr(0); unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0) == nil; c++ { // up to the last that the kernel knows, or none
	}
	none := [2]unix.CapUserData{}
	if err := unix.Capset(&unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}, &none[0]); err != nil {
		return fmt.Errorf("give up capabilities: %w", err)
	}
	return nil
}

func (c confinement) become(argv []string) error {
	if c.Status > 0 {
		syscall.CloseOnExec(c.Status)
	}
	if err := c.handOut(); err != nil {
		return err
	}
	c.report(Confined, "")
	err := syscall.Exec(argv[0], argv, os.Environ())
	if errors.Is(err, syscall.ENOENT) {
		return fmt.Errorf("%s: not there, or its interpreter is not, behind these walls", argv[0])
	}
	return fmt.Errorf("%s: %w", argv[0], err)
}

// handOut gives the supervisor a socket that listens at Outlet: a socket stays in
// the network that it was made in, whoever accepts what comes in on it.
func (c confinement) handOut() error {
	if c.Network != NetworkProxied || c.Status <= 0 {
		return nil // nobody is there to serve it: no way out
	}
	outlet, err := net.Listen("tcp4", Outlet)
	if err != nil {
		return fmt.Errorf("a way out: %w", err)
	}
	f, err := outlet.(*net.TCPListener).File()
	if err == nil {
		err = unix.Sendmsg(c.Status, []byte{handed}, unix.UnixRights(int(f.Fd())), nil, 0)
	}
	if err != nil {
		return fmt.Errorf("hand out the way out: %w", err)
	}
	return nil // both close when the worker is executed
}

func (c confinement) report(mark byte, text string) {
	if c.Status > 0 {
		_, _ = syscall.Write(c.Status, append([]byte{mark}, text...)) // nobody listens if that fails
	}
}
