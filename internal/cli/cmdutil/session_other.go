//go:build !unix

package cmdutil

// session is the same for all processes: other systems are not supported.
func session() int { return 0 }
