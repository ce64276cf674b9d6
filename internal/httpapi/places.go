package httpapi

import (
	"context"
	"slices"
	"strings"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/guests"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// listPlaces tells what can be told without more words: each sink, and each guest
// who has a home.
func (s *server) listPlaces(ctx context.Context, in *BoardPath) (*message[client.Page[client.NamedPlace]], error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	var all []client.NamedPlace
	for _, sink := range slices.Sorted(slices.Values(b.Sinks())) {
		all = append(all, client.NamedPlace{Name: sink, Place: client.Place{Sink: sink}})
	}
	if s.o.Guests == nil {
		return whole(all, nil)
	}
	known, err := s.o.Guests.Guests()
	for _, g := range known {
		if g.Home != nil {
			all = append(all, client.NamedPlace{Name: client.HomeOf + g.Name, Place: client.Place{Sink: g.Sink, Target: g.Home.Chat, Thread: g.Home.Thread}})
		}
	}
	return whole(all, err)
}

// place is where messages go. A sink that is @NAME is the home of a guest, which
// is looked up once: who moves later is told where it was.
//
// Errors: not_found for a guest that there is not; invalid for one without a home.
func (s *server) place(p client.Place) (store.Destination, error) {
	name, home := strings.CutPrefix(strings.TrimSpace(p.Sink), client.HomeOf)
	if !home {
		return store.Destination{Sink: p.Sink, Target: p.Target, Thread: p.Thread}, nil
	}
	var known []guests.Guest
	if s.o.Guests != nil {
		var err error
		if known, err = s.o.Guests.Guests(); err != nil {
			return store.Destination{}, err
		}
	}
	i := slices.IndexFunc(known, func(g guests.Guest) bool { return g.Name == strings.ToLower(name) })
	switch {
	case i < 0:
		return store.Destination{}, kanban.Errorf(kanban.NotFound, "nobody in a chat is called %s", kanban.Quote(name)).Hint("andon chat list")
	case known[i].Home == nil:
		return store.Destination{}, kanban.Errorf(kanban.Invalid, "%s has said no chat for their own messages", known[i].Name).Hint("they do, with  /andon home  where they want them")
	case p.Target != "" || p.Thread != "":
		return store.Destination{}, kanban.Errorf(kanban.Invalid, "the home of %s is one place, and needs no target", known[i].Name).Hint("leave target and thread out")
	}
	return store.Destination{Sink: known[i].Sink, Target: known[i].Home.Chat, Thread: known[i].Home.Thread}, nil
}
