package output

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// Format is what -o selects.
type Format string

// The formats.
const (
	FormatTable Format = "table"
	FormatJSON  Format = "json"
	FormatJSONL Format = "jsonl"
	FormatYAML  Format = "yaml"
	FormatName  Format = "name"
	FormatCSV   Format = "csv" // of commands that say so
)

// Formats lists them, for flags and completion.
var Formats = []string{string(FormatTable), string(FormatJSON), string(FormatJSONL), string(FormatYAML), string(FormatName), string(FormatCSV)}

// ParseFormat accepts a format's name in any case.
//
// Errors: invalid.
func ParseFormat(s string) (Format, error) {
	f := strings.ToLower(strings.TrimSpace(s))
	if !slices.Contains(Formats, f) {
		return "", kanban.Errorf(kanban.Invalid, "unknown output format %s", kanban.Quote(s)).Hint("one of %s", strings.Join(Formats, ", "))
	}
	return Format(f), nil
}

// Printer writes results to Out. The zero value of all but Out and Now is plain
// text without limits.
type Printer struct {
	Out     io.Writer
	Format  Format // "" = table
	Quiet   bool   // ids only
	Plain   bool   // tables without header
	UTC     bool
	TTY     bool // times are relative, long cells are cut to Width
	Width   int  // columns of the terminal; 0 = no limit
	Narrow  bool // of a chat: times are relative, too, and wide tables have their last column on lines of its own
	Color   bool
	Unicode bool
	Now     func() time.Time

	err error // the first write that failed; One and List return it
}

// Human reports whether people read the output.
func (p *Printer) Human() bool { return (p.Format == "" || p.Format == FormatTable) && !p.Quiet }

// NamesOnly reports whether only ids are asked for.
func (p *Printer) NamesOnly() bool {
	return p.Format == FormatName || p.Quiet && (p.Format == "" || p.Format == FormatTable)
}

// One prints one value: name is its id, "" if it has none; draw writes it for
// people.
func (p *Printer) One(v any, name string, draw func()) error {
	switch {
	case p.NamesOnly():
		if name != "" {
			p.Line("%s", name)
		}
		return p.err
	case p.Human():
		draw()
		return p.err
	}
	return p.document(v)
}

// Said prints one value whose human form is a sentence.
func (p *Printer) Said(v any, name, format string, args ...any) error {
	return p.One(v, name, func() { p.Line(format, args...) })
}

// List prints a page of a list. next is the cursor of the following page.
func List[T any](p *Printer, items []T, next string, name func(T) string, draw func([]T)) error {
	switch {
	case p.NamesOnly():
		for _, item := range items {
			p.Line("%s", name(item))
		}
		return p.err
	case p.Human():
		draw(items)
		return p.err
	case p.Format == FormatJSONL:
		for _, item := range items {
			if err := p.Item(item); err != nil {
				return err
			}
		}
		return nil
	}
	if items == nil {
		items = []T{}
	}
	return p.document(struct {
		Items []T    `json:"items"`
		Next  string `json:"next"`
	}{items, next})
}

// Item prints one piece of an endless list: a line of JSON, a YAML document.
func (p *Printer) Item(v any) error {
	if p.Format == FormatYAML {
		p.Line("---")
		return p.document(v)
	}
	text, err := marshal(v, "")
	if err != nil {
		return err
	}
	return p.Write(string(text))
}

// Line writes one line for people. An error is kept for whoever drew it.
func (p *Printer) Line(format string, args ...any) { _ = p.Write(fmt.Sprintf(format+"\n", args...)) }

// Write writes a text as it is, unless an earlier write failed.
func (p *Printer) Write(s string) error {
	if p.err == nil {
		_, p.err = io.WriteString(p.Out, s)
	}
	return p.err
}

func (p *Printer) document(v any) error {
	indent := "  "
	if p.Format == FormatJSONL {
		indent = ""
	}
	text, err := marshal(v, indent)
	if err != nil {
		return err
	}
	if p.Format == FormatYAML {
		if text, err = ToYAML(text); err != nil {
			return err
		}
	}
	return p.Write(string(text))
}

// marshal leaves <, > and & as they are: nobody puts this into HTML.
func marshal(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("cannot write as JSON: %w", err)
	}
	return b.Bytes(), nil
}
