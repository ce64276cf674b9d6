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

// Leaves says in words what the walls of a mode leave open here.
func Leaves(Mode) []string { return nil }

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

// PlaceOf finds what a path names.
func PlaceOf(string) (Place, error) { return Place{}, nil }

// Groups are the cgroups that were delegated to this process: none here.
type Groups struct{}

// Delegated refuses: there are cgroups on Linux only.
//
// Errors: unavailable.
func Delegated() (Groups, error) {
	return Groups{}, kanban.Errorf(kanban.Unavailable, "workers can be limited on Linux only").Hint("take the limit off the lane")
}

// Check tells whether limits can be kept.
func (Groups) Check(Limits) error { return nil }

// Make makes the cgroup of a run.
func (Groups) Make(string, Limits) (string, error) { return "", nil }

// RemoveGroup removes the cgroup of a run that has ended.
func RemoveGroup(string) error { return nil }

// InGroup lists the processes in a cgroup.
func InGroup(string) ([]int, error) { return nil, nil }

// RanOutOfMemory reports whether something in a cgroup was killed for that.
func RanOutOfMemory(string) bool { return false }
