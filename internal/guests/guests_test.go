package guests_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/guests"
	"github.com/andon-dev/andon/internal/kanban"
)

const sink = "telegram"

var ann = guests.User{ID: "7", Name: "Ann B."}

// hall is a book whose clock the test turns.
type hall struct {
	*guests.Book
	dir string
	now time.Time
}

func newHall(t *testing.T) *hall {
	h := &hall{dir: t.TempDir(), now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	h.Book = guests.New(h.dir, func() time.Time { return h.now })
	return h
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func refused(t *testing.T, err error, want kanban.Code) {
	t.Helper()
	if kanban.CodeOf(err) != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestG30_AStrangerComesInWithACodeThatTheOwnerApproves(t *testing.T) {
	h := newHall(t)
	code := must(h.Request(sink, ann))(t)
	if _, known, _ := h.Guest(sink, ann.ID); known {
		t.Fatal("who only asked is a guest")
	}
	if w := must(h.Waiting())(t); len(w) != 1 || w[0].User != ann {
		t.Errorf("waiting: %+v", w)
	}
	for range 9 { // which are no wrong codes
		_, err := h.Approve(" \n", "", kanban.ScopeOperate, "owner")
		refused(t, err, kanban.Invalid)
	}
	typed := "\t" + strings.ToLower(code[:4]+"-"+code[4:]) + "\r\n"
	g := must(h.Approve(typed, "", kanban.ScopeOperate, "owner"))(t)
	if g.Name != "ann-b" || g.By != "owner" {
		t.Errorf("guest: %+v", g)
	}
	if a := g.Actor(kanban.ScopeNone); a.Scope != kanban.ScopeOperate || a.Name != "ann-b (telegram)" {
		t.Errorf("actor: %+v", a)
	}
	if a := g.Actor(kanban.ScopeRead); a.Scope != kanban.ScopeRead {
		t.Errorf("a place allows reading, and the actor is %+v", a)
	}
	if _, known, _ := h.Guest("slack", ann.ID); known {
		t.Error("a user of one bot is known to another")
	}
	_, err := h.Approve(code, "", kanban.ScopeAdmin, "owner")
	refused(t, err, kanban.NotFound) // a code is used once

	raw := must(os.ReadFile(filepath.Join(h.dir, "chat.json")))(t)
	if strings.Contains(string(raw), code) {
		t.Error("the code stands in the file")
	}
	must(h.SetRole("ann-b", kanban.ScopeRead))(t)
	if g, _, _ := h.Guest(sink, ann.ID); g.Role != kanban.ScopeRead {
		t.Errorf("role: %+v", g)
	}
	must(h.Remove("ann-b"))(t)
	if _, known, _ := h.Guest(sink, ann.ID); known {
		t.Error("who was removed is a guest")
	}
	_, err = h.Remove("ann-b")
	refused(t, err, kanban.NotFound)
}

func TestG30_CodesAreFewAndShortLived(t *testing.T) {
	h := newHall(t)
	code := must(h.Request(sink, ann))(t)
	_, err := h.Request(sink, ann)
	refused(t, err, kanban.Exhausted)
	for i := range 2 {
		must(h.Request(sink, guests.User{ID: fmt.Sprint("u", i)}))(t)
	}
	_, err = h.Request(sink, guests.User{ID: "one too many"})
	refused(t, err, kanban.Exhausted)
	must(h.Request("slack", guests.User{ID: "of another bot"}))(t)

	h.now = h.now.Add(time.Hour)
	_, err = h.Approve(code, "", kanban.ScopeRead, "owner")
	refused(t, err, kanban.NotFound)
	must(h.Request(sink, guests.User{ID: "later"}))(t)
}

func TestG30_GuessingCodesLocksApproval(t *testing.T) {
	h := newHall(t)
	code := must(h.Request(sink, ann))(t)
	for range 5 {
		_, err := h.Approve("AAAAAAAA", "", kanban.ScopeRead, "owner")
		refused(t, err, kanban.NotFound)
	}
	_, err := h.Approve(code, "", kanban.ScopeRead, "owner")
	refused(t, err, kanban.Exhausted)
	h.now = h.now.Add(time.Hour)
	must(h.Approve(must(h.Request(sink, ann))(t), "", kanban.ScopeRead, "owner"))(t)
}

func TestNamesAreUnique(t *testing.T) {
	h := newHall(t)
	must(h.Approve(must(h.Request(sink, ann))(t), "ann", kanban.ScopeRead, "owner"))(t)
	code := must(h.Request(sink, guests.User{ID: "8", Name: "Ann"}))(t)
	_, err := h.Approve(code, "", kanban.ScopeRead, "owner")
	refused(t, err, kanban.Conflict)
	must(h.Approve(code, "ann2", kanban.ScopeRead, "owner"))(t)
	code = must(h.Request(sink, guests.User{ID: "U9", Name: "大輔"}))(t)
	if g := must(h.Approve(code, "", kanban.ScopeRead, "owner"))(t); g.Name != "user-u9" {
		t.Errorf("name %q", g.Name)
	}
}

func TestG30_SettingsOfAThreadBeatThoseOfItsChatButItsLimit(t *testing.T) {
	h := newHall(t)
	chat, thread := guests.Place{Chat: "-100"}, guests.Place{Chat: "-100", Thread: "5"}
	must(h.Set(sink, chat, func(s *guests.Setting) { s.Board = "ops" }))(t)
	if s := must(h.Setting(sink, thread))(t); s.Board != "ops" {
		t.Errorf("in a thread: %+v", s)
	}
	must(h.Set(sink, thread, func(s *guests.Setting) { s.Board = "web" }))(t)
	if s := must(h.Setting(sink, thread))(t); s.Board != "web" {
		t.Errorf("in a thread of its own: %+v", s)
	}
	if s := must(h.Setting(sink, chat))(t); s.Board != "ops" {
		t.Errorf("in the chat: %+v", s)
	}
	limit := func(at guests.Place, most kanban.Scope) {
		must(h.Set(sink, at, func(s *guests.Setting) { s.AtMost = most }))(t)
	}
	limit(chat, kanban.ScopeRead)
	if s := must(h.Setting(sink, thread))(t); s.AtMost != kanban.ScopeRead || s.Board != "web" {
		t.Errorf("a thread escapes the limit of its chat: %+v", s)
	}
	limit(thread, kanban.ScopeAdmin)
	if s := must(h.Setting(sink, thread))(t); s.AtMost != kanban.ScopeRead {
		t.Errorf("a thread allows more than its chat: %+v", s)
	}
	limit(chat, kanban.ScopeNone)
	if s := must(h.Setting(sink, thread))(t); s.AtMost != kanban.ScopeAdmin {
		t.Errorf("the thread's own limit: %+v", s)
	}
}

func TestG30_WhatWasSaidOfAChatHoldsUnderItsNewID(t *testing.T) {
	h := newHall(t)
	chat, thread := guests.Place{Chat: "-7"}, guests.Place{Chat: "-7", Thread: "5"}
	must(h.Set(sink, chat, func(s *guests.Setting) { s.AtMost = kanban.ScopeRead }))(t)
	must(h.Set(sink, thread, func(s *guests.Setting) { s.Board = "web" }))(t)
	must(h.Set("other", chat, func(s *guests.Setting) { s.Board = "ops" }))(t)
	// Somebody was quicker under the new id.
	must(h.Set(sink, guests.Place{Chat: "-1007"}, func(s *guests.Setting) { s.AtMost, s.Workspace = kanban.ScopeOperate, kanban.Clone }))(t)
	for range 2 { // a platform may tell it twice
		if err := h.Call(sink, "-7", "-1007"); err != nil {
			t.Fatal(err)
		}
	}
	if s := must(h.Setting(sink, guests.Place{Chat: "-1007", Thread: "5"}))(t); s.AtMost != kanban.ScopeRead || s.Board != "web" {
		t.Errorf("under the new id: %+v", s)
	}
	if s := must(h.Setting(sink, guests.Place{Chat: "-1007"}))(t); s.AtMost != kanban.ScopeRead || s.Workspace != kanban.Clone {
		t.Errorf("of the chat itself: %+v", s)
	}
	if s := must(h.Setting(sink, thread))(t); s.Board != "" {
		t.Errorf("under the old one: %+v", s)
	}
	if s := must(h.Setting("other", chat))(t); s.Board != "ops" {
		t.Errorf("of another platform: %+v", s)
	}
}

func TestFieldsAreFoundByTokenAndByReply(t *testing.T) {
	h := newHall(t)
	for i := range 205 {
		if err := h.Open(guests.Field{Sink: sink, Token: fmt.Sprint("t", i), Ref: fmt.Sprint("m", i), Press: "answer|b|t_1"}); err != nil {
			t.Fatal(err)
		}
	}
	for token, want := range map[string]bool{"t204": true, "t5": true, "t4": false} {
		if _, known, _ := h.Field(sink, token, ""); known != want {
			t.Errorf("%s: known %v", token, known)
		}
	}
	if f, known, _ := h.Field(sink, "", "m200"); !known || f.Token != "t200" {
		t.Errorf("by reply: %+v, %v", f, known)
	}
	if _, known, _ := h.Field("slack", "", "m200"); known {
		t.Error("a field of another bot was found")
	}
	h.now = h.now.Add(7 * 24 * time.Hour)
	if _, known, _ := h.Field(sink, "t204", ""); known {
		t.Error("a field lives for ever")
	}
}
