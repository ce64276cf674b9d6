package httpapi_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/httpapi"
	"github.com/andon-dev/andon/internal/kanban"
)

// TestEventsWake: who waits for events has them with the commit; no time
// passes in between. The clock of the bubble moves only when all wait.
func TestEventsWake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t)
		c, began := h.client(), time.Now()
		got := make(chan client.Page[client.Event])
		go func() {
			page, err := c.Events(t.Context(), "default", client.EventQuery{Kinds: []string{"commented"}, Wait: time.Minute})
			if err != nil {
				t.Error(err)
			}
			got <- page
		}()
		synctest.Wait() // it waits
		task := add(t, c, "not what it waits for").ID
		synctest.Wait() // it woke, and waits again
		must(c.AddComment(t.Context(), "default", task, "this is"))(t)
		if page := <-got; len(page.Items) != 1 || page.Items[0].Task != task {
			t.Errorf("events %+v", page)
		}
		if waited := time.Since(began); waited != 0 {
			t.Errorf("the event took %s", waited)
		}
	})
}

func TestEventsWaitEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t)
		began := time.Now()
		page := must(h.client().Events(t.Context(), "default", client.EventQuery{Wait: 25 * time.Second}))(t)
		if waited := time.Since(began); len(page.Items) != 0 || waited != 25*time.Second {
			t.Errorf("%d events after %s", len(page.Items), waited)
		}
	})
}

// TestFollowEvents goes on after each event until its context ends.
func TestFollowEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t)
		c := h.client()
		add(t, c, "before")
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan []string)
		go func() {
			var kinds []string
			for e, err := range c.FollowEvents(ctx, "default", client.EventQuery{}) {
				if err != nil {
					if !errors.Is(err, context.Canceled) {
						t.Error(err)
					}
					break
				}
				kinds = append(kinds, e.Kind)
			}
			done <- kinds
		}()
		time.Sleep(time.Hour) // of the bubble: many polls find nothing
		task := add(t, c, "after").ID
		must(c.AddComment(t.Context(), "default", task, "hi"))(t)
		synctest.Wait()
		cancel()
		if diff := cmp.Diff([]string{"created", "created", "commented"}, <-done); diff != "" {
			t.Errorf("kinds (-want +got):\n%s", diff)
		}
	})
}

// TestFollowLog reads a log as it grows, and ends with its run.
func TestFollowLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t)
		c, began := h.client(), time.Now()
		task := add(t, c, "x").ID
		claim := must(c.Claim(t.Context(), "default", task, client.ClaimRequest{}))(t)
		log := newRunLog()
		h.logs[claim.Run] = log
		log.write("first\nhalf a charac\xc3")
		done := make(chan []string)
		go func() {
			var pieces []string
			for chunk, err := range c.FollowLog(t.Context(), "default", claim.Run, 0) {
				if err != nil {
					t.Error(err)
				}
				pieces = append(pieces, chunk.Data)
			}
			done <- pieces
		}()
		synctest.Wait()
		log.write("\xa4er\n")
		synctest.Wait()
		lease := client.Lease{Run: claim.Run, Token: claim.Token}
		must(c.Complete(t.Context(), "default", task, client.Handoff{Lease: lease, Summary: "done"}))(t)
		if diff := cmp.Diff([]string{"first\nhalf a charac", "äer\n"}, <-done); diff != "" {
			t.Errorf("pieces (-want +got):\n%s", diff)
		}
		if waited := time.Since(began); waited != 0 {
			t.Errorf("it took %s", waited)
		}
	})
}

// TestLog reads pieces of a log of which the oldest part is gone.
func TestLog(t *testing.T) {
	h := newHome(t)
	c := h.client()
	task := add(t, c, "x").ID
	claim := must(c.Claim(t.Context(), "default", task, client.ClaimRequest{}))(t)
	must(c.Stop(t.Context(), "default", task, ""))(t)
	h.logs[claim.Run] = &runLog{dropped: 100, text: "0123456789abcdefghijäöü\xffz"} // 100..130
	for name, test := range map[string]struct {
		query client.LogQuery
		want  client.LogChunk
	}{
		"all that is kept":          {client.LogQuery{}, client.LogChunk{Offset: 100, Data: "0123456789abcdefghijäöü\uFFFDz", Next: 128, Done: true}},
		"from an offset":            {client.LogQuery{Offset: 110, Limit: 16}, client.LogChunk{Offset: 110, Data: "abcdefghijäöü", Next: 126}},
		"no half character":         {client.LogQuery{Offset: 105, Limit: 16}, client.LogChunk{Offset: 105, Data: "56789abcdefghij", Next: 120}},
		"the tail":                  {client.LogQuery{Offset: -4}, client.LogChunk{Offset: 124, Data: "ü\uFFFDz", Next: 128, Done: true}},
		"the tail, from mid letter": {client.LogQuery{Offset: -5}, client.LogChunk{Offset: 124, Data: "ü\uFFFDz", Next: 128, Done: true}},
		"beyond the end":            {client.LogQuery{Offset: 999}, client.LogChunk{Offset: 128, Next: 128, Done: true}},
	} {
		t.Run(name, func(t *testing.T) {
			test.want.Run = claim.Run
			if diff := cmp.Diff(test.want, must(c.Log(t.Context(), "default", claim.Run, test.query))(t)); diff != "" {
				t.Errorf("chunk (-want +got):\n%s", diff)
			}
		})
	}
	_, err := c.Log(t.Context(), "default", 77, client.LogQuery{})
	refusal(t, err, kanban.NotFound)
}

func (*runLog) Format() string { return "" }

var _ httpapi.LogReader = (*runLog)(nil)
