//go:build !linux && !darwin

package sqlite

// networkFS cannot tell here.
func networkFS(string) (string, error) { return "", nil }

// renameNew renames unless the new name is taken (fs.ErrExist); a process that
// takes it at the same moment is not noticed here.
func renameNew(from, to string) error { return renameUnlocked(from, to) }
