//go:build !chaos

package cli

import "time"

// now is the clock of every command and of the gateway.
func now() time.Time { return time.Now() }
