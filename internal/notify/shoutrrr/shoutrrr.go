// Package shoutrrr sends messages through the services that the library of that
// name knows: Discord, Matrix, e-mail, Gotify, Pushover, Teams and more. They
// cannot edit, so each message is a new one.
package shoutrrr

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"

	"github.com/andon-dev/andon/internal/notify"
)

const (
	maxText  = 1900 // runes; Discord takes 2000
	maxRow   = 600
	maxTitle = 120
)

// titled are the services that show a title, or call a message without one
// "Shoutrrr notification".
var titled = []string{"smtp", "gotify", "pushover", "pushbullet", "bark", "join"}

// Options of one sink.
type Options struct {
	URL     notify.Secret // as the library wants it; it holds keys
	Timeout time.Duration
}

// Sink sends to one service. It is safe for concurrent use.
type Sink struct{ Options }

// New returns a sink; nothing is contacted yet.
func New(o Options) *Sink { return &Sink{o} }

// Send implements notify.Sink. A service that does not answer in time is left to
// itself: the library cannot be interrupted.
func (s *Sink) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	raw, err := s.URL()
	if err != nil {
		return notify.Receipt{}, err
	}
	scheme, err := Check(string(raw))
	if err != nil {
		return notify.Receipt{}, notify.Permanent(err)
	}
	service, err := (&router.ServiceRouter{}).Locate(string(raw))
	if err != nil {
		return notify.Receipt{}, notify.Permanent(errors.New(scheme + " refuses its URL: " + scrub(err.Error(), string(raw))))
	}
	text, params := compose(scheme, m)
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	sent := make(chan error, 1)
	go func() { sent <- send(service, text, params) }()
	select {
	case err = <-sent:
	case <-ctx.Done():
		return notify.Receipt{}, fmt.Errorf("%s did not answer in %s", scheme, s.Timeout)
	}
	if err != nil {
		return notify.Receipt{}, judge(scheme, err, string(raw))
	}
	return notify.Receipt{}, nil
}

// Check returns the service that a URL names. Its errors do not show the URL.
func Check(raw string) (scheme string, err error) {
	scheme, _, found := strings.Cut(raw, "://")
	scheme, _, _ = strings.Cut(scheme, "+")
	scheme = strings.ToLower(scheme)
	if !found || !slices.Contains((&router.ServiceRouter{}).ListServices(), scheme) {
		return "", errors.New("the URL names no service that is known")
	}
	return scheme, nil
}

// send keeps a panic of a service from the gateway.
func send(service types.Service, text string, params *types.Params) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.New("the service panicked")
		}
	}()
	return service.Send(text, params)
}

func compose(scheme string, m notify.Message) (text string, params *types.Params) {
	lines := m.Lines(maxRow)
	params = &types.Params{}
	if slices.Contains(titled, scheme) && len(lines) > 0 {
		params.SetTitle(m.Lines(maxTitle)[0])
		if len(lines) > 1 {
			lines = lines[1:]
		}
	}
	if m.Link != "" {
		lines = append(lines, m.Link)
	}
	return notify.Fit(lines, maxText, utf8.RuneCountInString, func(n int) string {
		return fmt.Sprintf("and %d more: andon inbox", n)
	}), params
}

// judge takes an answer that no later one can better, where a service tells it in
// the words of HTTP; all else is temporary.
func judge(scheme string, err error, raw string) error {
	told := errors.New(scheme + " did not take it: " + scrub(err.Error(), raw))
	for status := 400; status < 500; status++ {
		said := http.StatusText(status)
		if said != "" && notify.Final(status) && strings.Contains(err.Error(), fmt.Sprintf("%d %s", status, said)) {
			return notify.Permanent(told)
		}
	}
	return told
}

var address = regexp.MustCompile(`[a-zA-Z][a-zA-Z0-9+.-]*://\S+`)

// scrub takes all addresses out of a text, and all parts of the service's URL:
// any may be a key.
func scrub(text, raw string) string {
	text = address.ReplaceAllString(strings.ReplaceAll(text, raw, "***"), "***")
	parts := []string{raw}
	if u, err := url.Parse(raw); err == nil {
		password, _ := u.User.Password()
		parts = append(parts, u.User.Username(), password, u.Hostname())
		parts = append(parts, strings.Split(u.Path, "/")...)
		for _, values := range u.Query() {
			parts = append(parts, values...)
		}
	}
	slices.SortFunc(parts, func(a, b string) int { return len(b) - len(a) })
	for _, part := range parts {
		for _, form := range []string{part, url.QueryEscape(part), url.PathEscape(part)} {
			if len(form) > 2 {
				text = strings.ReplaceAll(text, form, "***")
			}
		}
	}
	return notify.Clean(text)
}
