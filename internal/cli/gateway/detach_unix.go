//go:build unix

package gateway

import "syscall"

// detached makes a process survive the terminal that it was started from.
func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
