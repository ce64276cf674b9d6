package httpapi_test

import (
	"testing"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

// TestG31_AFloodOfOneRunIsCapped: a run that makes change after change is told to
// slow down; it may still read and end, time lets it go on, and nobody else is held up.
func TestG31_AFloodOfOneRunIsCapped(t *testing.T) {
	h := newHome(t)
	now := time.Now()
	h.options.Clock = func() time.Time { return now }
	c := h.client()
	own, other := add(t, c, "its own"), add(t, c, "another")
	claim := must(c.Claim(t.Context(), "default", own.ID, client.ClaimRequest{}))(t)
	flood := kanban.Actor{Kind: kanban.Worker, Name: "builder", Board: "default", Task: own.ID, Run: claim.Run}
	h.actor = flood
	said := 0
	for ; said < 5000; said++ {
		if _, err := c.AddComment(t.Context(), "default", own.ID, "and another thing"); err != nil {
			if e := refusal(t, err, kanban.Exhausted); e.Hint == "" {
				t.Error("it does not say how to go on")
			}
			break
		}
	}
	if said != 2000 {
		t.Errorf("it made %d changes", said)
	}
	must(c.Task(t.Context(), "default", own.ID))(t)
	h.actor = ann
	must(c.AddComment(t.Context(), "default", other.ID, "a human is not held up"))(t)
	h.actor = flood
	now = now.Add(-time.Hour) // a clock that is set back brings nothing
	_, err := c.AddComment(t.Context(), "default", own.ID, "more")
	refusal(t, err, kanban.Exhausted)
	now = now.Add(time.Second)
	for range 10 {
		must(c.AddComment(t.Context(), "default", own.ID, "slower"))(t)
	}
	_, err = c.AddComment(t.Context(), "default", own.ID, "too fast again")
	refusal(t, err, kanban.Exhausted)
	must(c.Complete(t.Context(), "default", own.ID, client.Handoff{Lease: client.Lease{Run: claim.Run, Token: claim.Token}, Summary: "done"}))(t)
}
