package client

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The names of the frames of a board's stream.
const (
	FrameEvent = "event" // CardEvent
	FrameReset = "reset" // Reset
	FrameLine  = "line"  // Line
	FrameGates = "gates" // Gates
	FrameInbox = "inbox" // Count, of all that waits for a human
	FrameChunk = "chunk" // LogPiece, in the stream of a log
	FrameEnd   = "end"   // LogEnd of a log, BoardEnd of a board: the last one
)

// Frame is one message of a stream.
type Frame struct {
	ID   int64 // resumes a stream after this frame; 0 if it does not count
	Name string
	Data json.RawMessage
}

// CardEvent is an event, and its task's card as it was when it was told; null if
// the task is gone.
type CardEvent struct {
	Event Event `json:"event"`
	Card  *Card `json:"card"`
}

// Reset says that events are missing: what is shown has to be loaded anew.
type Reset struct {
	Reason      string `json:"reason"`
	LatestEvent int64  `json:"latest_event" doc:"the stream goes on after this one"`
}

// BoardEnd says why a board is followed no longer: it was archived. Once it is
// restored its stream goes on.
type BoardEnd struct {
	Reason string `json:"reason"`
}

// Line is the last line of what a running worker has written.
type Line struct {
	Task string    `json:"task"`
	Run  int64     `json:"run"`
	Line string    `json:"line"`
	At   time.Time `json:"at"`
}

// Gates are cards whose gates opened or closed without an event of theirs.
type Gates struct {
	Cards []Card `json:"cards"`
}

// LogPiece is a piece of a log. The frame's ID is the offset after it.
type LogPiece struct {
	Offset int64  `json:"offset"`
	Text   string `json:"text"`
	Format string `json:"format,omitempty" doc:"the preset whose stream it is; absent = plain text"`
}

// LogEnd is how the run of a log ended.
type LogEnd struct {
	Exit    *int   `json:"exit"`
	Outcome string `json:"outcome"`
}

// StreamQuery says where a stream begins.
type StreamQuery struct {
	After int64  // the event after which; 0 = with the first, negative = from now on
	Task  string // "" = all
}

// Stream yields what happens on a board, until the context ends or the connection
// breaks: then the last error tells, and a stream after the last ID goes on where
// this one ended.
func (c *Client) Stream(ctx context.Context, board string, q StreamQuery) iter.Seq2[Frame, error] {
	v := url.Values{"after": {strconv.FormatInt(max(q.After, -1), 10)}}
	text(v, "task", q.Task)
	return c.frames(ctx, get("boards", board, "stream").where(v))
}

// LogStream yields the log of a run from an offset, which counts from the present
// end if it is negative, to its end.
func (c *Client) LogStream(ctx context.Context, board string, run, offset int64) iter.Seq2[Frame, error] {
	v := url.Values{"offset": {strconv.FormatInt(offset, 10)}}
	return c.frames(ctx, get("boards", board, "runs", strconv.FormatInt(run, 10), "log", "stream").where(v))
}

// frames reads server-sent events.
func (c *Client) frames(ctx context.Context, r request) iter.Seq2[Frame, error] {
	return func(yield func(Frame, error) bool) {
		resp, err := c.send(ctx, r)
		if err != nil {
			yield(Frame{}, err)
			return
		}
		defer resp.Body.Close()
		const longest = 16 << 20
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, longest)
		var f Frame
		for lines.Scan() {
			field, value, _ := strings.Cut(lines.Text(), ": ")
			switch field {
			case "id":
				f.ID, _ = strconv.ParseInt(value, 10, 64) // ours are numbers
			case "event":
				f.Name = value
			case "data":
				f.Data = json.RawMessage(value)
			case "":
				if f.Name != "" && !yield(f, nil) {
					return
				}
				if f.Name == FrameEnd {
					return
				}
				f = Frame{}
			}
		}
		err = cmp.Or(context.Cause(ctx), lines.Err(), io.EOF)
		yield(Frame{}, fmt.Errorf("%w: the stream ended: %w", ErrLost, err))
	}
}
