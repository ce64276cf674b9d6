//go:build !unix

package gateway

import "syscall"

// detached has no meaning here: other systems are not supported.
func detached() *syscall.SysProcAttr { return nil }
