package config

import (
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
)

// TestG15_NothingIsPromisedWithoutWalls: with mode: off, what only walls can keep
// is refused, and limits, which a cgroup keeps, are not.
func TestG15_NothingIsPromisedWithoutWalls(t *testing.T) {
	for said, want := range map[string]kanban.Code{
		"network: off":     kanban.Invalid,
		"network: proxied": kanban.Invalid,
		"read: [/srv]":     kanban.Invalid,
		"write: [/srv]":    kanban.Invalid,
		"allow: [a.org]":   kanban.Invalid,
		"memory: 1GiB":     "",
		"pids: 5, cpus: 1": "",
		"network: on":      "",
	} {
		_, err := Parse("andon.yaml", []byte("lanes: {a: {command: [make], sandbox: {mode: off, "+said+"}}}"))
		if kanban.CodeOf(err) != want {
			t.Errorf("%s: %v, want %q", said, err, want)
		}
	}
}
