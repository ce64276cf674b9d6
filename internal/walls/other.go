//go:build !linux

package walls

import (
	"context"
	"fmt"
	"os"

	"github.com/andon-dev/andon/internal/kanban"
)

// Choice is what a wish for walls comes to on this machine.
type Choice struct {
	Mode  Mode
	Bwrap string
}

// Choose refuses: there are walls on Linux only.
//
// Errors: unavailable.
func Choose(context.Context, Mode, Network) (Choice, error) {
	return Choice{}, kanban.Errorf(kanban.Unavailable, "workers can be confined on Linux only").
		Hint("say sandbox: off for this lane, and its workers can read and write all that you can")
}

// Limits says in words what the walls of a mode leave open here.
func Limits(Mode) []string { return nil }

// Confined is what Confine would report.
const Confined = '+'

type confinement struct {
	Plan
	Status int `json:"status,omitempty"`
}

// Confine refuses as Choose does.
func Confine([]string) int {
	fmt.Fprintln(os.Stderr, "andon confine: workers can be confined on Linux only")
	return 126
}

// System are the folders that everybody may read.
func System() []string { return nil }

type link struct{ name, target string }

func systemLinks() []link { return nil }

// Path returns a path as given and without links.
func Path(path string) []string { return []string{path} }
