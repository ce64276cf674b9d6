package main

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheDocumentIsCurrent(t *testing.T) {
	have, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(have), string(render())); diff != "" {
		t.Errorf("docs/cli.md is not what the commands say; run make generate (-document +commands):\n%s", diff)
	}
}
