package kanban_test

import (
	"path/filepath"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
)

// FuzzSlug: a name has one spelling, and that is one harmless part of a path.
func FuzzSlug(f *testing.F) {
	for _, name := range []string{"default", " Default ", "DEFAULT", "a/b", "..", "-x", "_archived", "İstanbul", "K", "a\x00b", "ops\n"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		slug, err := kanban.Slug(name)
		if err != nil {
			wantRefusal(t, err)
			return
		}
		if again, err := kanban.Slug(slug); err != nil || again != slug {
			t.Fatalf("%q is spelt %q, and that %q (%v)", name, slug, again, err)
		}
		if len(slug) > 64 || !filepath.IsLocal(slug) || filepath.Base(slug) != slug || slug[0] == '.' || slug[0] == '_' {
			t.Fatalf("%q became %q, which is no plain name of a folder", name, slug)
		}
	})
}

// FuzzMentions: what is found in a text has the form of an id, stands there, and
// is told once.
func FuzzMentions(f *testing.F) {
	for _, text := range []string{"see t_1f3a9c20 and t_1f3a9c20", "t_1F3A9C20", "xt_1f3a9c20", "t_1f3a9c2", "t_00000000000000000000000000000000ff", "ét_1f3a9c20é"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		seen := map[string]bool{}
		for _, id := range kanban.Mentions(text) {
			if !kanban.IsTaskID(id) || seen[id] {
				t.Fatalf("found %q in %q", id, text)
			}
			seen[id] = true
		}
	})
}

// FuzzWords: what names a status or a reason to block is one of the known words,
// or is refused with the way out.
func FuzzWords(f *testing.F) {
	for _, word := range []string{"ready", "Ready", " done ", "needs_input", "needs-input", "blokced", "", "\xff"} {
		f.Add(word)
	}
	f.Fuzz(func(t *testing.T, word string) {
		if s, err := kanban.ParseStatus(word); err != nil {
			wantRefusal(t, err)
		} else if again, err := kanban.ParseStatus(string(s)); err != nil || again != s {
			t.Fatalf("status %q is %q, and that %q (%v)", word, s, again, err)
		}
		if k, err := kanban.ParseBlockKind(word); err != nil {
			wantRefusal(t, err)
		} else if again, err := kanban.ParseBlockKind(string(k)); err != nil || again != k {
			t.Fatalf("kind %q is %q, and that %q (%v)", word, k, again, err)
		}
	})
}

// wantRefusal wants the caller's fault to be named, with the way out.
func wantRefusal(t *testing.T, err error) {
	t.Helper()
	e, _ := err.(*kanban.Error)
	if e == nil || e.Code != kanban.Invalid || e.Way == "" {
		t.Fatalf("%v is no refusal with a hint", err)
	}
}
