package browser

import (
	"strings"
	"testing"
)

// What a move does that cannot be taken back is asked about first.
func TestForGoodIsAsked(t *testing.T) {
	h := newHome(t, lanes)
	busy, judged := h.add("at work", "--lane", "slow"), h.add("to be judged", "--lane", "careful")
	h.reaches(busy, "running")
	h.reaches(judged, "review")
	p := h.browse()
	p.Open("/b/default")

	for _, c := range []struct{ title, id, status, asked string }{
		{"at work", busy, "running", "Its worker is ended as things are, and the work counts as done: what waits for it starts."},
		{"to be judged", judged, "review", "That approves the work of this task: what waits for it starts."},
	} {
		p.Lift(card(c.title))
		p.DropOn(`role=region[name^="Done, "]`)
		p.Eventually(c.asked)
		p.Press("Escape")
		p.Gone(`role=dialog`)
		if got := h.status(c.id); got != c.status {
			t.Fatalf("%s is %s", c.title, got)
		}
		p.Lift(card(c.title))
		p.DropOn(`role=region[name^="Done, "]`)
		p.Click(`role=dialog >> role=button[name="Move"]`)
		p.See(inColumn("Done", c.title))
		p.Eventually("“" + c.title + "” moved to Done")
	}
}

// Undo takes back what was done last, and names it; it passes over nothing.
func TestUndoIsOfTheLastAct(t *testing.T) {
	h := newHome(t, lanes)
	before, judged := h.add("done before", "--lane", "ours"), h.add("to be judged", "--lane", "careful")
	h.reaches(judged, "review")
	p := h.browse()
	p.Open("/b/default")
	p.Lift(card("done before"))
	p.DropOn(`role=region[name^="Blocked, "]`)
	p.Eventually("“done before” moved to Blocked")
	p.Lift(card("to be judged"))
	p.DropOn(`role=region[name^="Done, "]`)
	p.Click(`role=dialog >> role=button[name="Move"]`)
	p.Eventually("“to be judged” moved to Done")
	p.Press("z")
	p.Eventually("Cannot be undone: “to be judged” moved to Done")
	if got := h.status(before); got != "blocked" {
		t.Errorf("what was done before is %s", got)
	}
}

// What ended a run is taken back by letting the task run again, once its processes
// are gone, too.
func TestWhatRanRunsAgain(t *testing.T) {
	h := newHome(t, lanes)
	for _, c := range []struct {
		name   string
		do     func(p *page)
		said   string
		status string
	}{
		{"archived", func(p *page) { p.Press("Down", "e") }, "“archived” archived", "archived"},
		{"moved", func(p *page) {
			p.Lift(card("moved"))
			p.DropOn(`role=region[name^="Blocked, "]`)
		}, "“moved” moved to Blocked", "blocked"},
		{"selected", func(p *page) {
			p.Click(card("selected"), "ctrl")
			p.Click(`role=toolbar[name="Selected tasks"] >> role=button[name="Stop"]`)
		}, "“selected” stopped", "blocked"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h.T = t
			id := h.add(c.name, "--lane", "slow")
			h.reaches(id, "running")
			p := h.browse()
			p.Open("/b/default")
			p.See(card(c.name))
			c.do(p)
			p.Eventually(c.said)
			h.reaches(id, c.status)
			p.Until(`fetch('/api/v1/gateway').then(r => r.json()).then(g => g.runs === 0)`)
			p.Press("z")
			p.Eventually("Undone: “" + c.name + "” is in ")
			h.reaches(id, "running")
			p.Gone(`role=alert`)
			h.andon("delete", id, "--stop", "--yes")
		})
	}
	h.T = t
}

// A task that was cancelled while it ran, and is not to be, runs again.
func TestCancelIsUndone(t *testing.T) {
	h := newHome(t, lanes)
	id := h.add("by mistake", "--lane", "slow")
	h.reaches(id, "running")
	p := h.browse()
	p.Open("/b/default/t/" + id)
	p.Click(`role=group[name="What can be done"] >> role=button[name="Cancel task…"]`)
	p.Type(`role=dialog >> role=textbox[name="Why"]`, "wrong one")
	p.Press("Enter")
	p.Eventually("“by mistake” is cancelled")
	h.reaches(id, "archived")
	p.Click(`role=button[name="Undo z"]`)
	p.Eventually("Undone: “by mistake” is in ")
	h.reaches(id, "running")
	if seen := h.andon("runs", id); strings.Count(seen, "\n") < 2 {
		t.Errorf("there is no second run:\n%s", seen)
	}
}
