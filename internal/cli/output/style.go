package output

import (
	"image/color"
	"regexp"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/charmbracelet/x/ansi"
)

// statusColors are the sixteen of the terminal, so that its theme decides how
// they look.
var statusColors = map[string]color.Color{
	"running": lipgloss.Green,
	"ready":   lipgloss.Cyan,
	"blocked": lipgloss.Red,
	"review":  lipgloss.Magenta,
	"triage":  lipgloss.Yellow,

	"completed": lipgloss.Green, "crashed": lipgloss.Red, "timed_out": lipgloss.Red, "stale": lipgloss.Red,
	"gave_up": lipgloss.Red, "spawn_failed": lipgloss.Red, "protocol_violation": lipgloss.Red,

	"warning": lipgloss.Yellow, "error": lipgloss.Red, "critical": lipgloss.Red,
}

// Status colours a status, an outcome or a severity.
func (p *Printer) Status(s string) string {
	c, ok := statusColors[s]
	if !ok {
		return s
	}
	return p.paint(lipgloss.NewStyle().Foreground(c), s)
}

// Dim makes less of what is only there for orientation.
func (p *Printer) Dim(s string) string { return p.paint(lipgloss.NewStyle().Faint(true), s) }

// Bold makes more of it.
func (p *Printer) Bold(s string) string { return p.paint(lipgloss.NewStyle().Bold(true), s) }

func (p *Printer) paint(style lipgloss.Style, s string) string {
	if !p.Color || s == "" {
		return s
	}
	return style.Render(s)
}

func (p *Printer) ellipsis() string { return p.sign("…", "...") }

// Arrow stands before what follows from a line.
func (p *Printer) Arrow() string { return p.sign("→", "->") }

// Mark stands before the selected of several.
func (p *Printer) Mark() string { return p.sign("●", "*") }

func (p *Printer) sign(unicode, ascii string) string {
	if p.Unicode {
		return unicode
	}
	return ascii
}

// Inline is the first line of a text, safe to print in a row.
func Inline(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(kanban.Safe(s)), "\n")
	return strings.TrimRight(strings.ReplaceAll(line, "\t", " "), " ")
}

// Or gives a dash for nothing.
func Or(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// Colored is Plain but for colours and the like, which steer nothing.
func Colored(s string) string {
	var b strings.Builder
	end := 0
	for _, at := range sgr.FindAllStringIndex(s, -1) {
		b.WriteString(Plain(s[end:at[0]]))
		b.WriteString(s[at[0]:at[1]])
		end = at[1]
	}
	b.WriteString(Plain(s[end:]))
	return b.String()
}

// sgr is the sequence that sets them.
var sgr = regexp.MustCompile(`\x1b\[[0-9;:]*m`)

// Plain is Safe for text that may hold escape sequences of its own, such as a
// program's output.
func Plain(s string) string { return kanban.Safe(ansi.Strip(s)) }
