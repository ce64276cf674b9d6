package chat

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"slices"
	"strings"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/guests"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/notify"
)

// Acts of buttons beside those of messages.
const (
	actUnblock = "unblock"
	actTell    = "tell"

	// Of these, Press.Task is a token, and Press.Board is ours.
	actMore = "more"
	actOnly = "only" // tell of less than a board or a task
	actYes  = "yes"
	actNo   = "no"
	ours    = "-"
)

// press does what a button says. Messages may be old, so everything is judged as
// the task stands now.
func (d *desk) press(ctx context.Context, in Incoming, who speaker) error {
	p, ok := notify.ParsePress(in.Press)
	if !ok || !offered(p) {
		return kanban.Errorf(kanban.Invalid, "this button is not understood").Hint("it may be of a newer Andon; say  /andon help")
	}
	switch p.Act {
	case actMore:
		return d.more(ctx, in, p.Task)
	case actYes:
		return d.sure(ctx, in, who, p.Task)
	case actNo:
		return d.leave(ctx, in, p.Task)
	case actOnly:
		line, there := d.lines.get(p.Task)
		if !there {
			return kanban.Errorf(kanban.Stale, "what this button tells of is not kept any more").Hint("ask for it again")
		}
		return d.perform(ctx, in, who, intent{args: line, ours: true})
	}
	var err error
	if p.Board, err = d.boardOf(ctx, who, p); err != nil {
		return err
	}
	if err := d.inTime(ctx, who, p); err != nil {
		return err
	}
	if p.Act == notify.ActAnswer || p.Act == notify.ActChanges || p.Act == notify.ActReject {
		return d.openField(ctx, in, who, p)
	}
	args, err := d.actOf(ctx, in, who, p)
	if err != nil {
		return err
	}
	return d.perform(ctx, in, who, intent{args: args, ours: true})
}

// deciding are the acts that answer what a message asks.
var deciding = []string{notify.ActApprove, notify.ActChanges, notify.ActReject, notify.ActAnswer, notify.ActRetry, actUnblock}

// inTime refuses to answer what was decided since its message was made: a question
// or a version that nobody was shown may wait by now.
func (d *desk) inTime(ctx context.Context, who speaker, p notify.Press) error {
	if p.Event == 0 || !slices.Contains(deciding, p.Act) {
		return nil
	}
	q := client.EventQuery{Task: p.Task, After: p.Event, Limit: 1}
	for _, kind := range kanban.Settling {
		q.Kinds = append(q.Kinds, string(kind))
	}
	since, err := d.API(who.actor, "").Events(ctx, p.Board, q)
	if err != nil || len(since.Items) == 0 {
		return err
	}
	return kanban.Errorf(kanban.Stale, "that was decided in the meantime, so nothing was done").Hint("/andon show %s  tells how it stands", p.Task)
}

// offered reports whether a press has the form of those that we offer. Platforms
// bring back whatever somebody makes up, and its parts become words of a line.
func offered(p notify.Press) bool {
	switch p.Act {
	case actMore, actOnly, actYes, actNo:
		return p.Board == ours
	}
	board, err := kanban.Slug(p.Board)
	known := err == nil && board == p.Board || p.Board == client.Selected || strings.HasPrefix(p.Board, "~")
	return known && (kanban.IsTaskID(p.Task) || p.Act == actTell && p.Task == "")
}

// boardOf finds the board that a press is of, which may be told by its hash.
func (d *desk) boardOf(ctx context.Context, who speaker, p notify.Press) (string, error) {
	if !strings.HasPrefix(p.Board, "~") {
		return p.Board, nil
	}
	boards, err := d.API(who.actor, "").Boards(ctx, false)
	if err != nil {
		return "", err
	}
	for _, b := range boards {
		if p.Of(b.Slug) {
			return b.Slug, nil
		}
	}
	return "", kanban.Errorf(kanban.NotFound, "the board of this message is gone").Hint("andon boards list --all")
}

// of is a line about the task of a press, and what a person wrote to it: nothing of
// that is a flag, whatever it looks like.
func of(p notify.Press, verb string, flags []string, text ...string) []string {
	line := append(append(strings.Fields(verb), "--board", p.Board), flags...)
	if p.Task != "" {
		line = append(line, "--", p.Task)
	}
	return append(line, text...)
}

// actOf is the line of a button that needs no text.
func (d *desk) actOf(ctx context.Context, in Incoming, who speaker, p notify.Press) ([]string, error) {
	switch p.Act {
	case notify.ActApprove:
		planned, err := d.planned(ctx, in, who, p)
		if planned {
			return of(p, "plan approve", nil), err
		}
		return of(p, "approve", nil), err
	case notify.ActRetry, actUnblock:
		return of(p, "unblock", nil), nil
	case notify.ActStop:
		return of(p, "stop", nil), nil
	case notify.ActMute:
		post, known, err := d.Posted(ctx, d.sink, in.Ref)
		if !known {
			post.Target, post.Thread = in.Place.Chat, in.Place.Thread
		}
		return of(p, "notify mute", []string{"--sink", d.sink, "--target", post.Target, "--thread", post.Thread}), err
	case actTell:
		return d.subscribe(in, p), nil
	}
	return nil, kanban.Errorf(kanban.Invalid, "the button %s is not understood", kanban.Quote(p.Act)).Hint("it may be of a newer Andon; say  /andon help")
}

// planned reports whether it is a task's plan that waits, and not its work.
func (d *desk) planned(ctx context.Context, in Incoming, who speaker, p notify.Press) (bool, error) {
	shown := d.run(ctx, in, who, of(p, "show", []string{"--json"}))
	if shown.Status != 0 {
		return false, refusal(shown)
	}
	var task struct {
		Status kanban.Status `json:"status"`
	}
	err := json.Unmarshal([]byte(shown.Out), &task)
	return task.Status == kanban.Triage, err
}

// openField asks for the text that an act needs.
func (d *desk) openField(ctx context.Context, in Incoming, who speaker, p notify.Press) error {
	token := rand.Text()
	prompt := Prompt{Title: "Answer", Label: "What do you answer to " + p.Task + "?", Token: token}
	switch p.Act {
	case notify.ActChanges:
		prompt.Title, prompt.Label = "Request changes", "What is to change in "+p.Task+"?"
	case notify.ActReject:
		prompt.Title, prompt.Label = "Reject", "Why is "+p.Task+" not wanted? What is refused for good does not run again."
	}
	ref, err := d.platform.Ask(ctx, in, prompt)
	if err != nil {
		return err
	}
	return d.Book.Open(guests.Field{Sink: d.sink, Token: token, Ref: ref, Press: p.String(), User: in.User.ID, AtMost: who.here.AtMost})
}

// fill does the act whose text came in. Another guest may write it: what counts
// is what that one may do.
func (d *desk) fill(ctx context.Context, in Incoming, who speaker, f guests.Field) error {
	p, _ := notify.ParsePress(f.Press)
	text := strings.TrimSpace(in.Text)
	if text == "" {
		return kanban.Errorf(kanban.Invalid, "the text is empty").Hint("press the button again")
	}
	var err error
	if p.Board, err = d.boardOf(ctx, who, p); err != nil {
		return err
	}
	if err := d.inTime(ctx, who, p); err != nil {
		return err
	}
	var line []string
	switch p.Act {
	case notify.ActAnswer:
		line = of(p, "answer", nil, text)
	case notify.ActChanges:
		line = of(p, "reject", nil, text)
	case notify.ActReject:
		line = of(p, "cancel", []string{"--reason", text})
		planned, err := d.planned(ctx, in, who, p)
		if err != nil {
			return err
		}
		if planned {
			line = of(p, "plan reject", nil, text)
		}
	}
	return d.perform(ctx, in, who, intent{args: line, sure: true, ours: true})
}
