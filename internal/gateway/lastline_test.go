package gateway

import (
	"strings"
	"testing"
)

func TestLastOf(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "",
		"one\ntwo\n\n  \n":              "two",
		"one\ntw":                       "tw",
		"10%\r20%\r30%":                 "30%",
		"\x1b[32mgreen\x1b[0m\n\x1b[K":  "green",
		"a\tb\x00\x07\u202e":            "a b",
		"\x1b]0;title\x07words":         "words",
		"cut \xff off":                  "cut  off",
		strings.Repeat("ü", 150) + "\n": strings.Repeat("ü", 100),
	} {
		if got := lastOf(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
