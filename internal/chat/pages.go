package chat

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/notify"
)

const (
	maxRows   = 25   // of a message
	maxPage   = 2500 // bytes of its rows
	maxRow    = 400  // bytes of a row; a longer one goes on in the next
	maxOutput = 1 << 20
	maxPages  = 200
	pageLife  = time.Hour
)

// pages keeps what did not fit into a message or a button, for who asks for it.
type pages struct {
	clock func() time.Time

	mu   sync.Mutex
	left map[string]rest
}

type rest struct {
	rows  []string
	until time.Time
}

func (p *pages) put(rows []string) (token string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left == nil {
		p.left = map[string]rest{}
	}
	for t, r := range p.left {
		if p.clock().After(r.until) || len(p.left) >= maxPages {
			delete(p.left, t)
		}
	}
	token = rand.Text()
	p.left[token] = rest{rows, p.clock().Add(pageLife)}
	return token
}

func (p *pages) get(token string) ([]string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r, there := p.left[token]
	return r.rows, there && !p.clock().After(r.until)
}

// page cuts off the rows that fit into a message. There is at least one.
func page(rows []string) (now, later []string) {
	size := 0
	for i, row := range rows {
		if size += len(row) + 1; i > 0 && (i >= maxRows || size > maxPage) {
			return rows[:i], rows[i:]
		}
	}
	return rows, nil
}

// shown makes a reply of what a line printed.
func (d *desk) shown(p Printed) Reply {
	out, said := rowsOf(p.Out), strings.TrimSpace(p.Err)
	if len(out) <= 2 {
		text := strings.TrimSpace(strings.Join(append(out, rowsOf(said)...), "\n"))
		return Reply{Text: orElse(text, "Done.")}
	}
	return d.paged(said, out)
}

func (d *desk) paged(text string, rows []string) Reply {
	now, later := page(rows)
	r := Reply{Text: text, Rows: now}
	if len(later) > 0 {
		r.Buttons = []Button{{Label: "More", Data: notify.Press{Act: actMore, Board: ours, Task: d.pages.put(later)}.String()}}
	}
	return r
}

func (d *desk) more(ctx context.Context, in Incoming, token string) error {
	rows, there := d.pages.get(token)
	if !there {
		return kanban.Errorf(kanban.Stale, "the rest of this list is not kept any more").Hint("ask for it again")
	}
	d.say(ctx, in, d.paged("", rows))
	return nil
}

// rowsOf splits what was printed, without what a chat would show as something
// else than it is.
func rowsOf(out string) []string {
	if len(out) > maxOutput {
		out = out[:maxOutput]
	}
	out = strings.Trim(strings.ToValidUTF8(out, "?"), "\n")
	if out == "" {
		return nil
	}
	var rows []string
	for row := range strings.SplitSeq(out, "\n") {
		row = strings.TrimRight(row, " ")
		for len(row) > maxRow {
			cut := maxRow
			for !utf8.RuneStart(row[cut]) {
				cut--
			}
			rows, row = append(rows, row[:cut]), row[cut:]
		}
		rows = append(rows, row)
	}
	return rows
}

// cleaned is a reply without what would steer who reads it, or turn a line around.
func (r Reply) cleaned() Reply {
	r.Text = kanban.Safe(r.Text)
	rows := make([]string, len(r.Rows))
	for i, row := range r.Rows {
		rows[i] = kanban.Safe(row)
	}
	r.Rows = rows
	return r
}

// safe makes a file's name of anything.
func safe(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, name)
}
