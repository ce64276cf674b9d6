package output_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/output"
	"github.com/andon-dev/andon/internal/kanban"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func printer() (*output.Printer, *bytes.Buffer) {
	var b bytes.Buffer
	return &output.Printer{Out: &b, UTC: true, Now: func() time.Time { return now }}, &b
}

type thing struct {
	ID string `json:"id"`
}

func TestFormats(t *testing.T) {
	for name, tt := range map[string]struct {
		set       func(*output.Printer)
		one, many string
	}{
		"table": {func(*output.Printer) {}, "drawn\n", "drawn 2\n"},
		"json": {
			func(p *output.Printer) { p.Format = output.FormatJSON }, "{\n  \"id\": \"a<b\"\n}\n",
			"{\n  \"items\": [\n    {\n      \"id\": \"a<b\"\n    },\n    {\n      \"id\": \"c\"\n    }\n  ],\n  \"next\": \"7\"\n}\n",
		},
		"jsonl":            {func(p *output.Printer) { p.Format = output.FormatJSONL }, "{\"id\":\"a<b\"}\n", "{\"id\":\"a<b\"}\n{\"id\":\"c\"}\n"},
		"yaml":             {func(p *output.Printer) { p.Format = output.FormatYAML }, "id: a<b\n", "items:\n- id: a<b\n- id: c\nnext: \"7\"\n"},
		"name":             {func(p *output.Printer) { p.Format = output.FormatName }, "a<b\n", "a<b\nc\n"},
		"quiet":            {func(p *output.Printer) { p.Quiet = true }, "a<b\n", "a<b\nc\n"},
		"quiet is no json": {func(p *output.Printer) { p.Quiet, p.Format = true, output.FormatJSONL }, "{\"id\":\"a<b\"}\n", "{\"id\":\"a<b\"}\n{\"id\":\"c\"}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			p, b := printer()
			tt.set(p)
			if err := p.Said(thing{"a<b"}, "a<b", "drawn"); err != nil {
				t.Fatal(err)
			}
			if got := b.String(); got != tt.one {
				t.Errorf("one thing:\n%s\nwant:\n%s", got, tt.one)
			}
			b.Reset()
			things := []thing{{"a<b"}, {"c"}}
			err := output.List(p, things, "7", func(th thing) string { return th.ID }, func(all []thing) { p.Line("drawn %d", len(all)) })
			if err != nil {
				t.Fatal(err)
			}
			if got := b.String(); got != tt.many {
				t.Errorf("a list:\n%s\nwant:\n%s", got, tt.many)
			}
		})
	}
}

// TestEmptyList: no items are an empty list, never null.
func TestEmptyList(t *testing.T) {
	p, b := printer()
	p.Format = output.FormatJSON
	if err := output.List(p, nil, "", func(th thing) string { return th.ID }, nil); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); !strings.Contains(got, `"items": []`) {
		t.Errorf("got %s", got)
	}
}

// TestTable: on a terminal the last column gives way, in a chat it goes to lines of
// its own, elsewhere nothing is cut.
func TestTable(t *testing.T) {
	draw := func(set func(*output.Printer)) string {
		p, b := printer()
		set(p)
		table := p.Table("ID", "STATUS", "TITLE")
		table.Row("t_1", "ready", "a title that is rather long")
		table.Row("t_22", "blocked", "日本語")
		table.Note("asks: why?")
		table.Flush()
		return b.String()
	}
	for name, tt := range map[string]struct {
		set  func(*output.Printer)
		want string
	}{
		"file": {func(*output.Printer) {}, `
ID    STATUS   TITLE
t_1   ready    a title that is rather long
t_22  blocked  日本語
    asks: why?
`},
		"terminal": {func(p *output.Printer) { p.TTY, p.Width, p.Unicode = true, 30, true }, `
ID    STATUS   TITLE
t_1   ready    a title that i…
t_22  blocked  日本語
    asks: why?
`},
		"ascii": {func(p *output.Printer) { p.TTY, p.Width = true, 30 }, `
ID    STATUS   TITLE
t_1   ready    a title that...
t_22  blocked  日本語
    asks: why?
`},
		"chat": {func(p *output.Printer) { p.Narrow, p.Unicode = true, true }, `
ID    STATUS
    TITLE
t_1   ready
    a title that is rather long
t_22  blocked
    日本語
    asks: why?
`},
		"no headers": {func(p *output.Printer) { p.Plain = true }, `
t_1   ready    a title that is rather long
t_22  blocked  日本語
    asks: why?
`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := "\n" + draw(tt.set); got != tt.want {
				t.Errorf("got:%s\nwant:%s", got, tt.want)
			}
		})
	}
}

func TestTime(t *testing.T) {
	p, _ := printer()
	past, soon := now.Add(-90*time.Minute), now.Add(5*time.Second)
	if got := p.Time(&past); got != "2026-11-23 10:30:00Z" {
		t.Errorf("in a file: %s", got)
	}
	p.Narrow = true
	if got := p.Time(&past); got != "1h30m ago" {
		t.Errorf("in a chat: %s", got)
	}
	p.TTY = true
	for want, at := range map[string]*time.Time{"1h30m ago": &past, "in 5s": &soon, "-": nil} {
		if got := p.Time(at); got != want {
			t.Errorf("on a terminal: %s, want %s", got, want)
		}
	}
}

func TestSpan(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"0s": 400 * time.Millisecond, "59s": 59 * time.Second, "1m00s": time.Minute, "12m": 12*time.Minute + 40*time.Second,
		"1h05m": 65 * time.Minute, "3d": 80 * time.Hour, "20w": 141 * 24 * time.Hour,
	} {
		if got := output.Span(d); got != want {
			t.Errorf("Span(%s) = %s, want %s", d, got, want)
		}
	}
}

// TestSafe: what agents write is printed and never steers the terminal.
func TestSafe(t *testing.T) {
	evil := "red \x1b[31m\x07bell\u202e\u2067\u200e\u200f reversed\r\nnext\tline"
	if got := kanban.Safe(evil); got != "red [31mbell reversed\nnext\tline" {
		t.Errorf("Safe gives %q", got)
	}
	if got := output.Inline(evil); got != "red [31mbell reversed" {
		t.Errorf("Inline gives %q", got)
	}
	steers := "\x1b[1;31mred\x1b[0m\x1b[2J\x1b]0;title\a\x1b]52;c;\x1b[32mQUJD\a\x1b[?1049h\x1bPq\x1b\\ \x1b[3\n"
	if got := output.Colored(steers); got != "\x1b[1;31mred\x1b[0m\x1b[32mQUJD \n" {
		t.Errorf("Colored gives %q", got)
	}
	if got := output.Plain("\x1b[31mred\x1b[0m\n"); got != "red\n" {
		t.Errorf("Plain gives %q", got)
	}
}

func TestWords(t *testing.T) {
	for name, tt := range map[string]struct {
		event client.Event
		want  string
	}{
		"created":   {client.Event{Kind: "created", Payload: map[string]any{"assignee": "builder", "by": "ann"}}, "for builder, by ann"},
		"blocked":   {client.Event{Kind: "blocked", Payload: map[string]any{"reason": "which?", "kind": "needs_input", "by": "builder"}}, "which?, by builder"},
		"crashed":   {client.Event{Kind: "crashed", Payload: map[string]any{"error": "exit status 3", "by": "andon"}}, "exit status 3"},
		"edited":    {client.Event{Kind: "edited", Payload: map[string]any{"fields": []any{"title", "body"}}}, "title, body"},
		"priority":  {client.Event{Kind: "reprioritized", Payload: map[string]any{"priority": 12.0}}, "to 12"},
		"claimed":   {client.Event{Kind: "claimed", Payload: map[string]any{"lock": "h:1:x", "run_id": 3.0}}, ""},
		"not known": {client.Event{Kind: "teleported", Payload: map[string]any{"to": "moon", "n": 1.0}}, "n=1 to=moon"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := output.Words(tt.event); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// broken is an output that fails, as a full disk does.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// TestBroken: a result that could not be printed is an error.
func TestBroken(t *testing.T) {
	for _, format := range output.Formats {
		p := &output.Printer{Out: broken{}, Format: output.Format(format)}
		if err := p.Said(thing{"a"}, "a", "x"); err == nil {
			t.Errorf("as %s: nobody was told", format)
		}
	}
}

// TestYAML: what agents write comes back as it was, control characters included.
func TestYAML(t *testing.T) {
	for _, s := range []string{"plain", "a\x1b[31mred\a b", "two\nlines\n", "no: map", "7", "", "\u0085\x7f é 日本", "- x", "'q' \"d\"", "tab\t\x00", "\ufeffx\u2028"} {
		p, b := printer()
		p.Format = output.FormatYAML
		if err := p.Said(map[string]any{"title": s, "all": []thing{{s}}}, "", ""); err != nil {
			t.Fatal(err)
		}
		var back struct {
			Title string
			All   []thing
		}
		if err := yaml.Unmarshal(b.Bytes(), &back); err != nil || back.Title != s || back.All[0].ID != s {
			t.Errorf("%q came back as %+q (%v) from %s", s, back, err, b)
		}
		if strings.ContainsAny(b.String(), "\x1b\a\x00\x7f\u0085") {
			t.Errorf("%q is printed raw: %q", s, b)
		}
	}
}
