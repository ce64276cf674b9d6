package httpapi

import (
	"context"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

const (
	between   = 500 * time.Millisecond // between two looks at what comes without an event
	maxGates  = 200                    // cards whose gates are looked at
	inboxIdle = 30 * time.Second       // between two counts of the inbox when nothing happens here
	inboxBusy = 2 * time.Second        // and when something does
)

// seen is what a tail has told of that comes without an event.
type seen struct {
	runs    []kanban.Run
	lines   map[int64]string
	outside string
	gates   map[string]string // by task
	inbox   int
	counted time.Time // when the inbox was
	next    time.Time // when it is, unless nothing happens
	dirty   bool
}

// pulse tells of output, of gates that opened or closed elsewhere, and of the
// inbox, beside the events, so that none of them waits for it. What cannot be
// read is looked at again: it may be of another board.
func (t *tail) pulse(ctx context.Context) {
	looks := time.NewTicker(between)
	defer looks.Stop()
	s := &seen{}
	well := true
	for {
		select {
		case <-t.gone:
			return
		default:
		}
		err := t.look(ctx, s)
		if err != nil && well && ctx.Err() == nil {
			t.s.o.Log.WarnContext(ctx, "output, gates and the inbox are not told of", "board", t.board.Slug(), "error", err)
		}
		well = err == nil
		select {
		case <-looks.C:
		case <-ctx.Done():
			return
		}
	}
}

func (t *tail) look(ctx context.Context, s *seen) error {
	if t.news.Swap(false) {
		s.dirty = true
		live, err := t.board.LiveRuns(ctx)
		if err != nil {
			return err
		}
		s.runs = live
	}
	t.lookAtLines(s)
	if err := t.lookAtGates(ctx, s); err != nil {
		return err
	}
	return t.lookAtInbox(ctx, s)
}

func (t *tail) lookAtLines(s *seen) {
	if t.s.o.LastLine == nil {
		return
	}
	told := s.lines
	s.lines = map[int64]string{}
	for _, r := range s.runs {
		if !r.Open() {
			continue
		}
		line, at := t.s.o.LastLine(t.board.Slug(), r.ID)
		s.lines[r.ID] = line
		if line == "" || line == told[r.ID] {
			continue
		}
		data := encoded(client.Line{Task: r.Task, Run: r.ID, Line: line, At: at})
		t.add(frame{name: client.FrameLine, task: r.Task, data: [2][]byte{data, data}})
	}
}

// lookAtGates tells of the gates of ready tasks when what closes them has changed
// without them: caps, holds, the dispatcher, the configuration.
func (t *tail) lookAtGates(ctx context.Context, s *seen) error {
	outside, err := t.board.Outside(ctx)
	if err != nil || outside == s.outside {
		return err
	}
	page, err := t.board.Cards(ctx, store.TaskQuery{Statuses: []kanban.Status{kanban.Ready}, Limit: maxGates})
	if err != nil {
		return err
	}
	first := s.outside == ""
	told := s.gates
	s.outside, s.gates, s.dirty = outside, map[string]string{}, true
	for _, c := range page.Cards {
		w := t.s.card(t.board, c)
		s.gates[w.ID] = string(encoded(w.Gates))
		if !first && s.gates[w.ID] != told[w.ID] {
			t.add(cardFrame(client.FrameGates, 0, w.ID, &w, func(c *client.Card) any { return client.Gates{Cards: []client.Card{*c}} }))
		}
	}
	return nil
}

// lookAtInbox counts what waits for a human. It may take long on crowded boards,
// so it is done the less often the longer it takes.
func (t *tail) lookAtInbox(ctx context.Context, s *seen) error {
	now := time.Now()
	if now.Before(s.next) || !s.dirty && now.Before(s.counted.Add(inboxIdle)) {
		return nil
	}
	waiting, err := t.s.o.Boards.Inbox(ctx, "")
	if err != nil {
		return err
	}
	took := time.Since(now)
	first := s.counted.IsZero()
	s.dirty, s.counted, s.next = false, now, now.Add(max(inboxBusy, 20*took))
	if !first && len(waiting) != s.inbox {
		data := encoded(client.Count{Count: len(waiting)})
		t.add(frame{name: client.FrameInbox, data: [2][]byte{data, data}})
	}
	s.inbox = len(waiting)
	return nil
}

// cardFrame is a frame about a card, with and without the moves that it may make.
func cardFrame(name string, id int64, task string, card *client.Card, wrap func(*client.Card) any) frame {
	f := frame{id: id, name: name, task: task}
	f.data[1] = encoded(wrap(card))
	if f.data[0] = f.data[1]; card != nil && len(card.Moves) > 0 {
		still := *card
		still.Moves = []string{}
		f.data[0] = encoded(wrap(&still))
	}
	return f
}
