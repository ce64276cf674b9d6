//go:build !linux

package sqlite

const canLook = false

func inspect([]*database) faults { return nil }
