package board_test

import (
	"testing"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// chatNames are what the chat of a sink is called where it is known that it is one.
var chatNames = []string{"", "C0OPS", "#ops"}

func TestG20_APlaceIsOneWhateverItIsCalled(t *testing.T) {
	h := newHouse(t)
	h.names = chatNames
	own := h.subscribe(t, store.Subscription{Target: "C0OPS"})
	if own.Target != "" {
		t.Errorf("the sink's own chat is called %q", own.Target)
	}
	if _, created, err := h.Subscribe(bg, ann, store.Subscription{Sink: "ops", Target: "#ops"}); err != nil || created {
		t.Errorf("asked twice: created %v, %v", created, err)
	}
	task := h.add(t, "one")
	h.subscribe(t, store.Subscription{Target: "#ops", Task: task.ID})
	h.subscribe(t, store.Subscription{Target: "elsewhere", Task: task.ID})
	h.stop(t, task.ID)
	same(t, "heard", h.heard(t), []string{": blocked of one", "elsewhere: blocked of one"})
	h.hush(t)

	ops := func(name string) store.Destination { return store.Destination{Sink: "ops", Target: name} }
	for _, muted := range chatNames {
		for _, unmuted := range chatNames {
			must(h.Mute(bg, ann, ops(muted), store.Mute{}))(t)
			h.stop(t, task.ID)
			same(t, "heard", h.heard(t), []string{"elsewhere: blocked of one"})
			h.hush(t)
			ok(t, h.Unmute(bg, ann, ops(unmuted), ""))
		}
	}
	refused(t, h.Unmute(bg, ann, ops("#ops"), ""), kanban.NotFound)
	h.stop(t, task.ID)
	same(t, "heard", h.heard(t), []string{": blocked of one", "elsewhere: blocked of one"})
}

// TestG20_WhatWasTakenForSeveralPlacesIsOne: it was stored before anybody knew.
func TestG20_WhatWasTakenForSeveralPlacesIsOne(t *testing.T) {
	h := newHouse(t)
	task := h.add(t, "one")
	named := h.subscribe(t, store.Subscription{Target: "#ops"})
	own := h.subscribe(t, store.Subscription{})
	h.subscribe(t, store.Subscription{Target: "C0OPS", Task: task.ID})
	h.stop(t, task.ID)
	same(t, "heard", h.heard(t), []string{"#ops: blocked of one", ": blocked of one", "C0OPS: blocked of one"})
	must(h.Mute(bg, ann, store.Destination{Sink: "ops", Target: "C0OPS"}, store.Mute{Task: task.ID}))(t)

	h.names = chatNames
	h.stop(t, task.ID)
	same(t, "heard", len(h.heard(t)), 3)
	h.hush(t)
	ok(t, h.Unmute(bg, ann, store.Destination{Sink: "ops"}, task.ID))
	h.stop(t, task.ID)
	same(t, "heard", h.heard(t), []string{"#ops: blocked of one"})
	ok(t, h.Unsubscribe(bg, named.ID)) // the others want it, too
	got := must(h.Deliveries(bg, store.Pending, 0))(t)
	same(t, "whose it is", got[len(got)-1].Subscription, own.ID)
	h.hush(t)

	// What was told before is told again under one of the keys that it had.
	first := must(h.Deliveries(bg, store.Delivered, 0))(t)
	event := first[len(first)-1].Event.ID
	must(h.Replay(bg, ann, board.Replay{Event: event}))(t)
	var copies int
	for _, state := range []store.DeliveryState{store.Pending, store.Delivered} {
		for _, d := range must(h.Deliveries(bg, state, 0))(t) {
			if d.Event.ID == event {
				copies++
			}
		}
	}
	same(t, "messages of the first event", copies, 3)
}
