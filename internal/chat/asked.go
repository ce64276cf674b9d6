package chat

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/notify"
)

const (
	sureWithin = 5 * time.Minute
	maxAsked   = 200
)

// asked are the lines that wait for a yes.
type asked struct {
	clock func() time.Time

	mu    sync.Mutex
	lines map[string]waiting
}

type waiting struct {
	intent
	user  string
	until time.Time
}

// put keeps a line until its user is sure, and drops those nobody answered.
func (a *asked) put(user string, i intent) (token string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.lines == nil {
		a.lines = map[string]waiting{}
	}
	for t, w := range a.lines {
		if a.clock().After(w.until) || len(a.lines) >= maxAsked {
			delete(a.lines, t)
		}
	}
	token = rand.Text()
	a.lines[token] = waiting{i, user, a.clock().Add(sureWithin)}
	return token
}

// take returns a line once, to the user who wanted it.
func (a *asked) take(token, user string) (intent, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	w, there := a.lines[token]
	if !there || w.user != user || a.clock().After(w.until) {
		return intent{}, false
	}
	delete(a.lines, token)
	return w.intent, true
}

// ask wants to know whether somebody means it.
func (d *desk) ask(ctx context.Context, in Incoming, want intent) error {
	want.sure = true
	token := d.asked.put(in.User.ID, want)
	d.say(ctx, in, Reply{
		Text: "Do that?", Rows: rowsOf(strings.Join(want.args, " ")),
		Buttons: []Button{
			{Label: "Yes", Data: notify.Press{Act: actYes, Board: ours, Task: token}.String(), Danger: true},
			{Label: "No", Data: notify.Press{Act: actNo, Board: ours, Task: token}.String()},
		},
	})
	return nil
}

// sure does what was asked for.
func (d *desk) sure(ctx context.Context, in Incoming, who speaker, token string) error {
	want, there := d.asked.take(token, in.User.ID)
	if !there {
		return kanban.Errorf(kanban.Stale, "this question is not open any more, or not yours").Hint("ask for it again")
	}
	if err := d.platform.Edit(ctx, in.Place, in.Ref, Reply{Text: "Yes:", Rows: rowsOf(strings.Join(want.args, " "))}); err != nil {
		d.log.Warn("a question still has its buttons", "error", err)
	}
	return d.perform(ctx, in, who, want)
}
