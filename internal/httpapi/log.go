package httpapi

import (
	"context"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

// LogReader reads the log of one run over all its generations. Offsets are
// bytes from the beginning of the run's output; they hold through rotation.
type LogReader interface {
	io.ReaderAt
	io.Closer
	// Bounds are the offsets of the oldest kept byte and of the present end.
	// An open run that has written nothing yet has the bounds 0, 0.
	Bounds() (start, end int64, err error)
	// Changed receives after more was written; signals coalesce. It may be
	// nil for the log of a run that has ended.
	Changed() <-chan struct{}
	// Format names the preset whose stream it is; "" = plain text.
	Format() string
}

type logInput struct {
	RunPath
	Offset int64  `query:"offset" doc:"bytes from the beginning of the run; negative: from the present end"`
	Limit  int    `query:"limit" minimum:"16" maximum:"1048576" doc:"bytes; 65536 if absent"`
	Wait   string `query:"wait" doc:"how long to wait for more, a duration of at most 60s"`
}

const logLimit = 64 << 10

func (s *server) log(ctx context.Context, in *logInput) (*message[client.LogChunk], error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	waiting, err := waitFor(ctx, in.Wait)
	if err != nil {
		return nil, err
	}
	defer waiting.stop()
	run, err := findRun(ctx, b, in.Run)
	if err != nil {
		return nil, err
	}
	log, err := s.o.OpenLog(ctx, b.Slug(), run)
	if err != nil {
		return nil, err
	}
	chunk, err := follow(ctx, b, log, in, waiting)
	return answer(chunk, errors.Join(err, log.Close()))
}

// follow returns the next piece of a log; it waits for one if it may. The run is
// read before its log, so that "ended" means that the log is whole.
func follow(ctx context.Context, b *board.Board, log LogReader, in *logInput, waiting wait) (client.LogChunk, error) {
	changed, stop := b.Store().Changes()
	defer stop()
	offset := in.Offset
	for {
		run, err := b.Run(ctx, in.Run)
		if err != nil {
			return client.LogChunk{}, err
		}
		chunk, err := readChunk(log, run, offset, in.Limit)
		chunk.Format = log.Format()
		if err != nil || chunk.Data != "" || chunk.Done {
			return chunk, err
		}
		offset = chunk.Next
		select {
		case <-log.Changed():
		case <-changed:
		case <-b.Store().Closed(): // the next look says so
		case <-waiting.over:
			return chunk, nil
		}
	}
}

// readChunk reads whole characters. What is cut off at the end of a log that
// grows comes with the next piece.
func readChunk(log LogReader, run kanban.Run, offset int64, limit int) (client.LogChunk, error) {
	start, end, err := log.Bounds()
	if err != nil {
		return client.LogChunk{}, err
	}
	tail := offset < 0
	if tail {
		offset += end
	}
	offset = min(max(offset, start), end)
	if limit == 0 {
		limit = logLimit
	}
	raw := make([]byte, min(int64(limit), end-offset))
	n, err := log.ReadAt(raw, offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return client.LogChunk{}, err
	}
	raw = raw[:n]
	if tail {
		skip := partialHead(raw)
		raw, offset = raw[skip:], offset+int64(skip)
	}
	ended := !run.Open() && !run.Live
	if more := offset+int64(len(raw)) < end; more || !ended {
		raw = raw[:len(raw)-partialTail(raw)]
	}
	next := offset + int64(len(raw))
	return client.LogChunk{
		Run: run.ID, Offset: offset, Data: strings.ToValidUTF8(string(raw), "\uFFFD"), Next: next, Done: ended && next == end,
	}, nil
}

// partialHead counts the bytes that continue a character begun before.
func partialHead(b []byte) int {
	n := 0
	for n < len(b) && n < utf8.UTFMax-1 && !utf8.RuneStart(b[n]) {
		n++
	}
	return n
}

// partialTail counts the bytes of a character that is not complete yet.
func partialTail(b []byte) int {
	for n := 1; n <= min(len(b), utf8.UTFMax-1); n++ {
		if at := b[len(b)-n:]; utf8.RuneStart(at[0]) {
			if utf8.FullRune(at) {
				return 0
			}
			return n
		}
	}
	return 0
}
