package chat

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"maps"
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
	var rows []string
	var err error
	want.args, want.below, want.sure = want.line(), "", true
	switch {
	case verbs[p.Verb].tasks:
		want.args, rows, err = d.settle(ctx, in, who, p)
	case p.Verb == "pull":
		rows, err = pulled(p)
	}
	if err != nil {
		return err
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

// settle makes a line of a verb about tasks that means the same later: it has whole
// ids and a board. Rows name the tasks.
//
// Errors: not_found for a word that is no task.
func (d *desk) settle(ctx context.Context, in Incoming, who speaker, p Parsed) (line, rows []string, err error) {
	words := strings.Fields(strings.Join(p.Args, " ")) // the lines below are one word
	board := p.Flags["board"]
	if board == "" && slices.Contains(words, lastTask) { // whose board is that of the line
		last, err := d.meant(ctx, in, who, lastTask, "")
		if err != nil {
			return nil, nil, err
		}
		board = last.board
	}
	if p.Flags["board"] == "" {
		b, err := d.API(who.actor, "").Board(ctx, orElse(board, orElse(who.here.Board, client.Selected)))
		if err != nil {
			return nil, nil, err
		}
		board = b.Slug
	}
	line = strings.Fields(p.Verb)
	for _, word := range words {
		t, err := d.meant(ctx, in, who, word, board)
		if err != nil {
			return nil, nil, err
		}
		line = append(line, t.id)
		rows = append(rows, rowsOf(t.id+"  "+t.title)...)
	}
	for _, flag := range slices.Sorted(maps.Keys(p.Flags)) {
		if flag != "board" {
			line = append(line, "--"+flag+"="+p.Flags[flag])
		}
	}
	return append(line, "--board", board), rows, nil
}

// pulled says in words what the cord stops.
//
// Errors: invalid if the line names several scopes.
func pulled(p Parsed) ([]string, error) {
	given := make([]string, 0, 6)
	for _, kind := range []string{"lane", "account", "board", "repo"} {
		if name, said := p.Flags[kind]; said {
			given = append(given, kind+":"+strings.TrimSpace(name))
		}
	}
	if p.Flags["all"] == "true" {
		given = append(given, kanban.WholeHome)
	}
	word, _ := kanban.CutScope(p.Args)
	scope, err := kanban.OneScope(append(given, word)...)
	if err != nil {
		return nil, err
	}
	where, runs := strings.Replace(scope, ":", " ", 1), "What runs goes on."
	if scope == kanban.WholeHome {
		where = "the whole home"
	}
	if p.Flags["stop"] == "true" {
		runs = "What runs is stopped, too."
	}
	return []string{"Nothing new starts in " + where + ", until it is resumed.", runs}, nil
}

const lastTask = "@last"

// named is a task that a word of a line stands for.
type named struct{ id, title, board string }

// meant finds the task that a word of a line stands for: the start of an id, or
// @last. With board "" it is on the board that the place or @last means.
func (d *desk) meant(ctx context.Context, in Incoming, who speaker, word, board string) (named, error) {
	show := []string{"show", "--json"}
	if board != "" {
		show = append(show, "--board", board)
	}
	shown := d.run(ctx, in, who, append(show, "--", word))
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
	if err := d.edit(ctx, in, Reply{Text: "Yes:", Rows: rowsOf(strings.Join(want.args, " "))}); err != nil {
		d.log.Warn("a question still has its buttons", "error", err)
	}
	return d.perform(ctx, in, who, want)
}

// leave does not do what was asked for. Who was not asked leaves the question as it
// is, and so does who was and said yes before.
func (d *desk) leave(ctx context.Context, in Incoming, token string) error {
	if _, there := d.asked.take(token, in.User.ID); !there {
		return closed()
	}
	return d.edit(ctx, in, Reply{Text: "Left as it is."})
}
