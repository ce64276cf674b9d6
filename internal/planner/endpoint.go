package planner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/shared"
)

const (
	maxAnswer     = 1 << 20        // bytes of a response
	maxRetryAfter = 24 * time.Hour // that an endpoint can ask for
)

// Endpoint is a mind behind the chat completions of OpenAI, or of any server
// that speaks them.
type Endpoint struct {
	URL       string                 // up to what stands before /chat/completions
	Model     string                 // its name there
	Key       func() ([]byte, error) // asked before each call; nil = none
	Transport http.RoundTripper      // nil = http.DefaultTransport
	Clock     func() time.Time       // nil = the system's
}

// Name is the model's.
func (e *Endpoint) Name() string { return e.Model }

// Answer asks once. A server that does not know the form of answers is asked
// without it: the rules ask for it in words, too.
func (e *Endpoint) Answer(ctx context.Context, q Question) (string, error) {
	key := ""
	if e.Key != nil {
		raw, err := e.Key()
		if err != nil {
			return "", troublef(true, "%v", err)
		}
		key = string(raw)
	}
	p := openai.ChatCompletionNewParams{
		Model: e.Model,
		Messages: []openai.ChatCompletionMessageParamUnion{
			openai.SystemMessage(q.Rules), openai.UserMessage(q.Data),
		},
		ResponseFormat: openai.ChatCompletionNewParamsResponseFormatUnion{
			OfJSONSchema: &shared.ResponseFormatJSONSchemaParam{
				JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{Name: "plan", Strict: openai.Bool(true), Schema: q.Schema},
			},
		},
	}
	text, err := e.call(ctx, key, p)
	if unknownForm(err) {
		p.ResponseFormat = openai.ChatCompletionNewParamsResponseFormatUnion{}
		text, err = e.call(ctx, key, p)
	}
	if err != nil {
		return "", e.trouble(err, key)
	}
	return text, nil
}

func (e *Endpoint) call(ctx context.Context, key string, p openai.ChatCompletionNewParams) (string, error) {
	// The service alone: a whole client would read keys and addresses from the
	// environment.
	service := openai.NewChatCompletionService(
		option.WithBaseURL(e.URL), option.WithAPIKey(key), option.WithMaxRetries(0),
		option.WithHTTPClient(&http.Client{Transport: limited{e.Transport}, CheckRedirect: refuseRedirect}),
	)
	c, err := service.New(ctx, p)
	if err != nil {
		return "", err
	}
	if c == nil || len(c.Choices) == 0 { // nil for the answer "null"
		return "", troublef(false, "the answer holds no choice")
	}
	choice := c.Choices[0]
	switch {
	case choice.Message.Refusal != "":
		return "", troublef(false, "the model refuses: %s", choice.Message.Refusal)
	case choice.FinishReason == "length":
		return "", troublef(false, "the answer was cut off at the model's limit")
	case choice.FinishReason == "content_filter":
		return "", troublef(true, "the endpoint filtered the answer")
	}
	return choice.Message.Content, nil
}

// unknownForm reports whether a server may have refused the form of answer that
// was asked for.
func unknownForm(err error) bool {
	var api *openai.Error
	return errors.As(err, &api) && (api.StatusCode == http.StatusBadRequest || api.StatusCode == http.StatusUnprocessableEntity) &&
		strings.Contains(strings.ToLower(api.Message+api.Param+api.RawJSON()), "response_format")
}

// trouble puts a failure into words without the key and without the address,
// whose path may be one.
func (e *Endpoint) trouble(err error, key string) *Trouble {
	t := e.judge(err)
	t.Reason = strings.Join(strings.Fields(t.Reason), " ")
	if key != "" {
		t.Reason = strings.ReplaceAll(t.Reason, key, "***")
	}
	t.Reason = strings.ReplaceAll(t.Reason, e.URL, "the endpoint")
	t.Reason = cut(t.Reason, 300)
	return t
}

func (e *Endpoint) judge(err error) *Trouble {
	var t *Trouble
	var api *openai.Error
	var web *url.Error
	var bad *json.SyntaxError
	switch {
	case errors.As(err, &t):
		return t
	case errors.As(err, &api):
		return e.status(api)
	case errors.Is(err, errTooLong), errors.Is(err, errRedirect):
		return troublef(errors.Is(err, errRedirect), "%v", rootOf(err))
	case errors.As(err, &web):
		return troublef(false, "the endpoint cannot be reached: %v", web.Err)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return troublef(false, "the connection broke off within the answer")
	case errors.As(err, &bad):
		return troublef(false, "the answer is no JSON: %v", bad)
	}
	return troublef(false, "the answer is no chat completion: %v", err)
}

func rootOf(err error) error {
	if errors.Is(err, errTooLong) {
		return errTooLong
	}
	return errRedirect
}

func (e *Endpoint) status(api *openai.Error) *Trouble {
	said := fmt.Sprintf("%d %s", api.StatusCode, http.StatusText(api.StatusCode))
	if api.Message != "" {
		said += ": " + cut(api.Message, 200)
	}
	switch code := api.StatusCode; {
	case code == http.StatusTooManyRequests:
		return &Trouble{Reason: "the endpoint asks to come later: " + said, After: e.retryAfter(api.Response)}
	case code == http.StatusServiceUnavailable:
		return &Trouble{Reason: "the endpoint failed: " + said, After: e.retryAfter(api.Response)}
	case code == http.StatusRequestTimeout, code == http.StatusConflict, code == http.StatusTooEarly, code >= 500:
		return troublef(false, "the endpoint failed: %s", said)
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		return troublef(true, "the endpoint refuses the key: %s", said)
	case code == http.StatusNotFound:
		return troublef(true, "the endpoint knows no such model or path: %s", said)
	}
	return troublef(true, "the endpoint refuses the request: %s", said)
}

// retryAfter reads the header in both of its forms.
func (e *Endpoint) retryAfter(r *http.Response) time.Duration {
	if r == nil {
		return 0
	}
	said := r.Header.Get("Retry-After")
	if n, err := strconv.ParseInt(said, 10, 32); err == nil && n > 0 {
		return min(time.Duration(n)*time.Second, maxRetryAfter)
	}
	if at, err := http.ParseTime(said); err == nil {
		now := time.Now
		if e.Clock != nil {
			now = e.Clock
		}
		return min(max(0, at.Sub(now())), maxRetryAfter)
	}
	return 0
}

var (
	errTooLong  = fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	errRedirect = errors.New("the endpoint redirects; name the address that it leads to")
)

// refuseRedirect keeps key and text at the host that andon.yaml names.
func refuseRedirect(*http.Request, []*http.Request) error { return errRedirect }

// limited ends answers that are too long.
type limited struct{ next http.RoundTripper }

func (l limited) RoundTrip(r *http.Request) (*http.Response, error) {
	next := l.next
	if next == nil {
		next = http.DefaultTransport
	}
	resp, err := next.RoundTrip(r)
	if err == nil {
		resp.Body = &limitedBody{ReadCloser: resp.Body, left: maxAnswer}
	}
	return resp, err
}

type limitedBody struct {
	io.ReadCloser
	left int
}

func (b *limitedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLong
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
