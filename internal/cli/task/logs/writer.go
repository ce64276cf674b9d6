package logs

import (
	"context"
	"strings"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/output"
	"github.com/andon-dev/andon/internal/worker/preset"
)

// writer prints pieces of a log.
type writer struct {
	*Options
	p      *output.Printer
	skip   bool           // the rest of a line that began before the tail
	stream *preset.Stream // of an agent; nil = the log is printed as it is
	text   strings.Builder

	colored bool // the terminal
}

func (w *writer) all(ctx context.Context, c *client.Client, board string, run int64) error {
	offset := -w.Tail
	for {
		chunk, err := c.Log(ctx, board, run, client.LogQuery{Offset: offset})
		if err != nil {
			return err
		}
		if chunk.Data == "" && offset > 0 {
			return w.end()
		}
		if err := w.write(chunk); err != nil {
			return err
		}
		if chunk.Data == "" {
			return w.end()
		}
		offset = chunk.Next
	}
}

func (w *writer) write(chunk client.LogChunk) error {
	if w.skip {
		w.skip = false
		if _, rest, found := strings.Cut(chunk.Data, "\n"); found {
			chunk.Data = rest
		}
	}
	if !w.p.Human() {
		return w.p.Item(chunk)
	}
	if w.read(chunk) {
		return w.flush()
	}
	return w.print(chunk.Data)
}

// print writes to a terminal what does not steer it, and elsewhere all.
func (w *writer) print(text string) error {
	switch {
	case w.p.TTY && w.p.Color:
		w.colored = w.colored || strings.Contains(text, "\x1b")
		text = output.Colored(text)
	case w.p.TTY:
		text = output.Plain(text)
	}
	return w.p.Write(text)
}

// read takes a piece of an agent's stream; false if it is none.
func (w *writer) read(chunk client.LogChunk) bool {
	p, known := preset.Named(chunk.Format)
	if w.Raw || !known {
		return false
	}
	if w.stream == nil {
		w.stream = p.Stream(w.tell)
	}
	w.stream.Write([]byte(chunk.Data), time.Now())
	return true
}

// end prints the last line if it has no end, and sets the colours back.
func (w *writer) end() error {
	if w.stream != nil {
		w.stream.Close(0, time.Now())
		if err := w.flush(); err != nil {
			return err
		}
	}
	if w.colored {
		return w.p.Write("\x1b[0m")
	}
	return nil
}

func (w *writer) flush() error {
	text := w.text.String()
	w.text.Reset()
	if text == "" {
		return nil
	}
	return w.print(text)
}

// signs begin the lines of each kind; what an agent says and plain output stand
// as they are.
var signs = map[preset.EntryKind]string{
	preset.Began: "-- ", preset.Called: "> ", preset.Got: "  ", preset.Noted: "! ", preset.Ended: "-- ",
}

// resultLines is how much of a tool's result is shown.
const resultLines = 5

func (w *writer) tell(e preset.Entry) {
	lines := strings.Split(strings.TrimRight(e.Text, "\n"), "\n")
	if e.Text == "" {
		return
	}
	switch e.Kind {
	case preset.Said:
		w.text.WriteString("\n" + e.Text + "\n\n")
		return
	case preset.Got:
		if len(lines) > resultLines {
			lines = append(lines[:resultLines], "...")
		}
	}
	for _, line := range lines {
		w.text.WriteString(signs[e.Kind] + line + "\n")
	}
}
