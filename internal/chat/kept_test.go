package chat_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/andon-dev/andon/internal/chat"
	"github.com/andon-dev/andon/internal/kanban"
)

// mute keeps a house from answering.
func (h *house) mute() {
	for range cap(h.trouble) {
		h.trouble <- errors.New("not now")
	}
}

// heard lets a house hear something, and returns when the platform was told that
// it arrived.
func (h *house) heard(in chat.Incoming) {
	h.quiet(in)
	h.quiet(chat.Incoming{Text: "said among people"}) // is received only then
}

// backlog is what the file of a house says.
func (h *house) backlog() string {
	raw, err := os.ReadFile(filepath.Join(h.dir, sink+".json"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		h.t.Fatal(err)
	}
	return string(raw)
}

func TestG20_WhatWasHeardOutlivesTheGateway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.guest(ann, kanban.ScopeOperate)
		h.mute()
		h.heard(chat.Incoming{Text: "/andon add fix"})
		h.heard(chat.Incoming{Text: "/andon stats", Ref: "-100/77"})

		next := newHouseIn(t, h.dir)
		contains(t, <-next.said, "did add fix")
		s := <-next.said
		contains(t, s, "did stats")
		same(t, "-100/77", s.To)
		next.end()
		same(t, false, strings.Contains(next.backlog(), "incoming"))

		last := newHouseIn(t, h.dir)
		last.quiet(chat.Incoming{Text: "/andon add fix", ID: "1"}) // the platform is not sure that it arrived
		contains(t, last.hears(chat.Incoming{Text: "/andon whoami", ID: "new"}), "role operate")
		same(t, 0, len(last.done()))
	})
}

func TestG20_ALostConnectionLosesNothingHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.guest(ann, kanban.ScopeOperate)
		h.mute()
		h.heard(chat.Incoming{Text: "/andon add fix"})
		h.lost <- errors.New("gone")
		for range cap(h.trouble) - 1 {
			<-h.trouble // it can speak again; the first was said to the lost connection
		}
		contains(t, <-h.said, "did add fix")
	})
}

func TestG14_AMessageThatEndsGatewaysIsNotTriedForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.guest(ann, kanban.ScopeOperate)
		h.mute()
		h.heard(chat.Incoming{Text: "/andon add fix"})
		for range 3 {
			h = newHouseIn(t, h.dir)
			h.mute()
			h.heard(chat.Incoming{Text: "hello"}) // it is begun by then
		}
		h = newHouseIn(t, h.dir)
		contains(t, h.hears(chat.Incoming{Text: "/andon whoami", ID: "new"}), "role operate")
		same(t, 0, len(h.done()))
	})
}

func TestG20_OnlyWhatGuestsAskForIsWrittenDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.guest(ann, kanban.ScopeOperate)
		h.mute()
		h.heard(chat.Incoming{Text: "a secret of people"})
		h.heard(chat.Incoming{Text: "/andon list", User: bob})
		same(t, "", h.backlog())
		h.heard(chat.Incoming{Text: "@builder fix it"})
		h.heard(chat.Incoming{Press: "mute|web|t_00000001"})
		h.heard(chat.Incoming{Text: "so be it", ReplyTo: "-100/1"})
		same(t, 3, strings.Count(h.backlog(), `"incoming"`))
	})
}

func TestG20_ADamagedBacklogCostsOnlyWhatItHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		file := filepath.Join(dir, sink+".json")
		damage := func() {
			t.Helper()
			if err := os.WriteFile(file, []byte("{half"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		damage()
		h := newHouseIn(t, dir)
		h.guest(ann, kanban.ScopeOperate)
		contains(t, h.hears(chat.Incoming{Text: "/andon stats"}), "did stats")
		raw, err := os.ReadFile(file + ".damaged")
		if err != nil || string(raw) != "{half" {
			t.Errorf("%q, %v is kept", raw, err)
		}
		damage() // while the gateway runs
		h.mute()
		h.heard(chat.Incoming{Text: "/andon add fix"})
		contains(t, <-newHouseIn(t, dir).said, "did add fix")
	})
}
