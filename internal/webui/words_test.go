package webui

import (
	"io/fs"
	"os"
	"path/filepath"
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

// TestNoDialogOfTheBrowser: those stop the page, look like somebody else's, and
// are no place to choose or to undo.
func TestNoDialogOfTheBrowser(t *testing.T) {
	dialog := regexp.MustCompile(`(^|[^\w.])(window\.)?(alert|confirm|prompt)\(`)
	looked := 0
	err := filepath.WalkDir("../../ui/src", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		looked++
		if hit := dialog.Find(text); hit != nil {
			t.Errorf("%s has %q", path, hit)
		}
		return err
	})
	if err != nil || looked < 50 {
		t.Errorf("looked at %d files, %v", looked, err)
	}
}
