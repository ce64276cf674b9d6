//go:build !linux && !darwin

package guard

import (
	"context"
	"errors"
)

// Guard is not to be had on this system.
type Guard struct{}

// Hold fails: this system has no locks that survive a stray close.
func Hold(context.Context, string) (*Guard, error) {
	return nil, errors.New("databases cannot be guarded on this system")
}

// Release does nothing.
func (*Guard) Release() error { return nil }
