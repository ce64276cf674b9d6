package httpapi

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/guests"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// As returns a context with which a request is an actor's. Only this process can
// ask so.
func As(ctx context.Context, a kanban.Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// Chats are the connections to chats.
type Chats interface {
	// States tells how each stands, by its sink; without a gateway there are none.
	States() map[string]client.ChatConnection
	// Listens reports whether a sink is one that listens.
	Listens(sink string) bool
	// Connect makes a sink that listens, after a look whether its tokens work.
	Connect(ctx context.Context, by kanban.Actor, c client.ChatConnect) (client.ChatConnected, error)
}

func (s *server) chatRoutes() {
	if s.o.Guests == nil {
		return
	}
	route(s, http.MethodGet, "/chat", "show-chat", "Show who speaks to Andon in chats", s.showChat)
	route(s, http.MethodPost, "/chat/connections", "connect-chat", "Connect a bot: check its tokens, keep them, and write its sink into andon.yaml", s.connectChat)
	route(s, http.MethodPost, "/chat/guests", "approve-guest", "Let in who was given a code by a bot", s.approveGuest)
	route(s, http.MethodPatch, "/chat/guests/{guest}", "edit-guest", "Give a guest another role", s.editGuest)
	route(s, http.MethodDelete, "/chat/guests/{guest}", "remove-guest", "Show a guest the door", s.removeGuest)
}

func (s *server) showChat(context.Context, *nothing) (*message[client.Chat], error) {
	out := client.Chat{Connections: []client.ChatConnection{}}
	chats := s.o.Chats.States()
	for _, sink := range slices.Sorted(maps.Keys(chats)) {
		c := chats[sink]
		c.Sink = sink
		out.Connections = append(out.Connections, c)
	}
	all, err := s.o.Guests.Guests()
	if err != nil {
		return nil, err
	}
	waiting, err := s.o.Guests.Waiting()
	waiting = slices.DeleteFunc(waiting, func(w guests.Waiting) bool { return !s.o.Chats.Listens(w.Sink) }) // nobody can come in there
	out.Guests = each(all, wireGuest)
	out.Waiting = each(waiting, func(w guests.Waiting) client.ChatWaiting {
		return client.ChatWaiting{Sink: w.Sink, User: w.User.ID, Shown: w.User.Name, Until: w.Until}
	})
	return answer(out, err)
}

func wireGuest(g guests.Guest) client.ChatGuest {
	home := ""
	if g.Home != nil {
		home = g.Home.Chat
	}
	return client.ChatGuest{
		Name: g.Name, Sink: g.Sink, User: g.User, Shown: g.Shown, Role: g.Role.String(), Home: home, By: g.By, Since: g.Since,
	}
}

type connectChatInput struct {
	Body client.ChatConnect
}

func (s *server) connectChat(ctx context.Context, in *connectChatInput) (*message[client.ChatConnected], error) {
	a, err := human(ctx, "connecting a chat")
	if err != nil {
		return nil, err
	}
	made, err := s.o.Chats.Connect(ctx, a, in.Body)
	return answer(made, err)
}

type approveGuestInput struct {
	Body client.ChatApproval
}

func (s *server) approveGuest(ctx context.Context, in *approveGuestInput) (*message[client.ChatGuest], error) {
	role, err := kanban.ParseScope(in.Body.Role)
	if err != nil {
		return nil, err
	}
	g, err := s.o.Guests.Approve(in.Body.Code, in.Body.Name, role, actor(ctx).Name)
	return answer(wireGuest(g), err)
}

// GuestPath names a guest.
type GuestPath struct {
	Guest string `path:"guest" doc:"the guest's name"`
}

type editGuestInput struct {
	GuestPath
	Body client.ChatRole
}

func (s *server) editGuest(_ context.Context, in *editGuestInput) (*message[client.ChatGuest], error) {
	role, err := kanban.ParseScope(in.Body.Role)
	if err != nil {
		return nil, err
	}
	g, err := s.o.Guests.SetRole(in.Guest, role)
	return answer(wireGuest(g), err)
}

// removeGuest ends what is told to the guest alone, too.
func (s *server) removeGuest(ctx context.Context, in *GuestPath) (*nothing, error) {
	gone, err := s.o.Guests.Remove(in.Guest)
	if err != nil || gone.Alone == "" {
		return done(err)
	}
	boards, err := s.o.Boards.List(ctx, false)
	if err != nil {
		return nil, err
	}
	var left []error
	for _, info := range boards {
		left = append(left, s.silence(ctx, info.Slug, gone))
	}
	if err := errors.Join(left...); err != nil {
		return nil, kanban.Errorf(kanban.Unavailable, "%s may not come in any more, but is still told something: %w", gone.Name, err).
			Hint("andon notify list, on that board, and andon notify unsubscribe")
	}
	return done(nil)
}

// silence ends the subscriptions of a board that go to a guest alone.
func (s *server) silence(ctx context.Context, slug string, gone guests.Guest) error {
	b, err := s.o.Boards.Board(ctx, slug)
	if err != nil {
		return err
	}
	subs, err := b.Subscriptions(ctx, "")
	for _, sub := range subs {
		if err == nil && !sub.Foreign && b.SamePlace(store.Destination{Sink: gone.Sink, Target: gone.Alone, Thread: sub.Thread}, sub.Place()) {
			err = b.Unsubscribe(ctx, sub.ID)
		}
	}
	return err
}
