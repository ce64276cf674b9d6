package httpapi_test

import (
	"context"
	"testing"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/guests"
	"github.com/andon-dev/andon/internal/kanban"
)

// chats has one connection, and connects every bot.
type chats struct{}

func (chats) States() map[string]client.ChatConnection {
	return map[string]client.ChatConnection{"phone": {Trouble: "no route"}}
}

func (chats) Listens(sink string) bool { return sink == "phone" }

func (chats) Connect(_ context.Context, by kanban.Actor, c client.ChatConnect) (client.ChatConnected, error) {
	return client.ChatConnected{Sink: c.Type, Bot: "@bot of " + by.Name}, nil
}

func tourChat(t *testing.T, h *home, c *client.Client) {
	ctx := t.Context()
	must(h.options.Guests.Request("taken away", guests.User{ID: "7", Name: "Ann"}))(t)
	code := must(h.options.Guests.Request("phone", guests.User{ID: "7", Name: "Ann"}))(t)
	now := must(c.Chat(ctx))(t)
	if len(now.Connections) != 1 || now.Connections[0].Sink != "phone" || now.Connections[0].Trouble != "no route" || len(now.Waiting) != 1 {
		t.Errorf("%+v", now)
	}
	_, err := c.ApproveGuest(ctx, client.ChatApproval{Code: "AAAAAAAA", Role: "read"})
	refusal(t, err, kanban.NotFound)
	_, err = c.ApproveGuest(ctx, client.ChatApproval{Code: code, Role: "king"})
	refusal(t, err, kanban.Invalid)
	if g := must(c.ApproveGuest(ctx, client.ChatApproval{Code: code, Role: "read"}))(t); g.Name != "ann" || g.By != "ann" || g.Sink != "phone" {
		t.Errorf("%+v", g)
	}
	if g := must(c.SetGuestRole(ctx, "ann", "operate"))(t); g.Role != "operate" {
		t.Errorf("%+v", g)
	}
	_, err = c.SetGuestRole(ctx, "bob", "operate")
	refusal(t, err, kanban.NotFound)
	if now := must(c.Chat(ctx))(t); len(now.Guests) != 1 || len(now.Waiting) != 0 {
		t.Errorf("%+v", now)
	}
	task := add(t, c, "told at home").ID
	_, err = c.Subscribe(ctx, "default", client.SubscriptionCreate{Task: task, Sink: "@ann"})
	refusal(t, err, kanban.Invalid) // no home yet
	must(h.options.Guests.SetHome("ann", guests.Place{Chat: "7", Thread: "1"}))(t)
	if s := must(c.Subscribe(ctx, "default", client.SubscriptionCreate{Task: task, Sink: "@Ann"}))(t); s.Sink != "phone" || s.Target != "7" || s.Thread != "1" {
		t.Errorf("subscribed %+v", s)
	}
	_, err = c.Subscribe(ctx, "default", client.SubscriptionCreate{Task: task, Sink: "@ann", Target: "8"})
	refusal(t, err, kanban.Invalid)
	_, err = c.Subscribe(ctx, "default", client.SubscriptionCreate{Task: task, Sink: "@bob"})
	refusal(t, err, kanban.NotFound)
	if all := must(c.Places(ctx, "default"))(t); len(all) == 0 || all[len(all)-1] != (client.NamedPlace{Name: "@ann", Place: client.Place{Sink: "phone", Target: "7", Thread: "1"}}) {
		t.Errorf("places %+v", all)
	}
	must(h.options.Guests.SetAlone("ann", "7"))(t)
	must(c.Subscribe(ctx, "default", client.SubscriptionCreate{Sink: "phone", Target: "-100"}))(t) // a group's
	ok(t, c.RemoveGuest(ctx, "ann"))
	for _, s := range must(c.Subscriptions(ctx, "default", ""))(t) {
		if s.Sink == "phone" && s.Target == "7" {
			t.Errorf("who was removed is still told: %+v", s)
		}
	}
	refusal(t, c.RemoveGuest(ctx, "ann"), kanban.NotFound)
	if made := must(c.ConnectChat(ctx, client.ChatConnect{Type: "telegram", Token: "1:a"}))(t); made.Bot != "@bot of ann" {
		t.Errorf("%+v", made)
	}
	_, err = c.ConnectChat(ctx, client.ChatConnect{Type: "pigeon", Token: "1:a"})
	refusal(t, err, kanban.Invalid)
}
