package notify

import (
	"slices"
	"strings"
	"unicode"
)

// Rows are the lines of a message for people, in plain text: the first names it.
// A digest has a line for each of its messages, those first on which somebody
// has to act. maxRow is the longest that a line may be, in runes.
func (m Message) Rows(maxRow int) []Row {
	switch {
	case len(m.Items) > 0:
		rows := []Row{{Kind: RowHead, Text: plain(m.Head, maxRow)}}
		for _, urgent := range []bool{true, false} {
			for _, item := range m.Items {
				if item.Attention != urgent {
					continue
				}
				text := item.summary()
				if urgent && item.Next != "" {
					text = item.sentences() // a digest has no buttons
				}
				rows = append(rows, Row{Kind: RowItem, Text: plain(text, maxRow), Attention: urgent})
			}
		}
		return rows
	case m.Head == "":
		return textRows(m.Text, maxRow)
	}
	rows := []Row{{Kind: RowHead, Text: plain(m.Head, maxRow), Attention: m.Attention}}
	if m.Detail != "" {
		rows = append(rows, Row{Kind: RowDetail, Text: plain(m.Detail, maxRow)})
	}
	if m.Next != "" {
		rows = append(rows, Row{Kind: RowNext, Text: plain(m.Next, maxRow)})
	}
	return rows
}

// Row is one line of a message.
type Row struct {
	Kind      RowKind
	Text      string
	Attention bool
}

// RowKind says what a line tells.
type RowKind int

// The kinds of row.
const (
	RowText   RowKind = iota // of a template
	RowHead                  // which task, and what happened
	RowDetail                // reason, error or handoff
	RowNext                  // what to do next
	RowItem                  // of a digest
)

// Lines are the rows as plain text.
func (m Message) Lines(maxRow int) (lines []string) {
	for _, row := range m.Rows(maxRow) {
		switch {
		case row.Kind == RowItem && row.Attention:
			lines = append(lines, "! "+row.Text)
		case row.Kind == RowItem:
			lines = append(lines, "- "+row.Text)
		default:
			lines = append(lines, row.Text)
		}
	}
	return lines
}

func (m Message) summary() string {
	switch {
	case m.Head == "":
		return m.Text
	case m.Detail == "":
		return m.Head
	}
	return m.Head + ": " + m.Detail
}

func textRows(text string, maxRow int) (rows []Row) {
	for line := range strings.Lines(text) {
		rows = append(rows, Row{Text: plain(line, maxRow)})
	}
	return rows
}

// Fit joins lines as long as they stay within limit, which size measures one
// by one. What is left out is said in a last line, made by more.
func Fit(lines []string, limit int, size func(string) int, more func(n int) string) string {
	if len(lines) == 0 {
		return ""
	}
	used, kept := 0, 0 // with all line feeds
	for n, line := range lines {
		used += size(line) + 1
		switch last := n == len(lines)-1; {
		case last && used-1 <= limit:
			return strings.Join(lines, "\n")
		case !last && used+size(more(len(lines)-n-1)) <= limit:
			kept = n + 1
		}
		if used > limit {
			break
		}
	}
	return strings.Join(append(slices.Clone(lines[:kept]), more(len(lines)-kept)), "\n")
}

// Clean drops what could steer a terminal or turn a line around.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
}
