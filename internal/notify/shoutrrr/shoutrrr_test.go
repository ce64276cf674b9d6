package shoutrrr_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/notify"
	"github.com/andon-dev/andon/internal/notify/shoutrrr"
)

var asks = notify.Message{
	Key: "default-1-7", Board: "default", Attention: true, Event: notify.Event{Kind: "blocked"},
	Head: "t_1 asks", Detail: "Which port?", Next: "Answer it: andon answer t_1 TEXT", Link: "https://andon.test/t_1",
}

const text = "t_1 asks\nWhich port?\nAnswer it: andon answer t_1 TEXT\nhttps://andon.test/t_1"

func send(t *testing.T, address string, m notify.Message) error {
	t.Helper()
	url := func() ([]byte, error) { return []byte(address), nil }
	_, err := shoutrrr.New(shoutrrr.Options{URL: url, Timeout: 10 * time.Second}).Send(t.Context(), m)
	return err
}

// web is a server that answers with one status, and what it got.
func web(t *testing.T, status int) (host string, got *[]string) {
	got = new([]string)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		*got = append(*got, r.URL.Path+" "+string(body))
		w.WriteHeader(status)
	}))
	t.Cleanup(srv.Close)
	return strings.TrimPrefix(srv.URL, "http://"), got
}

func TestGeneric(t *testing.T) {
	host, got := web(t, 200)
	if err := send(t, "generic://"+host+"/hook?disabletls=yes", asks); err != nil {
		t.Fatal(err)
	}
	if (*got)[0] != "/hook "+text {
		t.Errorf("got %q", *got)
	}
}

// redirected brings all that goes to one host to another: Discord's address
// stands in the library.
type redirected struct {
	from, to string
	next     http.RoundTripper
}

func (r redirected) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host != r.from {
		return nil, errors.New("a request to " + req.URL.Host)
	}
	req = req.Clone(req.Context())
	req.URL.Scheme, req.URL.Host = "http", r.to
	return r.next.RoundTrip(req)
}

func TestDiscord(t *testing.T) {
	host, got := web(t, 204)
	ours := http.DefaultTransport
	http.DefaultTransport = redirected{"discord.com", host, ours}
	defer func() { http.DefaultTransport = ours }()
	if err := send(t, "discord://hushhush@4711", asks); err != nil {
		t.Fatal(err)
	}
	if len(*got) != 1 || !strings.HasPrefix((*got)[0], "/api/webhooks/4711/hushhush ") || !strings.Contains((*got)[0], "Which port?") {
		t.Errorf("got %q", *got)
	}
}

func TestGotify(t *testing.T) {
	host, got := web(t, 200)
	err := send(t, "gotify://"+host+"/AzyoeNS.D4iJLVa?disabletls=yes", asks)
	if err != nil && len(*got) == 0 {
		t.Fatal(err)
	}
	if !strings.Contains((*got)[0], `"title": "t_1 asks"`) || !strings.Contains((*got)[0], "Which port?") {
		t.Errorf("got %q", *got)
	}
}

// mail is a mail server that takes everything and returns what it was told.
func mail(t *testing.T) (address string, got <-chan string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	told := make(chan string, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		var all strings.Builder
		defer func() { told <- all.String() }()
		say := func(line string) { _, _ = io.WriteString(c, line+"\r\n") }
		say("220 mail.test")
		data := false
		for lines := bufio.NewScanner(c); lines.Scan(); {
			line := lines.Text()
			all.WriteString(line + "\n")
			verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
			switch {
			case data && line == ".":
				data = false
				say("250 taken")
			case data:
			case verb == "DATA":
				data = true
				say("354 go on")
			case verb == "QUIT":
				say("221 bye")
				return
			default:
				say("250 fine")
			}
		}
	}()
	return l.Addr().String(), told
}

func TestSMTP(t *testing.T) {
	address, got := mail(t)
	err := send(t, "smtp://"+address+"/?from=andon@andon.test&to=ada@andon.test&usestarttls=no&encryption=none&auth=none", asks)
	if err != nil {
		t.Fatal(err)
	}
	mail := <-got
	for _, want := range []string{"MAIL FROM:<andon@andon.test>", "RCPT TO:<ada@andon.test>", "Subject: t_1 asks", "Which port?\nAnswer it: andon answer t_1 TEXT"} {
		if !strings.Contains(mail, want) {
			t.Errorf("no %q in %q", want, mail)
		}
	}
}

func TestG20_FailuresAreJudged(t *testing.T) {
	for status, permanent := range map[int]bool{400: true, 401: true, 404: true, 429: false, 500: false} {
		host, _ := web(t, status)
		err := send(t, "generic://"+host+"/hushhush?disabletls=yes", asks)
		var f *notify.Failure
		if got := errors.As(err, &f) && f.Permanent; err == nil || got != permanent || strings.Contains(err.Error(), "hush") {
			t.Errorf("%d: permanent %t: %v", status, got, err)
		}
	}
}

func TestG32_ErrorsTellNoURL(t *testing.T) {
	hang := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	defer slow.Close()
	defer close(hang)
	gone := httptest.NewServer(nil)
	gone.Close()
	host := func(s *httptest.Server) string { return strings.TrimPrefix(s.URL, "http://") }
	for name, c := range map[string]struct {
		url       string
		permanent bool
	}{
		"unknown":   {"carrier+pigeon://hushhush", true},
		"no URL":    {"hushhush", true},
		"malformed": {"generic://hush hush", true},
		"refused":   {"discord://hushhush", true}, // no webhook
		"gone":      {"generic://" + host(gone) + "/hushhush?disabletls=yes&@Authorization=hushhush", false},
		"slow":      {"generic://" + host(slow) + "/hushhush?disabletls=yes", false},
	} {
		_, err := shoutrrr.New(shoutrrr.Options{
			URL: func() ([]byte, error) { return []byte(c.url), nil }, Timeout: time.Second,
		}).Send(t.Context(), asks)
		var f *notify.Failure
		if got := errors.As(err, &f) && f.Permanent; err == nil || got != c.permanent || strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), "://") {
			t.Errorf("%s: permanent %t: %v", name, got, err)
		}
		t.Log(name, err)
	}
}

func TestALongMessageIsCutBetweenLines(t *testing.T) {
	host, got := web(t, 200)
	if err := send(t, "generic://"+host+"/?disabletls=yes", notify.Message{Text: strings.Repeat("0123456789\n", 10_000)}); err != nil {
		t.Fatal(err)
	}
	if text := (*got)[0]; len(text) > 2000 || !strings.HasSuffix(text, "\nand 9830 more: andon inbox") {
		t.Errorf("%d bytes end with %q", len(text), text[len(text)-40:])
	}
}
