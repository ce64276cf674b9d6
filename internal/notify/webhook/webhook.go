package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/andon-dev/andon/internal/notify"
)

const (
	timeout      = 10 * time.Second // of a request with all its redirects
	maxRedirects = 3
	maxBody      = 64 << 10 // bytes of a response that are read
)

// Options of one sink.
type Options struct {
	URL       string            // absolute, http or https
	Secret    notify.Secret     // nil = messages are not signed
	Transport http.RoundTripper // nil = http.DefaultTransport
	Clock     func() time.Time  // nil = the system's
}

// Sink posts messages to one URL. It is safe for concurrent use.
type Sink struct {
	url    string
	secret notify.Secret
	clock  func() time.Time
	client http.Client
}

// New returns a sink; nothing is contacted yet.
func New(o Options) *Sink {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return &Sink{
		url: o.URL, secret: o.Secret, clock: o.Clock,
		client: http.Client{Transport: o.Transport, Timeout: timeout, CheckRedirect: sameHost},
	}
}

// sameHost follows only redirects that keep method, body and host: the message
// is for whoever was configured.
func sameHost(req *http.Request, via []*http.Request) error {
	first := via[0]
	if len(via) > maxRedirects || req.Method != first.Method || req.URL.Host != first.URL.Host || req.URL.Scheme != first.URL.Scheme {
		return http.ErrUseLastResponse
	}
	return nil
}

// Send implements notify.Sink.
func (s *Sink) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	return notify.Receipt{}, s.post(ctx, m)
}

func (s *Sink) post(ctx context.Context, m notify.Message) error {
	body, err := json.Marshal(m)
	if err != nil {
		return notify.Permanent(fmt.Errorf("the message cannot be written as JSON: %w", err))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return notify.Permanent(errors.New("the URL of the webhook is not valid"))
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "andon")
	req.Header.Set("Idempotency-Key", m.Key)
	if s.secret != nil {
		secret, err := s.secret()
		if err != nil {
			return err
		}
		req.Header.Set("Andon-Signature", Sign(secret, s.clock(), body))
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return fmt.Errorf("%s did not answer: %w", req.URL.Host, notify.WithoutURL(err))
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, maxBody) // only so that the connection can be used again
	return notify.Answered(req.URL.Host, resp, s.clock())
}

// Sign returns the value of the Andon-Signature header.
func Sign(secret []byte, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}
