package gateway

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/andon-dev/andon/internal/httpapi"
	"github.com/andon-dev/andon/internal/kanban"
)

// visitor is a connection that is kept open.
type visitor struct {
	net.Conn
	answers *bufio.Reader
}

func call(t *testing.T, address string) visitor {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	check(t, err)
	t.Cleanup(func() { conn.Close() })
	return visitor{conn, bufio.NewReader(conn)}
}

// asks sends a request as somebody, "" = a stranger, and returns the status; 0 if
// the connection was closed.
func (c visitor) asks(t *testing.T, who string) int {
	t.Helper()
	if _, err := fmt.Fprintf(c, "GET /?%s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", who); err != nil {
		return 0
	}
	resp, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	check(t, err)
	return resp.StatusCode
}

// TestG30_StrangersMakeRoom: however many connections somebody without a
// credential holds, or one who has one, others get in.
func TestG30_StrangersMakeRoom(t *testing.T) {
	var log strings.Builder
	crowd := newCrowd(slog.New(slog.NewTextHandler(&log, nil)), 5, 3)
	server := httptest.NewUnstartedServer(httpapi.Front{Log: slog.New(slog.DiscardHandler), Admit: crowd.admit, API: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := crowd.admit(r.Context(), r.URL.RawQuery)
		switch {
		case kanban.CodeOf(err) == kanban.Exhausted:
			w.WriteHeader(http.StatusTooManyRequests)
		case err != nil || r.URL.RawQuery == "":
			w.WriteHeader(http.StatusUnauthorized)
		}
	})}.Handler())
	server.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context { return crowd.enter(ctx, c) }
	server.Config.ConnState = crowd.left
	server.Start()
	defer server.Close()
	address := server.Listener.Addr().String()

	ann := call(t, address)
	same := func(what string, got, want int) {
		t.Helper()
		if got != want {
			t.Fatalf("%s: %d, want %d", what, got, want)
		}
	}
	same("ann", ann.asks(t, "ann"), http.StatusOK)
	var strangers []visitor
	for range 4 {
		s := call(t, address)
		same("a stranger", s.asks(t, ""), http.StatusUnauthorized)
		strangers = append(strangers, s)
	}
	bob := call(t, address)
	same("bob, when all places are taken", bob.asks(t, "bob"), http.StatusOK)
	if _, err := strangers[0].answers.ReadByte(); err == nil {
		t.Error("the first stranger is told something")
	}
	same("the last stranger", strangers[3].asks(t, ""), http.StatusUnauthorized)
	same("ann", ann.asks(t, "ann"), http.StatusOK)
	if !strings.Contains(log.String(), "makes room") {
		t.Errorf("the log tells %q", log.String())
	}

	// one credential does not take all places
	for range 2 {
		same("more of bob", call(t, address).asks(t, "bob"), http.StatusOK)
	}
	fourth := call(t, address)
	same("a fourth of bob", fourth.asks(t, "bob"), http.StatusTooManyRequests)
	fourth.Close()

	// nobody makes room who is known
	same("cy", call(t, address).asks(t, "cy"), http.StatusOK)
	same("one too many", call(t, address).asks(t, "dan"), http.StatusServiceUnavailable)
	same("ann", ann.asks(t, "ann"), http.StatusOK)
}
