package notify_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/notify"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/memory"
)

func TestG20_SeveralWishesOfAPlaceAreOneMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard("default", memory.New())
		h := newHouse(t, b)
		c := &chat{}
		h.sinks["ops"] = c
		subscribe(t, b, "ops")
		if _, _, err := b.Subscribe(t.Context(), human, store.Subscription{Sink: "ops", Creator: "ada"}); err != nil {
			t.Fatal(err)
		}
		finish(t, b, "once")
		synctest.Wait()
		same(t, "arrived", c.log(), "default-1-2: once")
		same(t, "link", []string{c.got[0].Link}, "https://andon.test/default/"+c.got[0].Task.ID)
	})
}

// What a service asks of one is asked for every board and thread that goes to the
// same target, and is known after a restart.
func TestG20_RetryAfterHoldsThePlaceForAllBoards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := newBoard("first", memory.New()), newBoard("second", memory.New())
		h := newHouse(t, first, second)
		d := newDestination(t, status(http.StatusTooManyRequests, "Retry-After", "600"))
		h.sinks["ops"] = d.sink
		subscribe(t, first, "ops")
		subscribe(t, second, "ops")
		finish(t, first, "one")
		synctest.Wait()
		finish(t, second, "two")
		pass(time.Minute)
		h.stop()
		h.start()
		pass(time.Minute)
		finish(t, first, "three")
		pass(time.Hour)
		log := d.log()
		same(t, "asked", log[:1], "one at 0s")
		for _, later := range log[2:] { // the other board did not know it after the restart
			if later < "one at 10m0s" {
				t.Errorf("arrived: %q", log)
			}
		}
		same(t, "waiting", append(deliveries(t, first, store.Pending), deliveries(t, second, store.Pending)...))
	})
}

func TestG20_ADeadServiceKeepsItsOwnPlacesBusyOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard("default", memory.New())
		h := newHouse(t, b)
		dead, live := newDestination(t), newDestination(t)
		for range 300 {
			dead.next = append(dead.next, hang)
		}
		h.sinks["dead"], h.sinks["live"] = dead.sink, live.sink
		for n := range 200 {
			if _, _, err := b.Subscribe(t.Context(), human, store.Subscription{Sink: "dead", Target: fmt.Sprint(n)}); err != nil {
				t.Fatal(err)
			}
		}
		subscribe(t, b, "live")
		finish(t, b, "told")
		pass(time.Second)
		same(t, "live", live.log(), "told at 0s")
	})
}

// The message of a task is the one that is changed, until somebody has to act; a question
// stays as it is until it is decided.
func TestG20_TheMessageOfATaskIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard("default", memory.New())
		h := newHouse(t, b)
		c := &chat{}
		h.sinks["ops"] = c
		kinds := []kanban.EventKind{kanban.EvCreated, kanban.EvCommented, kanban.EvBlocked}
		if _, _, err := b.Subscribe(t.Context(), human, store.Subscription{Sink: "ops", Kinds: kinds}); err != nil {
			t.Fatal(err)
		}
		made, err := b.Create(t.Context(), human, board.NewTask{Title: "asks"})
		if err != nil {
			t.Fatal(err)
		}
		id := made.Task.ID
		must := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		_, err = b.Comment(t.Context(), human, id, "hm")
		must(err)
		_, err = b.Block(t.Context(), human, kanban.Lease{Task: id}, kanban.NeedsInput, "which port?", kanban.Handoff{})
		must(err)
		h.stop()
		h.start()
		_, err = b.Comment(t.Context(), human, id, "8080, I think")
		must(err)
		_, err = b.Unblock(t.Context(), human, id, "8080")
		must(err)
		_, err = b.Comment(t.Context(), human, id, "as ever")
		must(err)
		var seen []string
		for _, m := range c.got {
			seen = append(seen, fmt.Sprintf("%s root=%s prior=%s attention=%t", m.Event.Kind, m.Root, m.Prior, m.Attention))
		}
		same(t, "seen", seen,
			"created root= prior= attention=false", "commented root=m1 prior=m1 attention=false",
			"blocked root=m1 prior=m1 attention=true", "commented root=m1 prior= attention=false", // beside the question
			"commented root=m1 prior= attention=false", // the answer
			"unblocked root=m1 prior=m3 attention=false", "commented root=m1 prior=m3 attention=false")
		task, _, err := b.Posted(t.Context(), "ops", "m3")
		if err != nil || task != id {
			t.Errorf("m3 is about %q: %v", task, err)
		}
	})
}

// What was decided changes the message that asked, where there is one: a place that
// asked for questions only hears no more than that.
func TestG20_WhatIsDecidedChangesTheMessageThatAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard("default", memory.New())
		h := newHouse(t, b)
		h.digest = 1
		c, hook := &chat{}, newDestination(t)
		h.sinks["chat"], h.sinks["hook"] = c, hook.sink
		for _, sink := range []string{"chat", "hook", "away"} {
			if _, _, err := b.Subscribe(t.Context(), human, store.Subscription{Sink: sink, Kinds: []kanban.EventKind{kanban.EvBlocked}}); err != nil {
				t.Fatal(err)
			}
		}
		ask := func() string {
			made, err := b.Create(t.Context(), human, board.NewTask{Title: "asks"})
			if err == nil {
				_, err = b.Block(t.Context(), human, kanban.Lease{Task: made.Task.ID}, kanban.NeedsInput, "which port?", kanban.Handoff{})
			}
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			return made.Task.ID
		}
		answer := func(id string) {
			if _, err := b.Unblock(t.Context(), human, id, "8080"); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		first, second := ask(), ask()
		h.stop() // what is decided meanwhile is one edit each, and no digest
		answer(first)
		answer(second)
		h.start()
		synctest.Wait()
		var seen []string
		for _, m := range c.got {
			seen = append(seen, fmt.Sprintf("%s prior=%s settles=%t acts=%d %s", m.Event.Kind, m.Prior, m.Settles, len(m.Acts), m.Detail))
		}
		same(t, "seen", seen,
			"blocked prior= settles=false acts=2 which port?", "blocked prior= settles=false acts=2 which port?",
			"unblocked prior=m1 settles=true acts=0 8080", "unblocked prior=m2 settles=true acts=0 8080")
		same(t, "said", []string{c.got[2].Text}, c.got[2].Task.ID+` "asks" was answered, by ada: 8080.`)
		same(t, "to a program", hook.log(), "asks at 0s", "asks at 0s")

		// A sink that is not there is waited for by what was asked for alone.
		h.stop()
		h.sinks["away"] = newDestination(t).sink
		h.start()
		synctest.Wait()
		same(t, "waiting", deliveries(t, b, store.Pending))
	})
}

func TestG20_ManyThatWaitAreOneMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard("default", memory.New())
		h := newHouse(t, b)
		h.digest = 2
		c := &chat{next: []error{errors.New("down")}}
		h.sinks["ops"] = c
		subscribe(t, b, "ops")
		finish(t, b, "a")
		synctest.Wait()
		for _, title := range []string{"b", "c", "d"} {
			finish(t, b, title)
		}
		pass(time.Minute)
		finish(t, b, "e")
		pass(time.Minute)
		same(t, "arrived", c.log(), "default-1-2: a", "default-1-2: a", "default-1-b1: b c d", "default-1-10: e")
		m := c.got[2]
		same(t, "keys of the items", []string{m.Items[0].Key, m.Items[2].Key}, "default-1-4", "default-1-8")
		same(t, "head", []string{m.Head}, "3 messages of board default")
		same(t, "delivered", deliveries(t, b, store.Delivered), "event 2, 2 tries", "event 4, 1 tries", "event 6, 1 tries", "event 8, 1 tries", "event 10, 1 tries")
	})
}

func TestG20_NoMessageIsLargerThanFifty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard("default", memory.New())
		h := newHouse(t, b)
		h.digest = 5
		c := &chat{}
		h.sinks["ops"] = c
		subscribe(t, b, "ops")
		h.stop()
		for n := range 103 {
			finish(t, b, fmt.Sprint(n))
		}
		h.start()
		synctest.Wait()
		var sizes []string
		for _, m := range c.got {
			sizes = append(sizes, fmt.Sprint(len(m.Items)))
		}
		same(t, "sizes", sizes, "50", "50", "0", "0", "0")
	})
}

// A digest that is refused is parked, and tried again, as a whole.
func TestG20_ADigestIsParkedWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard("default", memory.New())
		h := newHouse(t, b)
		h.digest = 1
		c := &chat{next: []error{notify.Permanent(errors.New("too long"))}}
		h.sinks["ops"] = c
		subscribe(t, b, "ops")
		h.stop()
		for _, title := range []string{"a", "b"} {
			finish(t, b, title)
		}
		h.start()
		synctest.Wait()
		same(t, "parked", deliveries(t, b, store.Parked), "event 2, 1 tries: too long", "event 4, 1 tries: too long")
		parked, err := b.Deliveries(t.Context(), store.Parked, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.RetryParked(t.Context(), parked[0].ID); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		same(t, "arrived", c.log(), "default-1-b1: a b", "default-1-b1: a b")
	})
}
