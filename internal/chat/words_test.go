package chat

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestWords(t *testing.T) {
	for _, c := range []struct {
		text  string
		line  []string
		below string
	}{
		{"", nil, ""},
		{"list", []string{"list"}, ""},
		{"  add   Fix the login  ", []string{"add", "Fix", "the", "login"}, ""},
		{`add "Fix the login" --lane builder`, []string{"add", "Fix the login", "--lane", "builder"}, ""},
		{"add don't break", []string{"add", "don't", "break"}, ""},
		{"add don’t break", []string{"add", "don't", "break"}, ""},
		{"add 'tis the season", []string{"add", "'tis", "the", "season"}, ""},
		{"comment t_1 'one two' it's", []string{"comment", "t_1", "one two", "it's"}, ""},
		{"add “smart quotes” —lane builder", []string{"add", "smart quotes", "--lane", "builder"}, ""},
		{"add „unten“ «dort» –priority 3", []string{"add", "unten", "dort", "--priority", "3"}, ""},
		{"logs t_1 –f", []string{"logs", "t_1", "-f"}, ""},
		{`add --body="two words" x`, []string{"add", "--body=two words", "x"}, ""},
		{`add never "closed`, []string{"add", "never", `"closed`}, ""},
		{`add 5" pipes and 6" pipes`, []string{"add", `5"`, "pipes", "and", `6"`, "pipes"}, ""},
		{`add ""`, []string{"add", ""}, ""},
		{"add a — b", []string{"add", "a", "—", "b"}, ""},
		{"add $HOME `id` ; rm -rf / | x", []string{"add", "$HOME", "`id`", ";", "rm", "-rf", "/", "|", "x"}, ""},
		{"add Fix it\n\nHow:\n  like this\n", []string{"add", "Fix", "it"}, "How:\n  like this"},
		{"list now", []string{"list", "now"}, ""},
	} {
		line, below := words(c.text)
		if d := cmp.Diff(c.line, line); d != "" || below != c.below {
			t.Errorf("%q: %s, below %q (want %q)", c.text, d, below, c.below)
		}
	}
}

func TestAddressed(t *testing.T) {
	for text, want := range map[string]string{
		"/andon list":                "list",
		" /ANDON   list":             "list",
		"/kanban@andon_bot show t_1": "show t_1",
		"/andon\nlist":               "list",
		"/andon":                     "",
	} {
		if rest, ok := addressed(text); !ok || rest != want {
			t.Errorf("%q: %q, %v", text, rest, ok)
		}
	}
	for _, text := range []string{"", "andon list", "/andonlist", "/other list", "see /andon list"} {
		if rest, ok := addressed(text); ok {
			t.Errorf("%q was taken as %q", text, rest)
		}
	}
}

// TestWordsLoseNothing: every letter of a text that has no quotes and no dashes
// comes out, in order.
func TestWordsLoseNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SliceOf(rapid.StringMatching(`[a-zäß0-9.,;:$&|<>(){}\\]{1,8}`)).Draw(t, "words")
		text := ""
		for _, w := range in {
			text += w + rapid.SampledFrom([]string{" ", "  ", "\t", " "}).Draw(t, "space")
		}
		line, below := words(text)
		if len(in) == 0 && len(line) == 0 {
			return
		}
		if d := cmp.Diff(in, line); d != "" || below != "" {
			t.Fatalf("%q: %s", text, d)
		}
	})
}

func FuzzWords(f *testing.F) {
	for _, seed := range []string{`add "x" —lane y`, "don't", "“", "=\"", "a\nb"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		line, _ := words(text)
		for _, w := range line {
			if len(w) > 3*len(text)+2 {
				t.Errorf("%q grew out of %q", w, text)
			}
		}
		addressed(text)
	})
}
