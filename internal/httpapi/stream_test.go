package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// listen reads frames until enough says so, and fails when the stream ends first.
func listen(t *testing.T, c *client.Client, q client.StreamQuery, enough func(client.Frame) bool) []client.Frame {
	t.Helper()
	var all []client.Frame
	for f, err := range c.Stream(t.Context(), "default", q) {
		if err != nil {
			t.Fatalf("after %d frames: %v", len(all), err)
		}
		if all = append(all, f); enough(f) {
			break
		}
	}
	return all
}

func cardEvent(t *testing.T, f client.Frame) (e client.CardEvent) {
	t.Helper()
	ok(t, json.Unmarshal(f.Data, &e))
	if f.ID != e.Event.ID {
		t.Errorf("frame %d tells of event %d", f.ID, e.Event.ID)
	}
	return e
}

// TestStream: what happens is told with the card that it changed.
func TestStream(t *testing.T) {
	h := newHome(t)
	c, ctx := h.client(), t.Context()
	task := add(t, c, "watched").ID
	other := add(t, c, "another").ID
	must(c.AddComment(ctx, "default", task, "hm"))(t)
	must(c.DeleteTask(ctx, "default", task, false))(t)
	must(c.AddComment(ctx, "default", other, "the end"))(t)
	frames := listen(t, c, client.StreamQuery{}, func(f client.Frame) bool { return f.ID == 5 })
	var kinds []string
	for i, f := range frames {
		e := cardEvent(t, f)
		kinds = append(kinds, e.Event.Kind)
		if f.ID != int64(i+1) || f.Name != client.FrameEvent || (e.Card == nil) != (e.Event.Task == task) {
			t.Errorf("frame %d: %+v", i, e)
		}
	}
	if got := strings.Join(kinds, " "); got != "created created commented deleted commented" {
		t.Errorf("told of %s", got)
	}
	only := listen(t, c, client.StreamQuery{Task: other}, func(f client.Frame) bool { return f.ID == 5 })
	if len(only) != 2 || cardEvent(t, only[1]).Card.Comments != 1 || len(cardEvent(t, only[1]).Card.Moves) == 0 {
		t.Errorf("of one task: %s", only[1].Data)
	}
}

// TestG21_EveryEventOnceInOrder: many readers that break off at random and come
// back with their last id.
func TestG21_EveryEventOnceInOrder(t *testing.T) {
	const readers, writers, each = 25, 4, 50
	h := newHome(t)
	server := httptest.NewServer(h.handler())
	defer server.Close()
	c := must(client.Dial(server.URL, client.Options{}))(t)
	task := add(t, c, "busy").ID
	const last = 1 + writers*each
	var all sync.WaitGroup
	for n := range readers {
		all.Go(func() {
			dice := rand.New(rand.NewPCG(1, uint64(n)))
			var seen []int64
			for len(seen) == 0 || seen[len(seen)-1] != last {
				after := int64(0)
				if len(seen) > 0 {
					after = seen[len(seen)-1]
				}
				stay := dice.IntN(40)
				for f, err := range c.Stream(t.Context(), "default", client.StreamQuery{After: after}) {
					if err != nil || f.Name != client.FrameEvent {
						t.Errorf("reader %d: %s %v", n, f.Name, err)
						return
					}
					seen = append(seen, f.ID)
					if stay--; stay < 0 || f.ID == last {
						break
					}
				}
			}
			for i, id := range seen {
				if id != int64(i+1) {
					t.Errorf("reader %d: event %d came as number %d", n, id, i+1)
					return
				}
			}
		})
	}
	for range writers {
		all.Go(func() {
			for i := range each {
				if _, err := c.AddComment(t.Context(), "default", task, fmt.Sprint(i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// TestG21_LastEventID counts more than where the address says to begin.
func TestG21_LastEventID(t *testing.T) {
	h := newHome(t)
	c := h.client()
	for range 4 {
		add(t, c, "x")
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/v1/boards/default/stream?after=0", nil)
	r.Header.Set("Last-Event-ID", "2")
	resp := must(client.Handler(h.handler()).RoundTrip(r))(t)
	defer resp.Body.Close()
	if got := resp.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("content type %s", got)
	}
	text := ""
	for !strings.Contains(text, "\"event\"") {
		part := make([]byte, 1<<10)
		n, err := resp.Body.Read(part)
		ok(t, err)
		text += string(part[:n])
	}
	if !strings.Contains(text, "id: 3\n") || strings.Contains(text, "id: 2\n") {
		t.Errorf("read %s", text)
	}
}

// happen puts so many events on the board at once.
func (h *home) happen(t *testing.T, n int) {
	t.Helper()
	b := must(h.boards.Board(t.Context(), "default"))(t)
	ok(t, b.Store().Update(t.Context(), func(tx store.Tx) error {
		for range n {
			if _, err := tx.AddEvent(kanban.Event{Task: "t_00000001", Kind: kanban.EvEdited, At: time.Now()}); err != nil {
				return err
			}
		}
		return nil
	}))
}

// TestG21_SlowReader: who takes longer than the tail keeps frames still misses
// nothing.
func TestG21_SlowReader(t *testing.T) {
	h := newHome(t)
	c := h.client()
	h.happen(t, 1)
	want := int64(1)
	listen(t, c, client.StreamQuery{}, func(f client.Frame) bool {
		if f.Name != client.FrameEvent || f.ID != want {
			t.Fatalf("%s %d, want event %d", f.Name, f.ID, want)
		}
		if want == 1 {
			for range 4 {
				h.happen(t, 1000)
			}
		}
		want++
		return want == 4001
	})
}

// TestStreamReset: who cannot be told of all that happened is told that.
func TestStreamReset(t *testing.T) {
	h := newHome(t)
	c := h.client()
	h.happen(t, 6000)
	for name, after := range map[string]int64{"too far behind": 0, "of another board": 7000} {
		frames := listen(t, c, client.StreamQuery{After: after}, func(client.Frame) bool { return true })
		var r client.Reset
		ok(t, json.Unmarshal(frames[0].Data, &r))
		if frames[0].Name != client.FrameReset || frames[0].ID != 6000 || r.LatestEvent != 6000 || r.Reason == "" {
			t.Errorf("%s: %s %s", name, frames[0].Name, frames[0].Data)
		}
	}
	b := must(h.boards.Board(t.Context(), "default"))(t)
	for after, want := range map[int64]string{5990: client.FrameReset, 5999: client.FrameEvent} {
		if want == client.FrameReset {
			ok(t, b.Store().Update(t.Context(), func(tx store.Tx) error { return tx.SetMeta("pruned_before", "99999999999999") }))
		} else {
			ok(t, b.Store().Update(t.Context(), func(tx store.Tx) error { return tx.SetMeta("pruned_before", "1") }))
		}
		if got := listen(t, c, client.StreamQuery{After: after}, func(client.Frame) bool { return true })[0]; got.Name != want {
			t.Errorf("after %d: %s %s", after, got.Name, got.Data)
		}
	}
}

// TestG31_StreamOfAWorker: it hears of its own, and of nothing once its run has
// ended.
func TestG31_StreamOfAWorker(t *testing.T) {
	w := newWard(t)
	must(w.client().AddComment(t.Context(), "default", w.stranger, "psst"))(t)
	must(w.client().AddComment(t.Context(), "default", w.own, "hello"))(t)
	frames := listen(t, w.worker, client.StreamQuery{}, func(f client.Frame) bool { return strings.Contains(string(f.Data), "commented") })
	for _, f := range frames {
		if e := cardEvent(t, f); e.Event.Task != w.own || e.Card.ID != w.own || len(e.Card.Moves) != 0 {
			t.Errorf("it hears %s", f.Data)
		}
	}
	for _, err := range w.worker.Stream(t.Context(), "default", client.StreamQuery{Task: w.stranger}) {
		refusal(t, err, kanban.Unauthorized)
	}
}

// TestStreamEnds with the server, which does not wait for readers.
func TestStreamEnds(t *testing.T) {
	h := newHome(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	server := httptest.NewUnstartedServer(h.handler())
	server.Config.BaseContext = func(l net.Listener) context.Context { return ctx }
	server.Start()
	c := must(client.Dial(server.URL, client.Options{}))(t)
	add(t, c, "seen")
	for _, err := range c.Stream(t.Context(), "default", client.StreamQuery{}) {
		if err != nil {
			break
		}
		stop()
	}
	server.Close() // waits for all that is under way
}

// TestStreamOfWhatIsNoEvent: the last line of a running worker, gates that close
// elsewhere, and the inbox.
func TestStreamOfWhatIsNoEvent(t *testing.T) {
	h := newHome(t)
	var lines atomic.Int64
	h.options.LastLine = func(string, int64) (string, time.Time) { return fmt.Sprint("line ", lines.Add(1)), time.Now() }
	c := h.client()
	waits := add(t, c, "waits").ID
	busy := add(t, c, "busy").ID
	must(c.Claim(t.Context(), "default", busy, client.ClaimRequest{}))(t)
	told := map[string]int{}
	for f, err := range c.Stream(t.Context(), "default", client.StreamQuery{}) {
		ok(t, err)
		told[f.Name]++
		switch f.Name {
		case client.FrameLine:
			var l client.Line
			ok(t, json.Unmarshal(f.Data, &l))
			if l.Task != busy || !strings.HasPrefix(l.Line, "line ") || f.ID != 0 {
				t.Errorf("line %s", f.Data)
			}
			switch told[f.Name] {
			case 2:
				h.situate(board.Situation{HomeCap: 1, HomeRunning: 1})
			}
		case client.FrameGates:
			var g client.Gates
			ok(t, json.Unmarshal(f.Data, &g))
			if len(g.Cards) != 1 || g.Cards[0].ID != waits || len(g.Cards[0].Gates) != 1 || g.Cards[0].Gates[0].Kind != "cap" {
				t.Errorf("gates %s", f.Data)
			}
			must(c.Block(t.Context(), "default", waits, client.BlockRequest{Reason: "which one?"}))(t)
		case client.FrameInbox:
			if string(f.Data) != `{"count":1}` {
				t.Errorf("inbox %s", f.Data)
			}
			return
		}
	}
}

// TestLogStream to its end, and from where it broke off.
func TestLogStream(t *testing.T) {
	h := newHome(t)
	c, ctx := h.client(), t.Context()
	task := add(t, c, "talks").ID
	claim := must(c.Claim(ctx, "default", task, client.ClaimRequest{}))(t)
	log := newRunLog()
	h.logs[claim.Run] = log
	log.write("one\n")
	var text string
	for f, err := range c.LogStream(ctx, "default", claim.Run, 0) {
		ok(t, err)
		var p client.LogPiece
		ok(t, json.Unmarshal(f.Data, &p))
		if text += p.Text; text == "one\n" && f.Name == client.FrameChunk {
			if f.ID != 4 {
				t.Errorf("after 4 bytes the id is %d", f.ID)
			}
			log.write("two\n")
			must(c.Complete(ctx, "default", task, client.Handoff{Lease: client.Lease{Run: claim.Run, Token: claim.Token}}))(t)
		}
		if f.Name == client.FrameEnd && string(f.Data) != `{"exit":null,"outcome":"completed"}` {
			t.Errorf("end %s", f.Data)
		}
	}
	if text != "one\ntwo\n" {
		t.Errorf("read %q", text)
	}
	text = ""
	for f, err := range c.LogStream(ctx, "default", claim.Run, 4) {
		ok(t, err)
		text += f.Name
	}
	if text != client.FrameChunk+client.FrameEnd {
		t.Errorf("taken up again: %s", text)
	}
}

// TestG21_AnArchivedBoardEndsItsStreams, and says so. Who comes back once it is
// restored misses nothing.
func TestG21_AnArchivedBoardEndsItsStreams(t *testing.T) {
	h := newHome(t)
	c, ctx := h.client(), t.Context()
	must(c.CreateBoard(ctx, client.BoardCreate{Slug: "solo"}))(t)
	must(c.CreateTask(ctx, "solo", client.TaskCreate{Title: "one"}))(t)
	read := func(after int64, archive bool) (last int64, end string) {
		for f, err := range c.Stream(ctx, "solo", client.StreamQuery{After: after}) {
			switch {
			case err != nil:
				return last, err.Error()
			case f.Name == client.FrameEnd:
				var e client.BoardEnd
				ok(t, json.Unmarshal(f.Data, &e))
				return last, e.Reason
			}
			last = f.ID
			if !archive {
				return last, ""
			}
			ok(t, c.ArchiveBoard(ctx, "solo"))
		}
		return last, "nothing"
	}
	waited := make(chan error)
	go func() {
		_, err := c.Events(ctx, "solo", client.EventQuery{After: 1, Wait: time.Minute})
		waited <- err
	}()
	last, end := read(0, true)
	if last != 1 || end != "board solo is archived" {
		t.Errorf("the stream ended after %d with %q", last, end)
	}
	if err := <-waited; err == nil {
		t.Error("who waited for the next event heard that there is none")
	}
	if _, end := read(last, false); !strings.Contains(end, "archived") {
		t.Errorf("who comes back hears %q", end)
	}
	ok(t, c.RestoreBoard(ctx, "solo"))
	must(c.CreateTask(ctx, "solo", client.TaskCreate{Title: "two"}))(t)
	if next, end := read(last, false); next != 2 || end != "" {
		t.Errorf("after the archive event %d, %q", next, end)
	}
}
