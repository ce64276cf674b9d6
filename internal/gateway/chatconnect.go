package gateway

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/jsonfile"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/notify"
	"github.com/andon-dev/andon/internal/notify/slack"
	"github.com/andon-dev/andon/internal/notify/telegram"
)

// checkTime is how long a platform may take to say whose token it is.
const checkTime = 20 * time.Second

// chats are the connections to chats over the API.
type chats struct{ *app }

// States implements httpapi.Chats.
func (c chats) States() map[string]client.ChatConnection {
	if c.chatting == nil {
		return nil
	}
	return c.chatting()
}

// Listens implements httpapi.Chats.
func (c chats) Listens(sink string) bool { return c.config.Load().Notify.Sinks[sink].Listen }

// Connect implements httpapi.Chats.
//
// Errors: invalid, also for tokens that are refused; unavailable if the platform
// does not answer; as config.AddSink.
func (c chats) Connect(ctx context.Context, by kanban.Actor, want client.ChatConnect) (client.ChatConnected, error) {
	name, err := kanban.Slug(cmp.Or(want.Name, want.Type))
	if err != nil {
		return client.ChatConnected{}, err
	}
	made, err := whose(ctx, want)
	if err != nil {
		return made, err
	}
	made.Sink = name
	c.setting.Lock()
	defer c.setting.Unlock()
	secrets, keys := entryOf(name, want)
	changed, err := config.Rewrite(c.paths.Config, func(data []byte) ([]byte, error) {
		after, err := config.AddSink(data, name, keys)
		if err == nil {
			err = c.unheard(want)
		}
		if err != nil {
			return nil, err
		}
		return after, c.keep(secrets) // the file that names them comes after them
	})
	if err != nil || !changed {
		return made, err
	}
	c.Log.InfoContext(ctx, "a chat was connected", "by", by.Name, "sink", name, "bot", made.Bot)
	return made, c.reload(by.Name)
}

// unheard refuses tokens that a sink listens with already.
//
// Errors: conflict.
func (c chats) unheard(want client.ChatConnect) error {
	for name, s := range c.config.Load().Notify.Sinks {
		for _, token := range earsOf(s) {
			if token == want.Token || token == want.AppToken {
				return kanban.Errorf(kanban.Conflict, "%s", listensAs(name)).Hint("andon chat list; or give it a bot of its own")
			}
		}
	}
	return nil
}

// entryOf are the files and the keys of a sink.
func entryOf(name string, want client.ChatConnect) (secrets map[string]string, keys [][2]string) {
	secrets = map[string]string{name + ".token": want.Token}
	keys = [][2]string{{"type", want.Type}, {"token_file", name + ".token"}}
	chat := "chat"
	if want.Type == config.SinkSlack {
		secrets[name+".app.token"], chat = want.AppToken, "channel"
		keys = append(keys, [2]string{"app_token_file", name + ".app.token"})
	}
	if want.Chat != "" {
		keys = append(keys, [2]string{chat, want.Chat})
	}
	if want.API != "" {
		keys = append(keys, [2]string{"api", want.API})
	}
	return secrets, append(keys, [2]string{"listen", "true"})
}

// keep writes secrets beside andon.yaml, for this user alone.
//
// Errors: conflict if a file is there and holds something else; unavailable.
func (a *app) keep(secrets map[string]string) error {
	folder := filepath.Dir(a.paths.Config)
	for name, secret := range secrets {
		path := filepath.Join(folder, name)
		if old, err := os.ReadFile(path); err == nil && string(old) != secret+"\n" {
			return kanban.Errorf(kanban.Conflict, "%s is there already and holds another token", path).Hint("move it away, or choose another name")
		}
		if err := jsonfile.Replace(path, []byte(secret+"\n")); err != nil {
			return kanban.Errorf(kanban.Unavailable, "the token cannot be kept: %w", err).Hint("make %s writable for this user", folder)
		}
	}
	return nil
}

// whose asks a platform whose tokens they are.
func whose(ctx context.Context, want client.ChatConnect) (client.ChatConnected, error) {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	switch {
	case want.Token == "":
		return client.ChatConnected{}, kanban.Errorf(kanban.Invalid, "the token of the bot is missing").Hint("andon chat setup %s  asks for it", want.Type)
	case want.Type == config.SinkTelegram:
		bot, url, err := telegram.Whose(ctx, want.Token, want.API)
		return client.ChatConnected{Bot: bot, URL: url}, untaken(err, "@BotFather gives tokens: /newbot, or /token for one that is there")
	case want.Type == config.SinkSlack && want.AppToken == "":
		return client.ChatConnected{}, kanban.Errorf(kanban.Invalid, "the token of the app is missing").Hint("Basic Information, App-Level Tokens, with the scope connections:write")
	case want.Type == config.SinkSlack:
		bot, url, err := slack.Whose(ctx, want.Token, want.AppToken, want.API)
		return client.ChatConnected{Bot: bot, URL: url}, untaken(err, "docs/chat.md tells which tokens an app of Slack has")
	}
	return client.ChatConnected{}, kanban.Errorf(kanban.Invalid, "there is no chat of type %s", kanban.Quote(want.Type)).Hint("telegram or slack")
}

// untaken tells a refused token from a platform that is not there.
func untaken(err error, hint string) error {
	var f *notify.Failure
	switch {
	case err == nil:
		return nil
	case errors.As(err, &f) && f.Permanent:
		return kanban.Errorf(kanban.Invalid, "%w", err).Hint("%s", hint)
	}
	return kanban.Errorf(kanban.Unavailable, "%w", err).Hint("nothing was changed; try again")
}
