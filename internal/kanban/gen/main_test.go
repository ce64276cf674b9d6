package main

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/kanban"
)

func TestTheDocumentIsCurrent(t *testing.T) {
	have, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(have), string(render())); diff != "" {
		t.Errorf("docs/state-machine.md is not what the table says; run make generate (-document +table):\n%s", diff)
	}
}

// What has no words would stand in the document as an empty cell.
func TestEverythingHasItsWords(t *testing.T) {
	told := map[kanban.Action]bool{}
	for _, a := range actions {
		told[a.action] = a.what != "" && a.how != ""
	}
	for _, s := range kanban.Statuses {
		if statuses[s] == "" {
			t.Errorf("no words for status %s", s)
		}
	}
	for _, row := range kanban.Transitions() {
		if !told[row.Action] {
			t.Errorf("no words for action %s", row.Action)
		}
		if row.When != 0 && conditions(row.When) == "" {
			t.Errorf("no words for the facts of %+v", row)
		}
		if actors(row.By) == "" {
			t.Errorf("nobody may do %+v", row)
		}
	}
}
