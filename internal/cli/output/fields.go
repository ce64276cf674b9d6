package output

import (
	"fmt"
	"strings"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

// Field writes "name: value" with values in one column; nothing if there is no
// value.
func (p *Printer) Field(name, format string, args ...any) {
	v := fmt.Sprintf(format, args...)
	if v == "" || v == "-" {
		return
	}
	p.Line("%s%s", p.Dim(fmt.Sprintf("%-12s", name+":")), v)
}

// Section writes a headline over a block.
func (p *Printer) Section(format string, args ...any) {
	p.Line("\n%s", p.Bold(fmt.Sprintf(format, args...)))
}

// Text writes a text of several lines, indented.
func (p *Printer) Text(s string) {
	for line := range strings.Lines(strings.TrimRight(kanban.Safe(s), "\n ")) {
		p.Line("  %s", strings.TrimRight(line, "\n"))
	}
}

// Gates writes why a task is not running, and what opens each gate.
func (p *Printer) Gates(gates []client.Gate) {
	for _, g := range gates {
		line := fmt.Sprintf("  %s: %s", p.Bold(g.Kind), Inline(g.Reason))
		if g.Since != nil {
			line += p.Dim(", since " + p.Time(g.Since))
		}
		if g.Until != nil {
			line += ", until " + p.Time(g.Until)
		}
		p.Line("%s", line)
		if g.Command != "" {
			p.Line("    %s %s", p.Arrow(), Inline(g.Command))
		}
	}
}

// Counts shows numbers per status, in the order of a task's life.
func Counts(counts map[string]int) string {
	var words []string
	for _, s := range kanban.Statuses {
		if n := counts[string(s)]; n > 0 {
			words = append(words, fmt.Sprintf("%s=%d", s, n))
		}
	}
	return strings.Join(words, " ")
}

// Hold says in a line what keeps a scope from starting work.
func (p *Printer) Hold(h client.Hold) string {
	line := fmt.Sprintf("%s %s since %s", h.Scope, h.Kind, p.Time(&h.Since))
	if h.By != "" {
		line += " by " + Inline(h.By)
	}
	if h.Until != nil {
		line += ", until " + p.Time(h.Until)
	}
	if h.Reason != "" {
		line += ": " + Inline(h.Reason)
	}
	return line
}
