package webui

import (
	"os"
	"regexp"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
)

// TestEventsHaveWords: nobody reads the name of a kind in the history of a task.
func TestEventsHaveWords(t *testing.T) {
	text, err := os.ReadFile("../../ui/src/lib/words.ts")
	if err != nil {
		t.Fatal(err)
	}
	table := regexp.MustCompile(`(?s)\nconst events: .*?\n\}\n`).Find(text)
	for _, kind := range kanban.EventKinds {
		if !regexp.MustCompile(`\n  ` + string(kind) + `: `).Match(table) {
			t.Errorf("words.ts has no words for events of kind %s", kind)
		}
	}
}
