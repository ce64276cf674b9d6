//go:build !linux && !darwin

package sqlite

// holdsLocks cannot tell here; no guarantee is given on this system.
func holdsLocks(string) (bool, error) { return true, nil }
