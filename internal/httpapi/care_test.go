package httpapi_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

// tourCare takes a board away, brings it back under another name and looks
// whether it is whole. The stream is longer than any other request may be.
func tourCare(t *testing.T, c *client.Client) {
	ctx := t.Context()
	for range 6 {
		must(c.CreateTask(ctx, "default", client.TaskCreate{Title: "long", Body: strings.Repeat("x", 250<<10)}))(t)
	}
	var stream bytes.Buffer
	ok(t, c.Export(ctx, "default", true, &stream))
	made := must(c.Import(ctx, "copy", &stream))(t)
	if made.Board != "copy" || made.Counts["task"] < 6 || made.Contradictions != 0 {
		t.Errorf("made %+v", made)
	}
	if v := must(c.Verify(ctx, "copy", true))(t); v.Errors != 0 || v.Board != "copy" {
		t.Errorf("verified %+v", v)
	}
	_, err := c.Import(ctx, "more", strings.NewReader("hm\n"))
	refusal(t, err, kanban.Invalid)
}

// TestGCGoesOn: a board that cannot be tended does not keep the others from it,
// and what was removed is told.
func TestGCGoesOn(t *testing.T) {
	h := newHome(t)
	must(h.client().CreateBoard(t.Context(), client.BoardCreate{Slug: "broken"}))(t)
	h.options.GC = func(_ context.Context, b *board.Board, _ bool) (client.GCReport, error) {
		if b.Slug() == "broken" {
			return client.GCReport{Logs: 1}, errors.New("it cannot be read")
		}
		return client.GCReport{Events: 3}, nil
	}
	r := must(h.client().GC(t.Context(), "", false))(t)
	if r.Events != 3 || r.Logs != 1 || len(r.Failed) != 1 || !strings.Contains(r.Failed[0], "broken: it cannot be read") {
		t.Errorf("got %+v", r)
	}
	_, err := h.client().GC(t.Context(), "broken", false)
	refusal(t, err, kanban.Internal)
}
