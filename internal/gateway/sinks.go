package gateway

import (
	"os"
	"time"

	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/notify"
	"github.com/andon-dev/andon/internal/notify/command"
	"github.com/andon-dev/andon/internal/notify/file"
	"github.com/andon-dev/andon/internal/notify/ntfy"
	"github.com/andon-dev/andon/internal/notify/shoutrrr"
	"github.com/andon-dev/andon/internal/notify/slack"
	"github.com/andon-dev/andon/internal/notify/telegram"
	"github.com/andon-dev/andon/internal/notify/webhook"
)

// shoutTime is how long a service of shoutrrr may take.
const shoutTime = 30 * time.Second

// reached are the sinks of a configuration. They know which messages were sent in
// part, so they are made once.
type reached struct {
	by    *config.Config
	sinks map[string]notify.Sink
}

// sinks are the configured destinations.
func (a *app) sinks() map[string]notify.Sink {
	c := a.config.Load()
	if known := a.reached.Load(); known != nil && known.by == c {
		return known.sinks
	}
	out := map[string]notify.Sink{}
	for name, s := range c.Notify.Sinks {
		if sink := a.sinkOf(name, s); sink != nil {
			out[name] = notify.Configure(sink, s)
		}
	}
	a.reached.Store(&reached{c, out})
	return out
}

// sinkOf returns nil for a type of sink that there is not.
func (a *app) sinkOf(name string, s config.Sink) notify.Sink {
	secret, attach := secretOf(s), notify.Attach{Max: s.Attach, Types: s.AttachTypes}
	switch s.Type {
	case config.SinkTelegram:
		return telegram.New(telegram.Options{Token: secret, Chat: s.Chat, API: s.API, Buttons: s.Listen, Attach: attach, Moved: func(chat string) string { return a.chatNames(name, chat)[0] }})
	case config.SinkSlack:
		return slack.New(slack.Options{Token: secret, Channel: s.Chat, API: s.API, Buttons: s.Listen, Attach: attach})
	case config.SinkNtfy:
		return ntfy.New(ntfy.Options{URL: s.URL, Topic: s.Chat, Token: secret})
	case config.SinkShoutrrr:
		return shoutrrr.New(shoutrrr.Options{URL: secret, Timeout: shoutTime})
	case config.SinkCommand:
		return command.New(command.Options{Argv: s.Command, Env: config.Usual(s.Env, os.Environ()), Timeout: s.Timeout})
	case config.SinkWebhook:
		return webhook.New(webhook.Options{URL: s.URL, Secret: secret})
	case config.SinkFile:
		return file.New(s.Path)
	}
	return nil
}

// secretOf is where a sink's secret is read when it is needed; nil if it has
// none.
func secretOf(s config.Sink) notify.Secret {
	switch {
	case s.SecretFile != "":
		return notify.SecretFile(s.SecretFile)
	case s.SecretEnv != "":
		return notify.SecretEnv(s.SecretEnv)
	}
	return nil
}
