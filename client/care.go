package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
)

// Verification is what a board's rows say against one another.
type Verification struct {
	Board    string          `json:"board"`
	Errors   int             `json:"errors" doc:"findings that are no warnings"`
	Findings []Contradiction `json:"findings" doc:"the first 10000"`
}

// Contradiction is something that cannot have come about by the rules.
type Contradiction struct {
	Rule     string `json:"rule"`
	Severity string `json:"severity" doc:"warning where another program has written, error or critical"`
	Task     string `json:"task,omitempty"`
	Run      int64  `json:"run,omitempty"`
	Event    int64  `json:"event,omitempty"`
	What     string `json:"what"`
}

// ImportReply tells of the board that an import made.
type ImportReply struct {
	Board          string         `json:"board"`
	Counts         map[string]int `json:"counts"`
	Ended          int            `json:"ended" doc:"runs that were open when the board was exported"`
	Contradictions int            `json:"contradictions,omitempty" doc:"errors that verify finds"`
}

// Verify holds a board's rows against its events; with artifacts it reads every
// kept file, too. It changes nothing.
func (c *Client) Verify(ctx context.Context, board string, artifacts bool) (Verification, error) {
	q := url.Values{}
	flag(q, "artifacts", artifacts)
	return call[Verification](ctx, c, get("boards", board, "verification").where(q))
}

// Export copies the stream of a board to w, with the files that its runs left
// if asked.
//
// Errors: ErrLost if the stream was cut off; what w holds is worthless then.
func (c *Client) Export(ctx context.Context, board string, artifacts bool, w io.Writer) error {
	q := url.Values{}
	flag(q, "artifacts", artifacts)
	resp, err := c.send(ctx, get("boards", board, "export").where(q))
	if err != nil {
		return err
	}
	end := &tail{}
	_, err = io.Copy(io.MultiWriter(w, end), resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return fmt.Errorf("%w: the export is cut off: %w", ErrLost, err)
	}
	if !end.whole() {
		return fmt.Errorf("%w: the export is cut off", ErrLost)
	}
	return nil
}

// tail keeps the end of a stream.
type tail struct{ last []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.last = append(t.last, p...)
	if over := len(t.last) - 4096; over > 0 {
		t.last = append(t.last[:0], t.last[over:]...)
	}
	return len(p), nil
}

// whole reports whether the last line is a trailer.
func (t *tail) whole() bool {
	text, ended := strings.CutSuffix(string(t.last), "\n")
	return ended && strings.HasPrefix(text[strings.LastIndexByte(text, '\n')+1:], `{"trailer":`)
}

// Import makes a new board of an exported stream, all of it or none; board ""
// names it as the stream does. It is sent once: a lost answer leaves open whether
// there is a board now.
func (c *Client) Import(ctx context.Context, board string, stream io.Reader) (ImportReply, error) {
	q := url.Values{}
	text(q, "board", board)
	r := post("imports").where(q)
	r.stream = stream
	return call[ImportReply](ctx, c, r)
}
