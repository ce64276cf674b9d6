// Package ntfy publishes messages to topics of an ntfy server, as JSON
// (https://docs.ntfy.sh/publish/#publish-as-json).
//
// A message has the priority high if somebody has to act on it, else low, which
// makes no sound. It has a sequence id made of its key, so that a copy replaces
// the first; servers from 2.16 on also let the message of a task be updated so.
package ntfy

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/notify"
)

const (
	timeout  = 10 * time.Second
	maxText  = 4096 // bytes; a longer text becomes an attachment
	maxTitle = 200  // runes
	maxRow   = 600  // runes
	maxBody  = 64 << 10

	high, low = 4, 2
)

// Options of one sink.
type Options struct {
	URL       string            // of the server, such as https://ntfy.sh
	Topic     string            // for subscriptions without a target
	Token     notify.Secret     // nil = anybody may publish
	Transport http.RoundTripper // nil = http.DefaultTransport
	Clock     func() time.Time  // nil = the system's
}

// Sink publishes to one server. It is safe for concurrent use.
type Sink struct {
	Options
	client http.Client
}

// New returns a sink; nothing is contacted yet.
func New(o Options) *Sink {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Sink{Options: o, client: http.Client{Transport: o.Transport, Timeout: timeout, CheckRedirect: stay}}
}

type publication struct {
	Topic    string   `json:"topic"`
	Sequence string   `json:"sequence_id"`
	Title    string   `json:"title"`
	Message  string   `json:"message"`
	Tags     []string `json:"tags,omitempty"`
	Priority int      `json:"priority"`
	Click    string   `json:"click,omitempty"`
	Actions  []action `json:"actions,omitempty"`
}

type action struct {
	Action string `json:"action"`
	Label  string `json:"label"`
	URL    string `json:"url"`
}

// Send implements notify.Sink. The receipt is the sequence id.
func (s *Sink) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	p := compose(m)
	if p.Topic = m.Target; p.Topic == "" {
		p.Topic = s.Topic
	}
	if p.Topic == "" {
		return notify.Receipt{}, notify.Permanent(errors.New("neither the subscription nor the sink names a topic"))
	}
	body, err := json.Marshal(p)
	if err != nil {
		return notify.Receipt{}, notify.Permanent(fmt.Errorf("the message cannot be written as JSON: %w", err))
	}
	if err := s.post(ctx, body); err != nil {
		return notify.Receipt{}, err
	}
	return notify.Receipt{Ref: p.Sequence}, nil
}

func (s *Sink) post(ctx context.Context, body []byte) error {
	address, err := url.Parse(s.URL)
	if err != nil {
		return notify.Permanent(errors.New("the URL of the server is not valid"))
	}
	address.Path = "/"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address.String(), bytes.NewReader(body))
	if err != nil {
		return notify.Permanent(errors.New("the URL of the server is not valid"))
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "andon")
	if s.Token != nil {
		token, err := s.Token()
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+string(token))
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return fmt.Errorf("%s did not answer: %w", req.URL.Host, notify.WithoutURL(err))
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, maxBody) // only so that the connection can be used again
	return notify.Answered(req.URL.Host, resp, s.Clock())
}

func compose(m notify.Message) publication {
	p := publication{Sequence: sequence(m.Key), Priority: low, Click: m.Link}
	if m.Prior != "" && !m.Attention {
		p.Sequence = m.Prior
	}
	switch {
	case m.Attention:
		p.Priority, p.Tags = high, []string{"warning"}
	case m.Event.Kind == kanban.EvCompleted:
		p.Tags = []string{"white_check_mark"}
	}
	lines := m.Lines(maxRow)
	if m.Head != "" && len(lines) > 1 {
		p.Title, lines = m.Lines(maxTitle)[0], lines[1:]
	}
	p.Message = notify.Fit(lines, maxText, func(line string) int { return len(line) }, func(n int) string {
		return fmt.Sprintf("and %d more: andon inbox", n)
	})
	if m.Link != "" {
		p.Actions = []action{{"view", "Open", m.Link}}
	}
	return p
}

// sequence names a message in the letters that a sequence id may have.
func sequence(key string) string {
	sum := sha256.Sum256([]byte(key))
	return "andon-" + hex.EncodeToString(sum[:16])
}
