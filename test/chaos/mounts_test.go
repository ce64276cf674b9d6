//go:build linux

package chaos

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// namespaceVar says that this process may mount: "yes", or why not.
const namespaceVar = "CHAOS_NAMESPACE"

// ownNamespace runs this very test in namespaces of its own, where it may mount
// without any privilege, and reports whether that has been done: then there is
// nothing left to do here.
func ownNamespace(t *testing.T) (done bool) {
	if !*mounts || os.Getenv(namespaceVar) != "" {
		return false
	}
	cmd := exec.Command(os.Args[0], append(os.Args[1:], fmt.Sprintf("-seed=%d", *seed))...)
	cmd.Env = append(os.Environ(), namespaceVar+"=yes")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	err := cmd.Start()
	if err != nil {
		t.Setenv(namespaceVar, fmt.Sprintf("no namespace of our own: %v", err))
		return false
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); errors.As(err, &exit) {
		t.Error("failed in its own namespace: see above")
	} else if err != nil {
		t.Error(err)
	}
	return true
}

// diskSize is more than an hour of work needs.
const diskSize = "size=1500m"

// mountDisk puts the home on a disk of its own; the answer says why it does not.
func (h *home) mountDisk() string {
	switch why := os.Getenv(namespaceVar); {
	case !*mounts:
		return "not asked for (-mounts)"
	case why != "yes":
		return why
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Sprintf("mounts cannot be made private: %v", err)
	}
	if err := unix.Mount("tmpfs", h.dir, "tmpfs", 0, diskSize+",mode=700"); err != nil {
		return fmt.Sprintf("no disk can be mounted: %v", err)
	}
	h.Cleanup(func() { _ = unix.Unmount(h.dir, unix.MNT_DETACH) })
	return ""
}

func (h *home) remount(flags uintptr, size string) error {
	return unix.Mount("tmpfs", h.dir, "tmpfs", unix.MS_REMOUNT|flags, size)
}
