package kanban

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestLabels(t *testing.T) {
	many := func(n int) (all []string) {
		for i := range n {
			all = append(all, fmt.Sprintf("l%02d", i))
		}
		return all
	}
	for _, c := range []struct {
		name        string
		words, want []string
	}{
		{"none", nil, nil},
		{"of an empty list", []string{}, nil},
		{"one", []string{"bug"}, []string{"bug"}},
		{"sorted, each once", []string{"ui", "bug", "ui"}, []string{"bug", "ui"}},
		{"one spelling", []string{" Bug ", "BUG", "\tbug\n"}, []string{"bug"}},
		{"marks within", []string{"area/ui", "c#", "c++", "prio:1", "v1.2_x-y"}, []string{"area/ui", "c#", "c++", "prio:1", "v1.2_x-y"}},
		{"other scripts", []string{"Größe", "修复"}, []string{"größe", "修复"}},
		{"as long as may be", []string{strings.Repeat("ü", 50)}, []string{strings.Repeat("ü", 50)}},
		{"as many as may be", many(MaxLabels), many(MaxLabels)},
		{"the same one often", slices.Repeat([]string{"bug"}, 50), []string{"bug"}},
	} {
		got, err := Labels(c.words)
		if err != nil || !slices.Equal(got, c.want) || len(got) == 0 && got != nil {
			t.Errorf("%s: %#v (%v)", c.name, got, err)
		}
		if again, err := Labels(got); err != nil || !slices.Equal(again, got) {
			t.Errorf("%s, once more: %q (%v)", c.name, again, err)
		}
	}
	for _, bad := range []string{
		"", " ", "two words", "a,b", "a\nb", "a\x00b", "\x1b[31m", "-x", "+x", "#1", "/x", "a\u202eb", "a\xff", "<b>", "a'b", strings.Repeat("x", 51),
	} {
		_, err := Labels([]string{"ok", bad})
		wantInvalid(t, bad, err)
	}
	_, err := Labels(many(MaxLabels + 1))
	wantInvalid(t, "too many", err)
}

func wantInvalid(t *testing.T, what string, err error) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Code != Invalid || e.Way == "" {
		t.Errorf("%q: %v", what, err)
	}
}

func TestLabelled(t *testing.T) {
	task := Task{Labels: []string{"bug", "ui"}}
	for _, c := range []struct {
		labels []string
		want   bool
	}{{nil, true}, {[]string{"ui"}, true}, {[]string{"bug", "ui"}, true}, {[]string{"bug", "docs"}, false}, {[]string{"u"}, false}} {
		if got := task.Labelled(c.labels); got != c.want {
			t.Errorf("%q: %v", c.labels, got)
		}
	}
}
