package httpapi

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

func (s *server) streamRoutes() {
	route(s, http.MethodGet, boardPath+"/stream", "stream-board", "Follow a board: server-sent events, each with the card that it changed", s.streamBoard)
	route(s, http.MethodGet, boardPath+"/runs/{run}/log/stream", "stream-log", "Follow the log of a run to its end: server-sent events", s.streamLog)
}

type streamInput struct {
	BoardPath
	After       int64  `query:"after" minimum:"-1" default:"-1" doc:"begin after this event; from now on if absent"`
	Task        string `query:"task" doc:"only of this task"`
	LastEventID int64  `header:"Last-Event-ID" minimum:"-1" default:"-1" doc:"counts more than after: browsers send it when they come back"`
}

// maxBehind is how many events a stream makes up for. Who missed more loads the
// page anew.
const maxBehind = 5000

func (s *server) streamBoard(ctx context.Context, in *streamInput) (*huma.StreamResponse, error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	v := viewer{s: s, b: b, cursor: max(in.After, -1)}
	if in.LastEventID >= 0 {
		v.cursor = in.LastEventID
	}
	if in.Task != "" {
		if v.task, err = resolve(ctx, b, in.Task); err != nil {
			return nil, err
		}
		if err := b.MayRead(ctx, actor(ctx), v.task); err != nil {
			return nil, err
		}
	}
	if v.cursor < 0 {
		if v.cursor, err = b.LastEvent(ctx); err != nil {
			return nil, err
		}
	}
	return s.stream(v.watch), nil
}

// viewer is one who follows a board.
type viewer struct {
	s      *server
	b      *board.Board
	task   string // "" = all
	cursor int64  // the last event that was passed on, or was not for this one
	out    *sse
}

// watch passes on what comes until the reader goes, the gateway stops or the
// board is closed. One that is not there any more is told at the end.
func (v *viewer) watch(r *http.Request, out *sse) error {
	v.out = out
	return errors.Join(v.follow(r), v.farewell(r.Context()))
}

// farewell says that the board is gone, if that ended the stream.
func (v *viewer) farewell(ctx context.Context) error {
	select {
	case <-v.b.Store().Closed():
	default:
		return nil
	}
	_, why := v.s.o.Boards.Board(ctx, v.b.Slug())
	if kanban.CodeOf(why) != kanban.NotFound {
		return nil
	}
	v.out.event(0, client.FrameEnd, encoded(client.BoardEnd{Reason: why.Error()}))
	return v.out.flush()
}

// follow is either behind, and reads events for itself, or it takes what the
// tail has made for all.
func (v *viewer) follow(r *http.Request) error {
	ctx := r.Context()
	t, leave, err := v.s.tails.follow(ctx, v.b)
	if err != nil {
		return err
	}
	defer leave()
	heard, stop := t.hear()
	defer stop()
	beats := time.NewTicker(beat)
	defer beats.Stop()
	if err := v.startOver(ctx); err != nil {
		return err
	}
	for {
		next, kept := t.join(v.cursor)
		if !kept {
			if err := v.catchUp(ctx); err != nil {
				return err
			}
			continue
		}
		for kept {
			var frames []frame
			if frames, kept = t.from(next); !kept {
				break
			}
			next += int64(len(frames))
			if err := v.pass(ctx, frames); err != nil {
				return err
			}
			if len(frames) > 0 {
				continue
			}
			select {
			case <-heard:
			case <-beats.C:
				if err := stillMay(r); err != nil {
					return err
				}
				if err := v.out.beat(); err != nil {
					return err
				}
			case <-t.gone:
				return nil
			case <-ctx.Done():
				return nil
			}
		}
	}
}

// startOver tells to load the page anew, and goes on from now, if what came after
// the cursor cannot be told one by one.
func (v *viewer) startOver(ctx context.Context) error {
	why, last, err := lost(ctx, v.b, v.cursor)
	if err != nil || why == "" {
		return err
	}
	v.cursor = last
	v.out.event(last, client.FrameReset, encoded(client.Reset{Reason: why, LatestEvent: last}))
	return v.out.flush()
}

// catchUp passes on one batch of events from the store.
func (v *viewer) catchUp(ctx context.Context) error {
	if err := v.startOver(ctx); err != nil {
		return err
	}
	frames, err := v.s.framesAfter(ctx, v.b, v.cursor)
	if err != nil {
		return err
	}
	return v.pass(ctx, frames)
}

// lost says why events after a cursor cannot be told one by one, "" if they can.
func lost(ctx context.Context, b *board.Board, cursor int64) (why string, last int64, err error) {
	err = b.Store().View(ctx, func(r store.Reader) error {
		if last, err = r.LastEvent(); err != nil {
			return err
		}
		switch {
		case cursor > last:
			why = "the board is another one, or went back to an earlier state"
			return nil
		case last-cursor > maxBehind:
			why = "too much has happened since"
			return nil
		}
		forgotten, err := board.Forgotten(r, cursor)
		if forgotten {
			why = "retention has taken events since"
		}
		return err
	})
	return why, last, err
}

// pass writes the frames that are for this viewer and new to it.
func (v *viewer) pass(ctx context.Context, frames []frame) error {
	if len(frames) == 0 {
		return nil
	}
	seen, err := inSight(ctx, v.b)
	if err != nil {
		return err
	}
	variant := 0
	if mayAsk(ctx, "move-task") == nil {
		variant = 1
	}
	for _, f := range frames {
		if f.id != 0 && f.id <= v.cursor {
			continue
		}
		v.cursor = max(v.cursor, f.id)
		if f.task == "" && seen != nil || f.task != "" && !seen.has(f.task) || v.task != "" && f.task != v.task {
			continue
		}
		v.out.event(f.id, f.name, f.data[variant])
	}
	return v.out.flush()
}

// stillMay asks again who it is: a run may have ended since, and a credential
// been withdrawn.
func stillMay(r *http.Request) error {
	again, known := r.Context().Value(againKey{}).(func() error)
	if !known {
		return nil
	}
	return again()
}
