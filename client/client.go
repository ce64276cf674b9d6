package client

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Client speaks to one server. It is safe for concurrent use.
type Client struct {
	http *http.Client
	base string // without the slash at the end
	o    Options
}

// Options of a client. The zero value is good.
type Options struct {
	As        string        // who acts, recorded as "NAME by USER"; the server ignores it inside a run
	Timeout   time.Duration // longest wait for an answer to begin, beyond what a long poll asks for; 0 = no limit
	UserAgent string        // for example "andon/1.2.0"; "" = "andon-client"
	Role      string        // "" or Orchestrator: an agent that acts for a human, and opens no gate of humans
	Bearer    string        // a run's credential, as Bearer makes it; the server ignores it inside another run
}

// Orchestrator is the role of an agent that acts for a human.
const Orchestrator = "orchestrator"

// Bearer is the credential of a run: whoever shows it acts as that run and may
// do no more than it. board may be any spelling, or "" for the selected one.
func Bearer(board string, l Lease) string {
	bearer := strconv.FormatInt(l.Run, 10) + "." + l.Token
	if board == "" {
		return bearer
	}
	return strings.ToLower(strings.TrimSpace(board)) + "." + bearer
}

// Dial returns a client of a server: "unix:/path/to/andon.sock", or a URL such
// as "https://andon.example.org". It connects at the first call.
func Dial(server string, o Options) (*Client, error) {
	if path, ok := strings.CutPrefix(server, "unix:"); ok {
		path = "/" + strings.TrimLeft(path, "/")
		return New(&http.Transport{
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, "unix", path)
			},
			DisableCompression: true,
			IdleConnTimeout:    90 * time.Second,
		}, "http://andon", o), nil
	}
	u, err := url.Parse(server)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("%q is not a server: want unix:/path, http://host or https://host", server)
	}
	return New(http.DefaultTransport.(*http.Transport).Clone(), server, o), nil
}

// New returns a client over a round tripper, for example Handler's; base is the
// server's URL.
func New(rt http.RoundTripper, base string, o Options) *Client {
	if o.UserAgent == "" {
		o.UserAgent = "andon-client"
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // the API sends nobody elsewhere
	return &Client{http: &http.Client{Transport: rt, CheckRedirect: stay}, base: strings.TrimRight(base, "/"), o: o}
}
