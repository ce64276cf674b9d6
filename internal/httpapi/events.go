package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

func (s *server) eventRoutes() {
	route(s, http.MethodGet, boardPath+"/events", "list-events", "List events, or wait for the next", s.events)
}

type eventsInput struct {
	BoardPath
	After int64    `query:"after" minimum:"0" doc:"only events with larger ids"`
	Task  string   `query:"task" doc:"only of this task"`
	Kinds []string `query:"kind,explode" doc:"only these; repeat it"`
	Limit int      `query:"limit" minimum:"1" maximum:"10000" doc:"500 if absent"`
	Last  bool     `query:"last" doc:"the newest instead of the oldest"`
	Wait  string   `query:"wait" doc:"how long to wait for the first, a duration of at most 60s"`
}

const eventLimit = 500

func (s *server) events(ctx context.Context, in *eventsInput) (*message[client.Page[client.Event]], error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	q, err := eventQuery(ctx, b, in)
	if err != nil {
		return nil, err
	}
	waiting, err := waitFor(ctx, in.Wait)
	if err != nil {
		return nil, err
	}
	defer waiting.stop()
	events, next, err := nextEvents(ctx, b, q, waiting)
	page := client.Page[client.Event]{Items: each(events, wireEvent)}
	if next != 0 {
		page.Next = strconv.FormatInt(next, 10)
	}
	return answer(page, err)
}

func eventQuery(ctx context.Context, b *board.Board, in *eventsInput) (store.EventQuery, error) {
	q := store.EventQuery{After: in.After, Limit: in.Limit, Last: in.Last}
	if q.Limit == 0 {
		q.Limit = eventLimit
	}
	for _, word := range in.Kinds {
		kind, err := eventKind(word)
		if err != nil {
			return q, err
		}
		q.Kinds = append(q.Kinds, kind)
	}
	if in.Task == "" {
		return q, nil
	}
	var err error
	if q.Task, err = resolve(ctx, b, in.Task); err != nil {
		return q, err
	}
	return q, b.MayRead(ctx, actor(ctx), q.Task)
}

func eventKind(word string) (kanban.EventKind, error) {
	kind := kanban.EventKind(word)
	if !slices.Contains(kanban.EventKinds, kind) {
		return "", kanban.Errorf(kanban.Invalid, "there is no kind of event %s", kanban.Quote(word)).Hint("for example completed, blocked, gave_up")
	}
	return kind, nil
}

// nextEvents reads events; with none there, it waits for a commit and reads
// again. It listens before it reads, so that no commit falls in between. next is
// the cursor of the following page, 0 if there is none. A worker hears of what
// it may see.
func nextEvents(ctx context.Context, b *board.Board, q store.EventQuery, waiting wait) (events []kanban.Event, next int64, err error) {
	changed, stop := b.Store().Changes()
	defer stop()
	for {
		events, err := b.Events(ctx, q)
		if err != nil {
			return nil, 0, err
		}
		whole := len(events) == q.Limit && !q.Last
		if len(events) > 0 {
			q.After = events[len(events)-1].ID
		}
		seen, err := inSight(ctx, b)
		if err != nil {
			return nil, 0, err
		}
		events = slices.DeleteFunc(events, func(e kanban.Event) bool { return !seen.has(e.Task) })
		switch {
		case len(events) > 0 && whole:
			return events, q.After, nil
		case len(events) > 0:
			return events, 0, nil
		case whole: // all of a page was of others
			continue
		}
		select {
		case <-changed:
		case <-b.Store().Closed(): // the next look says so
		case <-waiting.over:
			return nil, 0, nil
		}
	}
}

// maxWait bounds a long poll.
const maxWait = time.Minute

// wait is how long a long poll may last: until over is closed.
type wait struct {
	over <-chan struct{}
	stop func()
}

// waitFor reads the length of a long poll; absent, it is over at once. It ends
// with the request.
func waitFor(ctx context.Context, s string) (wait, error) {
	d, err := span("wait", s)
	if err == nil && (d < 0 || d > maxWait) {
		err = kanban.Errorf(kanban.Invalid, "wait: %s is not between 0 and %s", s, maxWait).Hint("ask again when it is over")
	}
	ctx, stop := context.WithTimeout(ctx, d)
	return wait{ctx.Done(), stop}, err
}
