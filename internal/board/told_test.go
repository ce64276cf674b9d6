package board_test

import (
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

// TestToldIsASignOfLife, and what is empty takes nothing back.
func TestToldIsASignOfLife(t *testing.T) {
	h := newHouse(t)
	w := h.start(t, h.add(t, "build"))
	h.pass(time.Minute)
	ok(t, h.Tell(bg, w.lease.Run, board.Told{Session: "s-1", Model: "m", Note: "reads\nthe code"}))
	ok(t, h.Tell(bg, w.lease.Run, board.Told{}))
	r := must(h.Run(bg, w.lease.Run))(t)
	if r.Session != "s-1" || r.Model != "m" || !r.Heartbeat.Equal(h.now) || !r.Progress.Equal(h.now) {
		t.Errorf("%+v", r)
	}
}

// TestG11_ToldAfterTheEnd: the session of a run that has ended is kept until its
// processes are gone; later, and of a run that is not there, nothing changes.
func TestG11_ToldAfterTheEnd(t *testing.T) {
	h := newHouse(t)
	w := h.start(t, h.add(t, "build"))
	must(h.Complete(bg, w.Actor, w.lease, kanban.Handoff{Summary: "done"}))(t)
	ended := must(h.Run(bg, w.lease.Run))(t)
	ok(t, h.Tell(bg, w.lease.Run, board.Told{Session: "s-1", Note: "still here"}))
	if r := must(h.Run(bg, w.lease.Run))(t); r.Live && r.Session != "s-1" || !r.Heartbeat.Equal(ended.Heartbeat) {
		t.Errorf("%+v", r)
	}
	ok(t, h.Settle(bg, w.lease.Run, ""))
	ok(t, h.Tell(bg, w.lease.Run, board.Told{Session: "s-2"}))
	if r := must(h.Run(bg, w.lease.Run))(t); r.Session == "s-2" {
		t.Error("a settled run was changed")
	}
	ok(t, h.Tell(bg, 4711, board.Told{Session: "s-2"}))
}
