package httpapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/andon-dev/andon/client"
)

type streamLogInput struct {
	RunPath
	Offset      int64 `query:"offset" doc:"bytes from the beginning of the run; negative: from the present end"`
	LastEventID int64 `header:"Last-Event-ID" minimum:"-1" default:"-1" doc:"counts more than offset: browsers send it when they come back"`
}

// streamLog follows the log of a run to its end. The id of a piece is the offset
// after it.
func (s *server) streamLog(ctx context.Context, in *streamLogInput) (*huma.StreamResponse, error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	run, err := findRun(ctx, b, in.Run)
	if err != nil {
		return nil, err
	}
	ask := logInput{RunPath: in.RunPath, Offset: in.Offset}
	if in.LastEventID >= 0 {
		ask.Offset = in.LastEventID
	}
	return s.stream(func(r *http.Request, out *sse) (err error) {
		ctx := r.Context()
		log, err := s.o.OpenLog(ctx, b.Slug(), run)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, log.Close()) }()
		for ctx.Err() == nil {
			again, stop := context.WithTimeout(ctx, beat)
			chunk, err := follow(ctx, b, log, &ask, wait{again.Done(), stop})
			stop()
			if err != nil {
				return err
			}
			ask.Offset = chunk.Next
			switch {
			case chunk.Data != "":
				out.event(chunk.Next, client.FrameChunk, encoded(client.LogPiece{Offset: chunk.Offset, Text: chunk.Data, Format: chunk.Format}))
				err = out.flush()
			case !chunk.Done:
				err = errors.Join(stillMay(r), out.beat())
			}
			if err == nil && chunk.Done {
				ended, err := b.Run(ctx, run.ID)
				if err != nil {
					return err
				}
				out.event(0, client.FrameEnd, encoded(client.LogEnd{Exit: ended.ExitCode, Outcome: string(ended.Outcome)}))
				return out.flush()
			}
			if err != nil {
				return err
			}
		}
		return nil
	}), nil
}
