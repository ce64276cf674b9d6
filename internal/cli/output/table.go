package output

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// gap stands between columns.
const gap = "  "

// narrowest is what the last column keeps on a narrow terminal.
const narrowest = 12

// narrow is how many columns a phone shows of a chat.
const narrow = 40

// Table is rows under a header. The last column is cut to the terminal, the
// others never. In a chat nothing is cut.
type Table struct {
	p      *Printer
	header []string
	rows   [][]string
	notes  map[int][]string // lines that follow a row, over all columns
}

// Table starts a table.
func (p *Printer) Table(header ...string) *Table {
	return &Table{p: p, header: header, notes: map[int][]string{}}
}

// Row adds a row, with as many cells as the header has.
func (t *Table) Row(cells ...string) { t.rows = append(t.rows, cells) }

// Note adds a line below the newest row.
func (t *Table) Note(line string) {
	last := len(t.rows) - 1
	t.notes[last] = append(t.notes[last], line)
}

// Flush writes the table; nothing if it has no rows.
func (t *Table) Flush() {
	if len(t.rows) == 0 {
		return
	}
	widths := t.widths()
	var b strings.Builder
	if !t.p.Plain {
		head := make([]string, len(t.header))
		for i, h := range t.header {
			head[i] = t.p.Dim(h)
		}
		t.line(&b, widths, head)
	}
	for i, row := range t.rows {
		t.line(&b, widths, row)
		for _, note := range t.notes[i] {
			b.WriteString(t.p.fit("    "+note, t.p.Width) + "\n")
		}
	}
	_ = t.p.Write(b.String()) // kept for whoever drew it
}

func (t *Table) widths() []int {
	widths := make([]int, len(t.header))
	if !t.p.Plain {
		for i, h := range t.header {
			widths[i] = width(h)
		}
	}
	for _, row := range t.rows {
		for i, cell := range row {
			widths[i] = max(widths[i], width(cell))
		}
	}
	return widths
}

func (t *Table) line(b *strings.Builder, widths []int, cells []string) {
	last := len(cells) - 1
	for last > 0 && cells[last] == "" {
		last--
	}
	lead, used := "", 0
	for i, c := range cells[:last] {
		lead += c + strings.Repeat(" ", widths[i]-width(c)) + gap
		used += widths[i] + len(gap)
	}
	cell := cells[last]
	switch whole := last == len(t.header)-1; {
	case whole && t.p.Narrow && used+widths[last] > narrow:
		lead, cell = strings.TrimRight(lead, " "), "\n    "+cell
	case whole && t.p.Width > 0:
		cell = t.p.fit(cell, max(t.p.Width-used, narrowest))
	}
	b.WriteString(lead + cell + "\n")
}

// fit cuts s to width columns of a terminal; elsewhere nothing is cut.
func (p *Printer) fit(s string, columns int) string {
	if columns <= 0 || width(s) <= columns {
		return s
	}
	return ansi.Truncate(s, columns, p.ellipsis())
}

// width is that of a cell on a terminal. Most cells are plain ASCII.
func width(s string) int {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x7f || s[i] < ' ' {
			return lipgloss.Width(s)
		}
	}
	return len(s)
}
