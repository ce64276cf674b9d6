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

func TestIsText(t *testing.T) {
	for document, want := range map[string]bool{
		`{}`: true, `"ä€😀"`: true, `"\u00e4"`: true, `"\ud83d\ude00"`: true, `"\\ud83d"`: true, `"\\\ud83d"`: false,
		"\"\xff\"": false, `"\ud800"`: false, `"\ud800\ud800"`: false, `"\ude00\ud83d"`: false, `"\ud83dx"`: false, `"\ud83d\u0041"`: false,
		`"\`: true, `"\u`: true, `"\ud83d`: false, "": true,
	} {
		if got := IsText([]byte(document)); got != want {
			t.Errorf("%s: %v", document, got)
		}
	}
}
