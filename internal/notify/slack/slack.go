package slack

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/andon-dev/andon/internal/notify"
)

// Options of one sink.
type Options struct {
	Token     notify.Secret     // of the bot: xoxb-...
	Channel   string            // ID or #name, or the ID of a user, for subscriptions without a target
	API       string            // "" = Slack's own; else up to what stands before the method
	Buttons   bool              // somebody listens to what is pressed
	Attach    notify.Attach     // files that go along
	Transport http.RoundTripper // nil = http.DefaultTransport
}

// Sink writes to channels as one bot. It is safe for concurrent use.
type Sink struct {
	Options
	parts notify.Parts
}

const timeout = time.Minute // of one request, and of the upload of a file

// New returns a sink; nothing is contacted yet.
func New(o Options) *Sink { return &Sink{Options: o} }

// Send implements notify.Sink. The receipt is CHANNEL/TIMESTAMP.
func (s *Sink) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	token, err := s.Token()
	if err != nil {
		return notify.Receipt{}, err
	}
	channel := m.Target
	if channel == "" {
		channel = s.Channel
	}
	if channel == "" {
		return notify.Receipt{}, notify.Permanent(errors.New("neither the subscription nor the sink names a channel"))
	}
	client := s.client(string(token))
	files, left := s.Attach.Pick(ctx, m.Files)
	got, err := s.parts.Send(m.Key, files,
		func() (string, error) { return s.tell(ctx, client, m, channel, left) },
		func(ref string, f notify.File) error { return upload(ctx, client, m, ref, f) })
	if err != nil {
		return got, Judge(err, string(token))
	}
	if in, _, said := strings.Cut(got.Ref, "/"); said && got.Ref != m.Prior {
		got.Chat = in
	}
	return got, nil
}

// client is made for each message: the token may have changed.
func (s *Sink) client(token string) *slack.Client { return Client(token, s.API, s.Transport) }

// Client connects to Slack as a bot; nothing is contacted yet. api "" is Slack's
// own, transport nil is http.DefaultTransport.
func Client(token, api string, transport http.RoundTripper, more ...slack.Option) *slack.Client {
	options := append(more, slack.OptionHTTPClient(&http.Client{Transport: transport, Timeout: timeout}))
	if api != "" {
		options = append(options, slack.OptionAPIURL(strings.TrimSuffix(api, "/")+"/"))
	}
	return slack.New(token, options...)
}

// gone are the refusals of an update after which there is nothing to be updated.
var gone = []string{"message_not_found", "cant_update_message", "edit_window_closed"}

// tell updates the message that stands for the task if that will do, else it
// posts a new one.
func (s *Sink) tell(ctx context.Context, client *slack.Client, m notify.Message, channel string, left []string) (ref string, err error) {
	content := s.content(m, left)
	if in, ts := messageIn(channel, m.Prior); ts != "" && !m.Attention {
		_, _, _, err := client.UpdateMessageContext(ctx, in, ts, content)
		if err == nil {
			return m.Prior, nil
		}
		if !Refused(err, gone...) {
			return "", err
		}
	}
	if m.Settles {
		return m.Prior, nil // its message is gone
	}
	if in, ts := messageIn(channel, m.Prior); ts != "" && m.Before != nil && s.Buttons {
		if _, _, _, err := client.UpdateMessageContext(ctx, in, ts, s.content(*m.Before, nil)); err != nil && !Refused(err, gone...) {
			return "", err
		}
	}
	options := []slack.MsgOption{content, slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl()}
	_, root := messageIn(channel, m.Root)
	switch {
	case m.Thread != "":
		options = append(options, slack.MsgOptionTS(m.Thread))
	case root != "":
		options = append(options, slack.MsgOptionTS(root))
		if m.Attention {
			options = append(options, slack.MsgOptionBroadcast())
		}
	}
	in, ts, err := client.PostMessageContext(ctx, channel, options...)
	return in + "/" + ts, err
}

func upload(ctx context.Context, client *slack.Client, m notify.Message, ref string, f notify.File) error {
	content, err := f.Open(ctx)
	if err != nil {
		return err
	}
	defer content.Close()
	channel, thread, _ := strings.Cut(ref, "/")
	if _, root := messageIn(channel, m.Root); root != "" {
		thread = root
	}
	if m.Thread != "" {
		thread = m.Thread
	}
	_, err = client.UploadFileContext(ctx, slack.UploadFileParameters{
		Filename: f.Name, Title: f.Name, FileSize: int(f.Size), Reader: content, Channel: channel, ThreadTimestamp: thread,
	})
	return err
}

// messageIn takes a receipt apart; it is empty if the message stands in another
// channel: a sink may have been given another one since.
func messageIn(channel, ref string) (in, ts string) {
	in, ts, found := strings.Cut(ref, "/")
	named := strings.HasPrefix(channel, "#") || strings.HasPrefix(channel, "U") || strings.HasPrefix(channel, "W")
	if !found || in != channel && !named {
		return "", ""
	}
	return in, ts
}
