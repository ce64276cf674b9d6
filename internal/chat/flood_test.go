package chat_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/andon-dev/andon/internal/chat"
	"github.com/andon-dev/andon/internal/guests"
	"github.com/andon-dev/andon/internal/kanban"
)

var office = guests.Place{Chat: "-200"} // another one than room

func isRoom(at guests.Place) bool { return at == room }

// TestG30_StrangersDelayNobody: neither many messages, nor many strangers in many
// chats, while the platform wants to be left alone.
func TestG30_StrangersDelayNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.guest(ann, kanban.ScopeOperate)
		h.slow(func(at guests.Place) bool { return at != office })
		began := time.Now()
		for i := range 50 {
			one := guests.User{ID: fmt.Sprint("s", i), Name: "Stranger"}
			for range 30 {
				h.quiet(chat.Incoming{Text: "hello", User: one, Place: guests.Place{Chat: one.ID}, Private: true})
				h.quiet(chat.Incoming{Text: "/andon list", User: one}) // among people
			}
		}
		contains(t, h.hears(chat.Incoming{Text: "/andon list", Place: office}), "did list")
		same(t, time.Duration(0), time.Since(began))
		same(t, "", h.States()[sink].Trouble)
		synctest.Wait()
		tries := 0
		h.platform.mu.Lock()
		for _, n := range h.denied {
			tries += n
		}
		h.platform.mu.Unlock()
		same(t, 20, tries)
	})
}

func TestG30_AStrangerIsAnsweredOnceInTenMinutes(t *testing.T) {
	h := newHouse(t)
	hello := chat.Incoming{Text: "hello", Private: true, User: bob, Place: guests.Place{Chat: bob.ID}}
	for range 2 {
		contains(t, h.hears(hello), "andon chat approve")
		h.now = h.now.Add(9 * time.Minute)
		h.heard(hello)
		h.now = h.now.Add(time.Minute)
	}
}

// TestG20_AFloodLosesNothing: what comes faster than it is answered waits, at last
// at the platform.
func TestG20_AFloodLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.guest(ann, kanban.ScopeOperate)
		h.slow(isRoom)
		const n = 510
		go func() {
			for range n {
				h.quiet(chat.Incoming{Text: "/andon add x"})
			}
		}()
		synctest.Wait()
		contains(t, said{Reply: chat.Reply{Text: h.States()[sink].Trouble}}, "500 messages wait")
		h.slow(nil)
		for range n - 1 { // the first has no answer
			<-h.said
		}
		synctest.Wait()
		same(t, n, len(h.done()))
		same(t, "", h.States()[sink].Trouble)
		same(t, false, strings.Contains(h.backlog(), "incoming"))
	})
}

func TestG20_AFullChatHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.guest(ann, kanban.ScopeOperate)
		h.slow(isRoom)
		began := time.Now()
		for range 200 {
			h.quiet(chat.Incoming{Text: "/andon add x"})
		}
		contains(t, h.hears(chat.Incoming{Text: "/andon stats", Place: office}), "did stats")
		same(t, time.Duration(0), time.Since(began))
	})
}

// TestG20_ALostConnectionIsNotHeldByWhatWaits: it is taken in again by the next one.
func TestG20_ALostConnectionIsNotHeldByWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.guest(ann, kanban.ScopeOperate)
		h.slow(isRoom)
		const n = 50
		for range n {
			h.quiet(chat.Incoming{Text: "/andon add x"})
		}
		began := time.Now()
		h.lost <- errors.New("gone")
		contains(t, h.hears(chat.Incoming{Text: "/andon stats", Place: office}), "did stats")
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("it was lost for %v", took)
		}
		h.slow(nil)
		for range n - 1 { // the first of them cannot be answered twice
			contains(t, <-h.said, "did add x")
		}
	})
}

// TestG14_WhatOnlyWaitedEndedNoGateway: only what was begun can have.
func TestG14_WhatOnlyWaitedEndedNoGateway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.guest(ann, kanban.ScopeOperate)
		h.slow(isRoom)
		for i := range 3 {
			h.heard(chat.Incoming{Text: fmt.Sprint("/andon add ", i)})
		}
		for range 4 {
			h = newHouseIn(t, h.dir)
			h.slow(isRoom)
			h.heard(chat.Incoming{Text: "hello"})
		}
		h = newHouseIn(t, h.dir)
		contains(t, <-h.said, "did add 1")
		contains(t, <-h.said, "did add 2")
	})
}

// TestG30_ABookThatCannotBeRead: nobody is let in by mistake, nobody's talk is
// answered, and no chat learns where the home is.
func TestG30_ABookThatCannotBeRead(t *testing.T) {
	h := newHouse(t)
	h.guest(ann, kanban.ScopeAdmin)
	if err := os.WriteFile(filepath.Join(h.dir, "chat.json"), []byte("{half"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.quiet(chat.Incoming{Text: "hello, all"})
	h.quiet(chat.Incoming{Text: "so be it", ReplyTo: "-100/1", User: bob})
	for _, in := range []chat.Incoming{{Text: "/andon list"}, {Text: "hello", Place: guests.Place{Chat: ann.ID}, Private: true}} {
		s := h.hears(in)
		contains(t, s, "cannot be done just now")
		same(t, false, strings.Contains(s.all(), "/"))
	}
	same(t, 0, len(h.done()))
}
