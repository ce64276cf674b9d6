//go:build !linux && !darwin

package workspace

import "errors"

// Free is not known on this system.
func Free(string) (uint64, error) {
	return 0, errors.New("free disk space is not known on this system")
}
