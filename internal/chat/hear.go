package chat

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/guests"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/notify"
)

// speaker is a guest in a place.
type speaker struct {
	guest guests.Guest
	here  guests.Setting
	actor kanban.Actor
}

// hear finds out who says something and what it is.
func (d *desk) hear(ctx context.Context, in Incoming) error {
	if in.Moved != "" {
		return d.Book.Call(d.sink, in.Place.Chat, in.Moved)
	}
	guest, known, err := d.Book.Guest(d.sink, in.User.ID)
	if err != nil {
		return err
	}
	if !known { // any more
		d.greet(ctx, in, nil)
		return nil
	}
	if in.Private && guest.Alone != in.Place.Chat {
		if guest, err = d.Book.SetAlone(guest.Name, in.Place.Chat); err != nil {
			return err
		}
	}
	here, err := d.setting(ctx, &in)
	if err != nil {
		return err
	}
	who := speaker{guest, here, guest.Actor(here.AtMost)}
	if in.Press != "" {
		return d.press(ctx, in, who)
	}
	if in.Answer != "" || in.ReplyTo != "" {
		field, open, err := d.Book.Field(d.sink, in.Answer, in.ReplyTo)
		if err != nil {
			return err
		}
		if open {
			who.actor = guest.Actor(guests.Stricter(here.AtMost, field.AtMost))
			return d.fill(ctx, in, who, field)
		}
	}
	if text, ok := addressed(in.Text); ok {
		return d.command(ctx, in, who, text)
	}
	if lane, text, ok := mention(in.Text); ok {
		known, err := d.lane(ctx, who, lane)
		if known {
			return d.command(ctx, in, who, "add --lane "+lane+" "+text)
		}
		if err != nil {
			return err
		}
	}
	if in.ReplyTo != "" {
		return d.reply(ctx, in, who)
	}
	if in.Private && strings.TrimSpace(in.Text) != "" {
		d.say(ctx, in, Reply{Text: "Say  /andon help  to see what can be done here, or reply to a message about a task to comment on it."})
	}
	return nil
}

// setting is what holds where something came in. The thread of an old message is
// looked up; where nobody knows it, as little is allowed as in any of its chat.
func (d *desk) setting(ctx context.Context, in *Incoming) (guests.Setting, error) {
	known := !in.Old
	if in.Old {
		var post Post
		var err error
		if post, known, err = d.Posted(ctx, d.sink, in.Ref); err != nil {
			return guests.Setting{}, err
		}
		in.Place.Thread = post.Thread
	}
	here, err := d.Book.Setting(d.sink, in.Place)
	if err == nil && !known {
		here.AtMost, err = d.Book.Strictest(d.sink, in.Place.Chat)
	}
	return here, err
}

// matters reports whether a guest would miss what a message asks for.
func matters(in Incoming) bool {
	if in.Moved != "" {
		return true // what its guests may do there goes with it
	}
	_, command := addressed(in.Text)
	_, _, task := mention(in.Text)
	return in.ID != "" && (command || task || in.Press != "" || in.Answer != "" || in.ReplyTo != "")
}

// mention reads "@lane what is to be done".
func mention(text string) (lane, rest string, ok bool) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "@") {
		return "", "", false
	}
	lane, rest, ok = strings.Cut(text[1:], " ")
	if !ok {
		return "", "", false
	}
	lane, err := kanban.Slug(lane)
	return lane, strings.TrimSpace(rest), err == nil && strings.TrimSpace(rest) != ""
}

// lane reports whether there is a lane: people are called with an @, too.
func (d *desk) lane(ctx context.Context, who speaker, name string) (bool, error) {
	lanes, err := d.API(who.actor, "").Lanes(ctx, orElse(who.here.Board, client.Selected))
	return slices.ContainsFunc(lanes, func(l client.Lane) bool { return l.Name == name && l.Known }), err
}

// reply comments on the task that a message of ours is about.
func (d *desk) reply(ctx context.Context, in Incoming, who speaker) error {
	post, known, err := d.Posted(ctx, d.sink, in.ReplyTo)
	if err != nil || !known {
		if err == nil && in.ToUs {
			err = kanban.Errorf(kanban.NotFound, "that message is about no task, or about several, so nothing was noted").Hint("/andon comment ID TEXT")
		}
		return err
	}
	p := d.run(ctx, in, who, of(notify.Press{Board: post.Board, Task: post.Task}, "comment", nil, in.Text))
	if p.Status != 0 {
		d.say(ctx, in, Reply{Text: p.Err})
		return nil
	}
	press := notify.Press{Act: actUnblock, Board: post.Board, Task: post.Task}
	last, err := d.API(who.actor, "").Events(ctx, post.Board, client.EventQuery{Task: post.Task, Last: true, Limit: 1})
	if err != nil {
		return err
	}
	for _, e := range last.Items {
		press.Event = e.ID
	}
	d.say(ctx, in, Reply{Text: "Noted on " + post.Task + ".", Buttons: []Button{{Label: "Let it go on", Data: press.String()}}})
	return nil
}

// told is an error as people read it, with its way out. What is wrong on the
// gateway's machine is for its log: a chat may be of many.
func (d *desk) told(in Incoming, err error) string {
	if kanban.CodeOf(err) == kanban.Unavailable {
		d.log.Error("a message of a chat cannot be answered", "chat", in.Place.Chat, "error", err)
		return "That cannot be done just now: something is wrong where Andon runs. Its log tells what."
	}
	var e *kanban.Error
	if errors.As(err, &e) && e.Way != "" {
		return err.Error() + "\n" + e.Way
	}
	return err.Error()
}
