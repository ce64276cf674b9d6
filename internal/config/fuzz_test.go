package config

import (
	"strings"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
)

// FuzzDuration: what is accepted is within bounds, and is read again as the same
// from what it is shown as.
func FuzzDuration(f *testing.F) {
	for _, s := range []string{"15m", "30d", "1d12h", "-1h", "36500d", "36501d", "1e9h", "d", "1.5d", "+1d", "9223372036854775807ns", "1d-1h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := parseDuration(s)
		if err != nil {
			return
		}
		if strings.Contains(s, "d") && (d < 0 || d > 2*forever) {
			t.Fatalf("%q is %v", s, d)
		}
		if again, err := parseDuration(formatDuration(d)); err != nil || again != d {
			t.Fatalf("%q is %v, shown as %q, which is %v (%v)", s, d, formatDuration(d), again, err)
		}
	})
}

// FuzzSize: likewise; and a size is never negative, however large the number.
func FuzzSize(f *testing.F) {
	for _, s := range []string{"0", "64MiB", "2 GiB", "9007199254740993KiB", "8388608TiB", "-1B", "1.5GiB", "1MB", "B", "+1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := parseSize(s)
		if err != nil {
			return
		}
		if again, err := parseSize(formatSize(n)); n < 0 || err != nil || again != n {
			t.Fatalf("%q is %d, shown as %q, which is %d (%v)", s, n, formatSize(n), again, err)
		}
	})
}

// FuzzArgv: an element that the configuration accepts renders to one argument,
// in which a field stands as it is, for every text that a field may hold.
func FuzzArgv(f *testing.F) {
	f.Add("{{.TaskID}}", "t_1f3a9c20")
	f.Add("--title={{.Title}}", "'; rm -rf / #")
	f.Add("{{.Title}}{{.Title}}", "{{.Prompt}}")
	f.Add("{{with .Title}}{{.}}{{end}}", "x")
	f.Add("{{.Title | printf}}", "%s")
	f.Add("{{define \"x\"}}{{end}}", "")
	f.Add("{{/* nothing */}}", "\x00")
	f.Add("{{- .Title -}}", "a\nb")
	f.Fuzz(func(t *testing.T, element, title string) {
		if checkTemplate(element) != nil {
			return
		}
		const mark = "\ue000"
		shape, err := Lane{Name: "l", Command: []string{element}}.Argv(Fields{Title: mark})
		if err != nil {
			t.Fatalf("%q is accepted and cannot be rendered: %v", element, err)
		}
		argv, err := Lane{Name: "l", Command: []string{element}}.Argv(Fields{Title: title})
		if strings.Contains(title, "\x00") && strings.Contains(shape[0], mark) {
			if kanban.CodeOf(err) != kanban.Invalid {
				t.Fatalf("a NUL in an argument: %q, %v", argv, err)
			}
			return
		}
		if strings.Contains(element, mark) {
			return // it cannot be told which of them is the field
		}
		if want := strings.ReplaceAll(shape[0], mark, title); err != nil || len(argv) != 1 || argv[0] != want {
			t.Fatalf("%q with %q became %q (%v), want %q", element, title, argv, err, want)
		}
	})
}
