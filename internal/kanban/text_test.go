package kanban

import "testing"

func TestFirstLine(t *testing.T) {
	for text, want := range map[string]string{
		"": "", " \n a \nb": "a", "a\u2028b": "a", "a\rb": "a", "ääääää": "ääääää", "äääääää": "äääää…", "a     \nb": "a",
	} {
		if got := FirstLine(text, 6); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
