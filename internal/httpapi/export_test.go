package httpapi

import (
	"fmt"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
)

// Scopes is the table of scopes.
func Scopes() map[string]kanban.Scope { return scopes }

// Statuses are those of refusals.
func Statuses() map[kanban.Code]int { return statuses }

// What runs, agents and credentials for one board may ask for.
func ForWorkers() []string { return forWorkers }
func ForAgents() []string  { return forAgents }
func OfTheHome() []string  { return ofTheHome }

// Numbers are those that docs/api.md names, as it names them.
func Numbers() []string {
	return []string{
		fmt.Sprintf("more than %d,%03d events behind", maxBehind/1000, maxBehind%1000),
		fmt.Sprintf("A comment every %.0f seconds", beat.Seconds()),
		strings.Replace(fmt.Sprintf("at most %d times a second", int(1/between.Seconds())), "2 times", "twice", 1),
		strings.Replace(fmt.Sprintf("come back after %d ms", reconnect), "500 ms", "half a second", 1),
		fmt.Sprintf("up to %d tasks", bulkLimit),
	}
}

// Guesses is how many there may be, as docs/security.md says it.
func Guesses() string {
	return fmt.Sprintf("%d tokens and %d login links per address (of IPv6, per /64), then one in %.0f seconds of each", guessBurst, guessBurst, 1/guessSecond)
}
