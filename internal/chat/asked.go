package chat

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/andon-dev/andon/client"
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
	lines map[string]unsure
}

type unsure struct {
	intent
	user  string
	until time.Time
}

// put keeps a line until its user is sure, and drops those nobody answered.
func (a *asked) put(user string, i intent) (token string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.lines == nil {
		a.lines = map[string]unsure{}
	}
	for t, w := range a.lines {
		if a.clock().After(w.until) || len(a.lines) >= maxAsked {
			delete(a.lines, t)
		}
	}
	token = rand.Text()
	a.lines[token] = unsure{i, user, a.clock().Add(sureWithin)}
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

// ask wants to know whether somebody means it. What is asked about is what will be
// done: words that stand for something else later are settled now.
func (d *desk) ask(ctx context.Context, in Incoming, who speaker, want intent, p Parsed) error {
	want.args, want.below, want.sure = want.line(), "", true
	rows, on, err := d.settle(ctx, in, who, want.args, p.Flags["board"])
	if err != nil {
		return err
	}
	if _, named := p.Flags["board"]; !named {
		board, err := d.API(who.actor, "").Board(ctx, orElse(on, orElse(who.here.Board, client.Selected)))
		if err != nil {
			return err
		}
		want.args = append(want.args, "--board", board.Slug)
	}
	token := d.asked.put(in.User.ID, want)
	d.say(ctx, in, Reply{
		Text: "Do that?", Rows: append(rowsOf(strings.Join(want.args, " ")), rows...),
		Buttons: []Button{
			{Label: "Yes", Data: notify.Press{Act: actYes, Board: ours, Task: token}.String(), Danger: true},
			{Label: "No", Data: notify.Press{Act: actNo, Board: ours, Task: token}.String()},
		},
	})
	return nil
}

// settle puts the ids that are meant now into a line, and names its tasks and the
// board that they are on; board is the one that the line names.
func (d *desk) settle(ctx context.Context, in Incoming, who speaker, args []string, board string) (rows []string, on string, err error) {
	if board == "" && slices.Contains(args, lastTask) { // whose board is that of the line
		last, err := d.meant(ctx, in, who, lastTask, "")
		if err != nil {
			return nil, "", err
		}
		board = last.board
	}
	for i, arg := range args {
		if arg != lastTask && !strings.HasPrefix(arg, "t_") {
			continue
		}
		t, err := d.meant(ctx, in, who, arg, board)
		if err != nil {
			return nil, "", err
		}
		args[i] = t.id
		rows = append(rows, rowsOf(t.id+"  "+t.title)...)
	}
	return rows, board, nil
}

const lastTask = "@last"

// named is a task that a word of a line stands for.
type named struct{ id, title, board string }

// meant finds the task that a word of a line stands for: the start of an id, or
// @last. With board "" it is on the board that the place or @last means.
func (d *desk) meant(ctx context.Context, in Incoming, who speaker, word, board string) (named, error) {
	show := []string{"show", word, "--json"}
	if board != "" {
		show = append(show, "--board", board)
	}
	shown := d.run(ctx, in, who, show)
	if shown.Status != 0 {
		return named{}, refusal(shown)
	}
	var task struct{ ID, Title string }
	err := json.Unmarshal([]byte(shown.Out), &task)
	return named{task.ID, task.Title, shown.Board}, err
}

// refusal reads the error of a line that was run with --json.
func refusal(p Printed) error {
	var said struct {
		Error struct{ Message, Hint string }
	}
	if err := json.Unmarshal([]byte(p.Err), &said); err != nil || said.Error.Message == "" {
		return kanban.Errorf(kanban.NotFound, "%s", strings.TrimSpace(p.Err))
	}
	return kanban.Errorf(kanban.NotFound, "%s", said.Error.Message).Hint("%s", said.Error.Hint)
}

func closed() error {
	return kanban.Errorf(kanban.Stale, "this question is not open any more, or not yours").Hint("ask for it again")
}

// sure does what was asked for.
func (d *desk) sure(ctx context.Context, in Incoming, who speaker, token string) error {
	want, there := d.asked.take(token, in.User.ID)
	if !there {
		return closed()
	}
	if err := d.platform.Edit(ctx, in.Place, in.Ref, Reply{Text: "Yes:", Rows: rowsOf(strings.Join(want.args, " "))}); err != nil {
		d.log.Warn("a question still has its buttons", "error", err)
	}
	return d.perform(ctx, in, who, want)
}
