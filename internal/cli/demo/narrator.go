package demo

import (
	"fmt"
	"io"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

// narrator writes one line for each thing that happens.
type narrator struct {
	out    io.Writer
	start  time.Time
	colour bool
}

func newNarrator(out io.Writer, colour bool) *narrator {
	return &narrator{out: out, start: time.Now(), colour: colour}
}

// Colours of the eight that every terminal has.
const (
	grey   = "8"
	red    = "1"
	green  = "2"
	yellow = "3"
	blue   = "4"
)

func (n *narrator) paint(colour, text string) string {
	if !n.colour {
		return text
	}
	return lipgloss.NewStyle().Foreground(lipgloss.Color(colour)).Render(text)
}

func (n *narrator) line(colour, mark, name, text string) {
	at := n.paint(grey, fmt.Sprintf("%6.2fs", time.Since(n.start).Seconds()))
	fmt.Fprintf(n.out, "%s  %s %-7s %s\n", at, n.paint(colour, mark), name, n.paint(colour, text))
}

func (n *narrator) say(format string, args ...any) {
	n.line(grey, " ", "andon", fmt.Sprintf(format, args...))
}

func (n *narrator) person(format string, args ...any) {
	n.line(blue, ">", "you", fmt.Sprintf(format, args...))
}

func (n *narrator) accident(format string, args ...any) {
	n.line(red, "!", "fate", fmt.Sprintf(format, args...))
}

// event tells what happened to a task; what only machines care for is left out.
func (n *narrator) event(name string, e client.Event) {
	text := func(key string) string { s, _ := e.Payload[key].(string); return s }
	switch kanban.EventKind(e.Kind) {
	case kanban.EvCreated:
		n.line(grey, "+", name, "on the board, "+text("status"))
	case kanban.EvPromoted:
		n.line(grey, "-", name, "its parents are done: ready")
	case kanban.EvSpawned:
		n.line(yellow, "*", name, fmt.Sprintf("worker %v started", e.Payload["pid"]))
	case kanban.EvCompleted:
		n.line(green, "=", name, "done: "+text("summary"))
	case kanban.EvReview:
		n.line(blue, "?", name, "wants a review: "+text("summary"))
	case kanban.EvApproved:
		n.line(green, "=", name, "approved by "+text("by"))
	case kanban.EvBlocked:
		if text("kind") != string(kanban.BreakerOpen) {
			n.line(blue, "?", name, "asks: "+text("reason"))
		}
	case kanban.EvUnblocked:
		n.line(grey, "-", name, "answered, goes on")
	case kanban.EvCrashed:
		n.line(red, "x", name, "failed ("+text("error")+"), will be tried again")
	case kanban.EvGaveUp:
		n.line(red, "x", name, fmt.Sprintf("failed %v times (%s): the breaker holds", e.Payload["failures"], text("error")))
	}
}

func (n *narrator) summary(names map[string]string, tasks []client.Task, log string) {
	fmt.Fprintf(n.out, "\nThe board:\n")
	for _, t := range tasks {
		colour := green
		if t.Status != string(kanban.Done) {
			colour = red
		}
		fmt.Fprintf(n.out, "  %s  %-8s %s\n", t.ID, n.paint(colour, fmt.Sprintf("%-8s", t.Status)), t.Title)
	}
	fmt.Fprintf(n.out, "\nThe repository, main:\n  %s\n", strings.ReplaceAll(strings.TrimSpace(log), "\n", "\n  "))
}

func (n *narrator) advise() {
	fmt.Fprint(n.out, `
What to try next:
  andon demo --keep                      the same, and the board stays up for you
  andon init && andon gateway start      a home of your own (~/.andon)
  andon add "say hello" --lane NAME      after adding a lane to ~/.andon/andon/andon.yaml
  andon why ID                           why a task is not running
`)
}

func (n *narrator) leave(p *place) {
	fmt.Fprintf(n.out, `
The gateway (pid %d) and the board are still up. Try:
  export ANDON_HOME=%s
  andon list
  andon why @last
  andon logs ID
  andon gateway stop; rm -r %s
`, p.gateway.Process.Pid, p.home, p.root)
}
