package kanban_test

import (
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
)

func TestNearest(t *testing.T) {
	known := []string{"max_parallel", "max_attempts", "lease"}
	for word, want := range map[string]string{
		"max_parallels": "max_parallel", "leaze": "lease", "les": "", "": "", "color": "", "maxattempts": "max_attempts",
	} {
		if got := kanban.Nearest(word, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}
