package httpapi

import (
	"context"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/store"
)

func (s *server) listMutes(ctx context.Context, in *BoardPath) (*message[client.Page[client.Mute]], error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	all, err := b.Mutes(ctx)
	return whole(each(all, wireMute), err)
}

type muteInput struct {
	BoardPath
	Body client.MuteCreate
}

func (s *server) mute(ctx context.Context, in *muteInput) (*message[client.Mute], error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	m := store.Mute{Until: since(in.Body.Until)}
	if in.Body.Task != "" {
		if m.Task, err = resolve(ctx, b, in.Body.Task); err != nil {
			return nil, err
		}
	}
	place, err := s.place(in.Body.Place)
	if err != nil {
		return nil, err
	}
	if m, err = b.Mute(ctx, actor(ctx), place, m); err != nil {
		return nil, err
	}
	out := wireMute(board.Muted{Mute: m, Place: place})
	if warning := b.SinkWarning(place.Sink); warning != "" {
		out.Warnings = []string{warning}
	}
	return answer(out, nil)
}

type unmuteInput struct {
	BoardPath
	Sink   string `query:"sink" required:"true" doc:"name of a sink in andon.yaml"`
	Target string `query:"target"`
	Thread string `query:"thread"`
	Task   string `query:"task" doc:"absent: what keeps it from hearing of anything"`
}

func (s *server) unmute(ctx context.Context, in *unmuteInput) (*nothing, error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	task := in.Task
	if task != "" {
		if task, err = resolve(ctx, b, task); err != nil {
			return nil, err
		}
	}
	place, err := s.place(client.Place{Sink: in.Sink, Target: in.Target, Thread: in.Thread})
	if err != nil {
		return nil, err
	}
	return done(b.Unmute(ctx, actor(ctx), place, task))
}

type replayInput struct {
	BoardPath
	Body client.ReplayCreate
}

func (s *server) replay(ctx context.Context, in *replayInput) (*message[client.Replayed], error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	w := in.Body
	r, err := b.Replay(ctx, actor(ctx), board.Replay{Event: w.Event, Since: since(w.Since), Subscription: w.Subscription})
	return answer(client.Replayed{Messages: r.Messages, Event: r.Event, Forgotten: r.Forgotten}, err)
}

type testSinkInput struct {
	BoardPath
	Body client.Place
}

func (s *server) testSink(ctx context.Context, in *testSinkInput) (*message[client.SinkTest], error) {
	if _, err := human(ctx, "test of a sink"); err != nil {
		return nil, err
	}
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	place, err := s.place(in.Body)
	if err != nil {
		return nil, err
	}
	ref, err := s.o.TestSink(ctx, b.Slug(), place)
	return answer(client.SinkTest{Place: in.Body, Ref: ref}, err)
}
