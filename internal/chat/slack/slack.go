package slack

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"strings"
	"sync"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/andon-dev/andon/internal/chat"
	"github.com/andon-dev/andon/internal/guests"
	"github.com/andon-dev/andon/internal/notify"
	notifyslack "github.com/andon-dev/andon/internal/notify/slack"
)

const maxKnown = 1000 // names of users, and slash commands that can be answered in private

// Options of a connection.
type Options struct {
	Token     notify.Secret     // of the bot: xoxb-...
	App       notify.Secret     // of the app: xapp-..., with the scope connections:write
	API       string            // "" = Slack's own; else up to what stands before the method
	Transport http.RoundTripper // nil = http.DefaultTransport
}

// Platform is an app that listens. It implements chat.Platform.
type Platform struct {
	token string
	http  *http.Client
	api   *slack.Client
	self  string // the bot's own user

	mu       sync.Mutex
	names    map[string]string // of users
	privates map[string]string // response URLs, by the Ref of their command
}

// Open makes a connection; Run begins it.
func Open(o Options) (*Platform, error) {
	token, err := o.Token()
	if err != nil {
		return nil, err
	}
	app, err := o.App()
	if err != nil {
		return nil, err
	}
	return &Platform{
		token: string(token), http: &http.Client{Transport: o.Transport},
		api:   notifyslack.Client(string(token), o.API, o.Transport, slack.OptionAppLevelToken(string(app))),
		names: map[string]string{}, privates: map[string]string{},
	}, nil
}

// Run implements chat.Platform.
func (p *Platform) Run(ctx context.Context, receive func(context.Context, chat.Incoming)) error {
	me, err := p.api.AuthTestContext(ctx)
	if err != nil {
		return p.judge(err)
	}
	p.self = me.UserID
	// Its log would tell addresses that hold secrets.
	client := socketmode.New(p.api, socketmode.OptionLog(log.New(io.Discard, "", 0)))
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- client.RunContext(ctx) }()
	defer func() {
		stop()
		for err == nil { // it may wait for somebody to take an event
			select {
			case <-client.Events:
			case err = <-ended:
			}
		}
	}()
	for {
		select {
		case e := <-client.Events:
			if failed := p.event(ctx, client, e, receive); failed != nil {
				return failed
			}
		case err = <-ended:
			if err == nil {
				err = errors.New("the connection ended")
			}
			return p.judge(err)
		}
	}
}

// event takes one in. Its error ends the connection: when to come back is for who
// holds it to say.
func (p *Platform) event(ctx context.Context, client *socketmode.Client, e socketmode.Event, receive func(context.Context, chat.Incoming)) error {
	switch data := e.Data.(type) {
	case *slack.ConnectionErrorEvent:
		return p.judge(data.ErrorObj)
	case *slack.InvalidAuthEvent:
		return chat.Hopeless(errors.New("the token of the app is refused by Slack"))
	}
	if e.Request == nil || e.Request.EnvelopeID == "" {
		return nil
	}
	if in, meant := p.incoming(ctx, e); meant {
		receive(ctx, in)
	}
	return client.AckCtx(ctx, e.Request.EnvelopeID, nil)
}

func (p *Platform) judge(err error) error {
	judged := notifyslack.Judge(err, p.token)
	var f *notify.Failure
	if errors.As(judged, &f) && f.Permanent {
		return chat.Hopeless(judged)
	}
	return judged
}

// Say implements chat.Platform. A command from a channel that the app is not in
// is answered to its sender alone.
func (p *Platform) Say(ctx context.Context, to guests.Place, r chat.Reply) (string, error) {
	options := content(r)
	if to.Thread != "" {
		options = append(options, slack.MsgOptionTS(to.Thread))
	}
	channel, ts, err := p.api.PostMessageContext(ctx, to.Chat, options...)
	if err == nil {
		return channel + "/" + ts, nil
	}
	p.mu.Lock()
	private := p.privates[r.To]
	p.mu.Unlock()
	if private != "" && notifyslack.Refused(err, "not_in_channel", "channel_not_found") {
		err = slack.PostWebhookCustomHTTPContext(ctx, private, p.http, &slack.WebhookMessage{
			Text: plainText(r), ResponseType: slack.ResponseTypeEphemeral,
		})
	}
	if err != nil {
		return "", p.judge(err)
	}
	return "", nil
}

// Edit implements chat.Platform.
func (p *Platform) Edit(ctx context.Context, to guests.Place, ref string, r chat.Reply) error {
	_, ts, _ := strings.Cut(ref, "/")
	if _, _, _, err := p.api.UpdateMessageContext(ctx, to.Chat, ts, content(r)...); err != nil {
		return p.judge(err)
	}
	return nil
}

// Ask implements chat.Platform: with a modal, or where none can be opened with a
// message that is answered in its thread.
func (p *Platform) Ask(ctx context.Context, in chat.Incoming, q chat.Prompt) (string, error) {
	if in.Field == "" {
		return p.Say(ctx, in.Place, chat.Reply{Text: q.Label + " Answer in the thread of this message."})
	}
	if _, err := p.api.OpenViewContext(ctx, in.Field, modal(in.Place, q)); err != nil {
		return "", p.judge(err)
	}
	return "", nil
}
