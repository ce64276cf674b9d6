//go:build unix

package demo

import (
	"os/exec"
	"syscall"
)

// detach keeps the terminal's signals from the gateway.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
