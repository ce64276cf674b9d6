//go:build linux

package chaos

import (
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	_ "github.com/andon-dev/andon/internal/cli" // what is run is built apart: without this a change would find a cached result
)

var (
	duration = flag.Duration("duration", 3*time.Second, "how long to break things")
	seed     = flag.Uint64("seed", 0, "of the schedule; 0 = a new one")
	mounts   = flag.Bool("mounts", false, "keep the home on a small disk of its own, that fills up and becomes read-only")
)

// actorVar makes this test's program one of the processes that use a home.
const actorVar = "CHAOS_ACTOR"

func TestMain(m *testing.M) {
	actor := os.Getenv(actorVar)
	if actor == "" {
		os.Exit(m.Run())
	}
	if err := act(actor, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func act(actor string, args []string) error {
	go endWithParent(os.Getppid())
	switch {
	case actor == "client":
		return runClient(args[0], args[1])
	case followers[actor] != nil:
		return runFollower(actor, args[0], args[1])
	}
	return fmt.Errorf("no actor is called %q", actor)
}

// endWithParent ends an actor whose test was killed, and could not end it.
func endWithParent(parent int) {
	for range time.Tick(time.Second) {
		if os.Getppid() != parent {
			os.Exit(1)
		}
	}
}
