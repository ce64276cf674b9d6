//go:build unix

package cmdutil

import "golang.org/x/sys/unix"

// session identifies the terminal session that this process belongs to.
func session() int {
	id, err := unix.Getsid(0)
	if err != nil {
		return 0
	}
	return id
}
