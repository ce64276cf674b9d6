package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/chat"
	"github.com/andon-dev/andon/internal/chat/slack"
	"github.com/andon-dev/andon/internal/chat/telegram"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/httpapi"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/notify"
)

// talk makes what serves the chats.
func (g *gateway) talk() *chat.Chat {
	return chat.New(chat.Options{
		Connections: g.connections, Book: g.guests, Dir: g.heard(), Command: g.Command, API: g.asGuest, Posted: g.posted,
		Clock: g.Clock, Log: g.Log,
	})
}

// heard is the folder of what was said in chats and is not done.
func (a *app) heard() string { return filepath.Join(a.paths.Dir, "heard") }

// asGuest is the API, asked as somebody in a chat.
func (g *gateway) asGuest(a kanban.Actor, key string) *client.Client {
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.api.ServeHTTP(w, r.WithContext(httpapi.As(r.Context(), a)))
	})
	return client.New(&once{next: client.Handler(api), key: key}, "http://andon", client.Options{})
}

// once numbers the changes of one message of a chat, so that a message that comes
// again changes nothing more.
type once struct {
	next http.RoundTripper
	key  string
	n    atomic.Int64
}

func (o *once) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost && o.key != "" {
		r = r.Clone(r.Context())
		r.Header.Set("Idempotency-Key", fmt.Sprintf("%s-%d", o.key, o.n.Add(1)))
	}
	return o.next.RoundTrip(r)
}

// connected tells how the connections of chats stand.
func (g *gateway) connected() map[string]client.ChatConnection {
	out := map[string]client.ChatConnection{}
	for sink, s := range g.chats.States() {
		out[sink] = client.ChatConnection{Since: s.Since, Trouble: s.Trouble}
	}
	return out
}

// connections are the bots that listen.
func (g *gateway) connections() map[string]chat.Connection {
	out := map[string]chat.Connection{}
	sinks := g.config.Load().Notify.Sinks
	second := secondEars(sinks)
	for name, s := range sinks {
		if !s.Listen {
			continue
		}
		first, double := second[name]
		c := chat.Connection{Version: versionOf(s) + " " + first}
		switch {
		case double:
			c.Open = func() (chat.Platform, error) { return nil, chat.Hopeless(errors.New(listensAs(first))) }
		case s.Type == config.SinkTelegram:
			c.Open = func() (chat.Platform, error) { return telegram.Open(telegram.Options{Token: secretOf(s), API: s.API}) }
		case s.Type == config.SinkSlack:
			c.Open = func() (chat.Platform, error) {
				app := config.Sink{SecretFile: s.AppFile, SecretEnv: s.AppEnv}
				return slack.Open(slack.Options{Token: secretOf(s), App: secretOf(app), API: s.API})
			}
		}
		out[name] = c
	}
	return out
}

// secondEars names the sinks that would listen with a token of another that does,
// and that one. A platform hands each message to one of them.
func secondEars(sinks map[string]config.Sink) map[string]string {
	ears, second := map[string]string{}, map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(sinks)) {
		tokens := earsOf(sinks[name])
		for _, token := range tokens {
			if first, taken := ears[token]; taken {
				second[name], tokens = first, nil
			}
		}
		for _, token := range tokens {
			ears[token] = name
		}
	}
	return second
}

// earsOf are the tokens that a sink listens with, as far as they can be read.
func earsOf(s config.Sink) (tokens []string) {
	if !s.Listen {
		return nil
	}
	for _, secret := range secretsOf(s) {
		if token, err := secret(); err == nil {
			tokens = append(tokens, string(token))
		}
	}
	return tokens
}

func listensAs(sink string) string { return "sink " + sink + " listens with the same token already" }

// secretsOf are all secrets that a sink has.
func secretsOf(s config.Sink) []notify.Secret {
	all := []notify.Secret{secretOf(s), secretOf(config.Sink{SecretFile: s.AppFile, SecretEnv: s.AppEnv})}
	return slices.DeleteFunc(all, func(s notify.Secret) bool { return s == nil })
}

// posted finds what a message of ours is about, on whichever board.
func (g *gateway) posted(ctx context.Context, sink, ref string) (p chat.Post, known bool, err error) {
	boards, err := g.openBoards(ctx)
	if err != nil {
		return p, false, err
	}
	for _, b := range boards {
		task, place, err := b.Posted(ctx, sink, ref)
		if err != nil || task != "" {
			return chat.Post{Board: b.Slug(), Task: task, Target: place.Target, Thread: place.Thread}, task != "", err
		}
	}
	return p, false, nil
}

// versionOf changes with all that a connection is made of, its tokens included.
func versionOf(s config.Sink) string {
	sum := sha256.New()
	for _, secret := range secretsOf(s) {
		token, err := secret() // what is wrong with it, Open tells
		fmt.Fprintln(sum, len(token), err != nil)
		sum.Write(token)
	}
	return strings.Join([]string{s.Type, s.API, s.SecretFile, s.SecretEnv, s.AppFile, s.AppEnv, hex.EncodeToString(sum.Sum(nil))}, " ")
}
