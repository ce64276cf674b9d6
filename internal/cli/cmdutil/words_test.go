package cmdutil

import (
	"slices"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
)

func TestSplitWords(t *testing.T) {
	for line, want := range map[string][]string{
		"make test":                        {"make", "test"},
		"  go  test ./...\t-run 'A B' ":    {"go", "test", "./...", "-run", "A B"},
		`sh -c "exit $X; echo 'it''s'" ""`: {"sh", "-c", "exit $X; echo 'it''s'", ""},
		`a"b c"d`:                          {"ab cd"},
	} {
		if got, err := SplitWords(line); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v; want %q", line, got, err, want)
		}
	}
	for _, line := range []string{"", "  ", `make "test`, `"" test`} {
		if _, err := SplitWords(line); kanban.CodeOf(err) != kanban.Invalid {
			t.Errorf("%q: %v", line, err)
		}
	}
}
