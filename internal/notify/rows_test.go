package notify

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFitDropsWholeLines(t *testing.T) {
	size := func(s string) int { return len(s) }
	more := func(n int) string { return fmt.Sprintf("+%d", n) }
	for _, c := range []struct {
		lines string
		limit int
		want  string
	}{
		{"", 3, ""},
		{"one", 3, "one"},
		{"one two", 7, "one two"},
		{"one two", 6, "one +1"},
		{"one two three", 12, "one two +1"},
		{"one two three", 13, "one two three"},
		{"one two three", 9, "one +2"},
		{"three", 4, "+1"},
		{"a b c d e f g h i j k l", 8, "a b c +9"},
	} {
		got := Fit(strings.Fields(c.lines), c.limit, size, more)
		if want := strings.ReplaceAll(c.want, " ", "\n"); got != want {
			t.Errorf("%s in %d: %q, want %q", c.lines, c.limit, got, want)
		}
	}
}

func TestRows(t *testing.T) {
	quiet := Message{Head: "t_1 is done", Detail: "good", Next: "See it"}
	loud := Message{Head: "t_2 asks", Detail: "Which port?", Attention: true}
	for name, c := range map[string]struct {
		m      Message
		maxRow int
		want   []Row
	}{
		"one":       {quiet, 100, []Row{{Kind: RowHead, Text: "t_1 is done"}, {Kind: RowDetail, Text: "good"}, {Kind: RowNext, Text: "See it"}}},
		"attention": {loud, 100, []Row{{Kind: RowHead, Text: "t_2 asks", Attention: true}, {Kind: RowDetail, Text: "Which port?"}}},
		"digest": {Message{Head: "2 messages", Items: []Message{quiet, loud}}, 100, []Row{
			{Kind: RowHead, Text: "2 messages"},
			{Kind: RowItem, Text: "t_2 asks: Which port?", Attention: true},
			{Kind: RowItem, Text: "t_1 is done: good"},
		}},
		"template": {Message{Text: "first\u202e\nsecond is much too long"}, 12, []Row{{Text: "first"}, {Text: "second is mu…"}}},
	} {
		if diff := cmp.Diff(c.want, c.m.Rows(c.maxRow)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
