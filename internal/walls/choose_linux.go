package walls

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// Choice is what a wish for walls comes to on this machine.
type Choice struct {
	Mode  Mode
	Bwrap string // its path, if it is used
}

// chosen remembers what was found to work; what did not is tried again.
var chosen sync.Map

// Choose finds out what a mode comes to here, by trying it. Auto is bubblewrap
// where that works, else Landlock.
//
// Errors: unavailable with what is missing and how to get it.
func Choose(ctx context.Context, mode Mode, network Network) (Choice, error) {
	key := string(mode) + " " + string(network)
	if c, ok := chosen.Load(key); ok {
		return c.(Choice), nil
	}
	c, err := choose(ctx, mode, network)
	if err == nil {
		chosen.Store(key, c)
	}
	return c, err
}

func choose(ctx context.Context, mode Mode, network Network) (Choice, error) {
	switch mode {
	case Bwrap:
		path, err := tryBwrap(ctx, network)
		return Choice{Bwrap, path}, err
	case Landlock:
		return Choice{Mode: Landlock}, tryLandlock(network)
	}
	path, noBwrap := tryBwrap(ctx, network)
	if noBwrap == nil {
		return Choice{Bwrap, path}, nil
	}
	if network == NetworkProxied {
		return Choice{}, kanban.Errorf(kanban.Unavailable, "only bubblewrap keeps a worker to its proxy: %w", noBwrap).
			Hint("%s; or say network: off, which landlock keeps as well", wayToBwrap)
	}
	if err := tryLandlock(network); err != nil {
		return Choice{}, kanban.Errorf(kanban.Unavailable, "neither bubblewrap nor landlock can confine a worker here: %w; %w", noBwrap, err).
			Hint("%s; or say sandbox: off for this lane, and its workers can read and write all that you can", wayToBwrap)
	}
	return Choice{Mode: Landlock}, nil
}

const wayToBwrap = "install bubblewrap (apt install bubblewrap, dnf install bubblewrap), and let it make user namespaces " +
	"(on Ubuntu: an AppArmor profile for bwrap, or sysctl kernel.apparmor_restrict_unprivileged_userns=0)"

func tryBwrap(ctx context.Context, network Network) (string, error) {
	path, err := exec.LookPath("bwrap")
	if err != nil {
		return "", kanban.Errorf(kanban.Unavailable, "bubblewrap is not installed").Hint("%s", wayToBwrap)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	args := Plan{Mode: Bwrap, Network: network, Dir: "/"}.arguments()
	out, err := exec.CommandContext(ctx, path, append(args, "--", "/usr/bin/env", "true")...).CombinedOutput()
	if err != nil {
		return "", kanban.Errorf(kanban.Unavailable, "bubblewrap does not work here: %s", said(out, err)).Hint("%s", wayToBwrap)
	}
	return path, nil
}

func said(out []byte, err error) string {
	if text := strings.TrimSpace(string(out)); text != "" {
		return text
	}
	return err.Error()
}

// leastABI knows of truncation. Before it, a file that may not be opened could
// still be emptied.
const leastABI = 3

func tryLandlock(network Network) error {
	if network == NetworkProxied {
		return kanban.Errorf(kanban.Unavailable, "landlock cannot keep a worker to its proxy").
			Hint("mode: bwrap; or network: off, which landlock keeps")
	}
	abi, err := landlockABI()
	if err != nil || abi < leastABI {
		e := kanban.Errorf(kanban.Unavailable, "this kernel's landlock is of version %d, and %d is the first that can wall a worker in", abi, leastABI)
		if err != nil {
			e = kanban.Errorf(kanban.Unavailable, "this kernel has no landlock: %w", err)
		}
		return e.Hint("Linux 6.2 or later with landlock among its security modules (lsm=landlock,...), or bubblewrap")
	}
	if network == NetworkOff && nativeArch == 0 {
		return errors.New("landlock cannot take the network away on this kind of processor")
	}
	return nil
}

// Leaves says in words what the walls of a mode leave open here.
func Leaves(mode Mode) []string {
	if mode != Landlock {
		return nil
	}
	open := []string{"names and sizes of hidden files, and sockets that have a path, stay reachable"}
	if abi, err := landlockABI(); err == nil && abi < 6 {
		open = append(open, "your other processes can be signalled (Linux 6.12 ends that)")
	}
	return open
}
