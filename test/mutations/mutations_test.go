package main

import (
	"os"
	"path/filepath"
	"testing"
)

// Every breach still fits the code that it breaks; `make mutations` shows that
// each is noticed.
func TestMutationsFitTheCode(t *testing.T) {
	names := map[string]bool{}
	for _, m := range mutations {
		if names[m.name] {
			t.Errorf("there are two called %s", m.name)
		}
		names[m.name] = true
		if m.module != "" {
			continue // it is looked at when it is tried
		}
		source, err := os.ReadFile(filepath.Join("..", "..", m.file))
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := m.change(string(source)); err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
	}
}
