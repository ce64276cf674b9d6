package slack

import (
	"context"
	"encoding/json"
	"html"
	"regexp"
	"strings"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"github.com/andon-dev/andon/internal/chat"
	"github.com/andon-dev/andon/internal/guests"
)

// incoming reads an event; meant is false for what is not of a person.
func (p *Platform) incoming(ctx context.Context, e socketmode.Event) (in chat.Incoming, meant bool) {
	switch data := e.Data.(type) {
	case slackevents.EventsAPIEvent:
		switch m := data.InnerEvent.Data.(type) {
		case *slackevents.MessageEvent:
			if m.User == "" || m.BotID != "" || m.SubType != "" || m.User == p.self {
				return in, false
			}
			return p.message(ctx, m.Channel, m.User, m.Text, m.TimeStamp, m.ThreadTimeStamp), true
		case *slackevents.AppMentionEvent:
			if m.User == "" || m.BotID != "" {
				return in, false
			}
			return p.message(ctx, m.Channel, m.User, m.Text, m.TimeStamp, m.ThreadTimeStamp), true
		}
	case slack.SlashCommand:
		in = chat.Incoming{
			ID: e.Request.EnvelopeID, Place: guests.Place{Chat: data.ChannelID}, Private: private(data.ChannelID),
			User: guests.User{ID: data.UserID, Name: data.UserName}, Text: data.Command + " " + written(data.Text),
			Ref: "command/" + e.Request.EnvelopeID, Field: data.TriggerID,
		}
		p.keepPrivate(in.Ref, data.ResponseURL)
		return in, true
	case slack.InteractionCallback:
		return interaction(e.Request.EnvelopeID, data)
	}
	return in, false
}

// message is known by its time stamp, under which a mention comes twice.
func (p *Platform) message(ctx context.Context, channel, user, text, ts, thread string) chat.Incoming {
	in := chat.Incoming{
		ID: channel + "/" + ts, Place: guests.Place{Chat: channel, Thread: thread}, Private: private(channel),
		User: guests.User{ID: user, Name: p.name(ctx, user)}, Ref: channel + "/" + ts,
	}
	if rest, mentioned := strings.CutPrefix(strings.TrimSpace(text), "<@"+p.self+">"); mentioned {
		text = "/andon " + rest
	}
	in.Text = written(text)
	if thread != "" && thread != ts {
		in.ReplyTo = channel + "/" + thread
	}
	return in
}

func interaction(id string, c slack.InteractionCallback) (in chat.Incoming, meant bool) {
	in = chat.Incoming{ID: id, User: guests.User{ID: c.User.ID, Name: c.User.Name}, Field: c.TriggerID}
	switch c.Type {
	case slack.InteractionTypeBlockActions:
		if len(c.ActionCallback.BlockActions) == 0 || c.Channel.ID == "" {
			return in, false
		}
		in.Place = guests.Place{Chat: c.Channel.ID, Thread: c.Message.ThreadTimestamp}
		in.Private, in.Ref = private(c.Channel.ID), c.Channel.ID+"/"+c.Message.Timestamp
		in.Press = c.ActionCallback.BlockActions[0].Value
		return in, in.Press != ""
	case slack.InteractionTypeViewSubmission:
		var f form
		if json.Unmarshal([]byte(c.View.PrivateMetadata), &f) != nil || c.View.State == nil {
			return in, false
		}
		in.Place, in.Private, in.Answer = f.Place, private(f.Place.Chat), f.Token
		for _, block := range c.View.State.Values {
			for _, action := range block {
				in.Text = action.Value
			}
		}
		return in, f.Token != ""
	}
	return in, false
}

// private reports whether a channel is between a user and the app.
func private(channel string) bool { return strings.HasPrefix(channel, "D") }

var address = regexp.MustCompile(`<((?:https?|mailto):[^|>]*)(?:\|[^>]*)?>`)

// written is a text as it was typed, before Slack made links of addresses and
// escaped three characters.
func written(text string) string {
	return html.UnescapeString(address.ReplaceAllString(text, "$1"))
}

// name looks a user up, once. Whoever cannot be looked up is called by their id.
func (p *Platform) name(ctx context.Context, user string) string {
	p.mu.Lock()
	name, known := p.names[user]
	p.mu.Unlock()
	if known {
		return name
	}
	u, err := p.api.GetUserInfoContext(ctx, user)
	if err != nil {
		return user
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.names) >= maxKnown {
		clear(p.names)
	}
	p.names[user] = u.Name
	return u.Name
}

func (p *Platform) keepPrivate(ref, url string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.privates) >= maxKnown {
		clear(p.privates)
	}
	p.privates[ref] = url
}
