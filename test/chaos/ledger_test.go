//go:build linux

package chaos

import (
	"bytes"
	"fmt"
	"os"
	"strings"
)

// operation is one change that a client asks for. Its id is both the operation
// id and a mark that the change leaves in the database.
type operation struct {
	id   string
	kind string // create, comment, block, unblock or complete
	task string // "" of a create
	lane string // of a create, or ""
}

// ledger is what one client was told, in a file that only it appends to:
//
//	intent ID KIND TASK LANE
//	ack ID TASK
//	refused ID WHY
//
// Each line is one write, so a killed client leaves whole lines.
type ledger struct {
	file *os.File
	// As found when it was opened: how many operations there were, and the last
	// one if nobody knows what became of it.
	operations int
	open       *operation
}

func openLedger(path string) (*ledger, error) {
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	l := &ledger{}
	for line := range strings.Lines(string(text)) {
		switch e := parseEntry(line); e.what {
		case "intent":
			l.operations++
			l.open = &e.operation
		default:
			l.open = nil
		}
	}
	l.file, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	return l, err
}

func (l *ledger) intend(o operation) error {
	return l.line("intent %s %s %s %s", o.id, o.kind, dash(o.task), dash(o.lane))
}

func (l *ledger) acknowledge(o operation, task string) error { return l.line("ack %s %s", o.id, task) }

func (l *ledger) refuse(o operation, why error) error {
	return l.line("refused %s %s", o.id, strings.ReplaceAll(why.Error(), "\n", " "))
}

func (l *ledger) line(format string, args ...any) error {
	_, err := fmt.Fprintf(l.file, format+"\n", args...)
	return err
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

type entry struct {
	what string
	operation
	why string
}

func parseEntry(line string) entry {
	f := strings.SplitN(strings.TrimSpace(line), " ", 5)
	for len(f) < 5 {
		f = append(f, "")
	}
	e := entry{what: f[0], operation: operation{id: f[1]}}
	undash := func(s string) string { return strings.TrimPrefix(s, "-") }
	switch e.what {
	case "intent":
		e.kind, e.task, e.lane = f[2], undash(f[3]), undash(f[4])
	case "ack":
		e.task = f[2]
	case "refused":
		e.why = strings.Join(f[2:], " ")
	}
	return e
}

// reading is how far a ledger was read.
type reading struct {
	path   string
	offset int64
}

// news returns the lines that were added since.
func (r *reading) news() ([]entry, error) {
	f, err := os.Open(r.path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var text bytes.Buffer
	if _, err := f.Seek(r.offset, 0); err != nil {
		return nil, err
	}
	if _, err := text.ReadFrom(f); err != nil {
		return nil, err
	}
	whole := text.Bytes()[:bytes.LastIndexByte(text.Bytes(), '\n')+1]
	r.offset += int64(len(whole))
	var out []entry
	for line := range bytes.Lines(whole) {
		out = append(out, parseEntry(string(line)))
	}
	return out, nil
}
