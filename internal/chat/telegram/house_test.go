package telegram_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/chat"
	"github.com/andon-dev/andon/internal/chat/telegram"
	"github.com/andon-dev/andon/internal/guests"
	"github.com/andon-dev/andon/internal/notify"
	standin "github.com/andon-dev/andon/internal/standin/telegram"
)

const room = -100

var (
	ada   = standin.User{ID: 42, First: "Ada", Username: "ada"}
	team  = guests.Place{Chat: "-100"}
	alone = guests.Place{Chat: "42"}
)

// house is a Telegram, and a bot that listens in it.
type house struct {
	*standin.Server
	*telegram.Platform
	t    *testing.T
	in   chan chat.Incoming
	end  chan error
	stop context.CancelFunc
}

// inHouse runs a test in which time passes while all wait.
func inHouse(t *testing.T, test func(*testing.T, *house)) {
	synctest.Test(t, func(t *testing.T) {
		h := &house{Server: standin.New(), t: t, in: make(chan chat.Incoming, 100)}
		h.AddChat(standin.Chat{ID: room, Type: "supergroup", Title: "Team", Forum: true})
		h.listen()
		test(t, h)
		h.stop()
		<-h.end
	})
}

func (h *house) open(token string) *telegram.Platform {
	h.t.Helper()
	p, err := telegram.Open(telegram.Options{Token: secret(token), API: "http://telegram.test", Transport: client.Handler(h.Server)})
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

func secret(s string) notify.Secret { return func() ([]byte, error) { return []byte(s), nil } }

// listen connects, as it is done again after a loss.
func (h *house) listen() {
	h.Platform = h.open(standin.Token)
	ctx, stop := context.WithCancel(h.t.Context())
	end := make(chan error, 1)
	go func() {
		end <- h.Run(ctx, func(_ context.Context, in chat.Incoming) { h.in <- in })
	}()
	h.end, h.stop = end, stop
	synctest.Wait()
}

func (h *house) next() chat.Incoming {
	h.t.Helper()
	select {
	case in := <-h.in:
		return in
	case <-time.After(10 * time.Minute):
		h.t.Fatal("nothing came in")
	}
	return chat.Incoming{}
}

// lost is the error that the connection ended with, some time or other.
func (h *house) lost() error {
	h.t.Helper()
	select {
	case err := <-h.end:
		return err
	case <-time.After(10 * time.Minute):
		h.t.Fatal("the connection stands")
		return nil
	}
}

// shown is what a chat shows last.
func (h *house) shown(id int64) standin.Message {
	h.t.Helper()
	all := h.Messages(id)
	if len(all) == 0 {
		h.t.Fatal("nothing is shown")
	}
	return all[len(all)-1]
}

// says is Say, which succeeds.
func (h *house) says(to guests.Place, r chat.Reply) (ref string) {
	h.t.Helper()
	ref, err := h.Platform.Say(h.t.Context(), to, r)
	if err != nil {
		h.t.Fatal(err)
	}
	return ref
}

func same(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
