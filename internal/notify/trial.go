package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/andon-dev/andon/internal/store"
)

// Trial sends a message to a place that says only that it is one, now and once.
//
// Errors: those of the sink.
func Trial(ctx context.Context, sink Sink, board string, to store.Destination, now time.Time) (Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	m := Message{
		Key:   fmt.Sprintf("%s-test-%d", board, now.UnixNano()),
		Board: board, Target: to.Target, Thread: to.Thread,
		Event: Event{Kind: "test", Payload: map[string]any{}, At: now.UTC()},
		Head:  "Sink " + to.Sink + " of board " + board + " works",
	}
	m.Text = m.sentences()
	return sink.Send(ctx, m)
}
