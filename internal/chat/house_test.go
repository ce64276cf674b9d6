package chat_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/chat"
	"github.com/andon-dev/andon/internal/guests"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/notify"
)

const sink = "phone"

var (
	room = guests.Place{Chat: "-100", Thread: "5"}
	ann  = guests.User{ID: "7", Name: "Ann"}
	bob  = guests.User{ID: "8", Name: "Bob"}
)

// house is a chat with one platform and a command line that the test plays.
type house struct {
	*chat.Chat
	*platform
	book *guests.Book
	dir  string
	t    *testing.T
	now  time.Time
	n    int

	mu    sync.Mutex
	lines []chat.Line
	plays map[string]chat.Printed // by verb
	flags map[string]string       // that were set by the chat, of the last line
	last  string                  // what @last is
	on    string                  // its board
	end   func()

	scope atomic.Int64 // with which the API was asked last
}

func newHouse(t *testing.T) *house { return newHouseIn(t, t.TempDir()) }

// newHouseIn is the next gateway of the same home.
func newHouseIn(t *testing.T, dir string) *house {
	h := &house{t: t, dir: dir, now: time.Now(), plays: map[string]chat.Printed{}, platform: newPlatform()}
	h.book = guests.New(dir, func() time.Time { return h.now })
	h.Chat = chat.New(chat.Options{
		Book: h.book, Dir: dir, Command: h.command, Clock: func() time.Time { return h.now },
		Connections: func() map[string]chat.Connection {
			return map[string]chat.Connection{sink: {Version: "1", Open: func() (chat.Platform, error) { return h.platform, nil }}}
		},
		API: func(a kanban.Actor, _ string) *client.Client {
			h.scope.Store(int64(a.Scope))
			return client.New(client.Handler(http.HandlerFunc(facts)), "http://andon", client.Options{})
		},
		Posted: func(_ context.Context, of, ref string) (chat.Post, bool, error) {
			if of == sink && ref == "-100/50" { // it went to a thread
				return chat.Post{Board: "web", Task: "t_00000001", Target: "-100", Thread: "5"}, true, nil
			}
			return chat.Post{Board: "web", Task: "t_00000001"}, of == sink && ref == "-100/1", nil
		},
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = h.Chat.Run(ctx) // ctx's own error
	}()
	h.end = func() { stop(); <-ended }
	t.Cleanup(func() { h.end() })
	return h
}

// facts is as much of the API as a chat asks by itself.
func facts(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if strings.HasSuffix(r.URL.Path, "/lanes") {
		fmt.Fprint(w, `{"items": [{"name": "builder", "known": true}, {"name": "bob"}]}`)
		return
	}
	if after := r.URL.Query().Get("after"); strings.HasSuffix(r.URL.Path, "/events") {
		if r.URL.Query().Get("last") != "" {
			fmt.Fprint(w, `{"items": [{"id": 40}]}`)
		} else if n, _ := strconv.Atoi(after); n < 30 { // when it was decided
			fmt.Fprint(w, `{"items": [{"id": 30, "kind": "unblocked"}]}`)
		} else {
			fmt.Fprint(w, `{"items": []}`)
		}
		return
	}
	if strings.HasSuffix(r.URL.Path, "/subscriptions") {
		here := `{"id": 12, "created_by": "owner"}`
		if r.URL.Query().Get("sink") == "" {
			here += `, {"id": 13, "created_by": "owner"}, {"id": 14, "created_by": "ann (phone)"}`
		}
		fmt.Fprintf(w, `{"items": [%s]}`, here)
		return
	}
	slug := strings.Replace(path.Base(r.URL.Path), client.Selected, "web", 1)
	fmt.Fprintf(w, `{"slug": %q}`, slug)
}

// guest lets somebody in.
func (h *house) guest(u guests.User, role kanban.Scope) {
	h.t.Helper()
	code, err := h.book.Request(sink, u)
	if err == nil {
		_, err = h.book.Approve(code, "", role, "owner")
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// command parses as simply as a test needs it.
func (h *house) command(_ context.Context, l chat.Line) chat.Printed {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines = append(h.lines, l)
	p := chat.Parsed{Flags: map[string]string{}, Set: func(flag, value string) error { h.flags[flag] = value; return nil }}
	for i := 0; i < len(l.Args); i++ {
		if l.Args[i] == "--" {
			p.Args = append(p.Args, l.Args[i+1:]...)
			break
		}
		if name, flag := strings.CutPrefix(l.Args[i], "--"); flag {
			name, value, assigned := strings.Cut(name, "=")
			if slices.Contains([]string{"json", "all", "stop"}, name) {
				value, assigned = "true", true
			}
			if !assigned && i+1 < len(l.Args) {
				i++
				value = l.Args[i]
			}
			p.Flags[name] = value
		} else {
			p.Args = append(p.Args, l.Args[i])
		}
	}
	p.Verb, p.Args = p.Args[0], p.Args[1:]
	if p.Verb != "show" { // which a chat asks by itself
		h.flags = map[string]string{}
	}
	if slices.Contains([]string{"notify", "boards", "plan", "gateway"}, p.Verb) && len(p.Args) > 0 {
		p.Verb, p.Args = p.Verb+" "+p.Args[0], p.Args[1:]
	}
	if err := l.Permit(p); err != nil {
		return chat.Printed{Err: "error: " + err.Error(), Status: 2}
	}
	if out, played := h.plays[p.Verb]; played {
		return out
	}
	if p.Verb == "show" {
		id := map[string]string{"@last": h.last}[p.Args[0]]
		board := cmp.Or(p.Flags["board"], l.Board)
		if id != "" {
			board = cmp.Or(p.Flags["board"], h.on, l.Board)
		}
		return chat.Printed{Out: fmt.Sprintf(`{"id": %q, "title": "a title", "status": "ready"}`, cmp.Or(id, p.Args[0])), Board: board}
	}
	return chat.Printed{Out: "did " + strings.Join(l.Args, " ") + "\n"}
}

// done are the lines that were run since the last call.
func (h *house) done() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []string
	for _, l := range h.lines {
		all = append(all, strings.Join(l.Args, " "))
	}
	h.lines = nil
	return all
}

// hears lets the chat hear something, and returns what is said to it.
func (h *house) hears(in chat.Incoming) said {
	h.t.Helper()
	h.quiet(in)
	select {
	case s := <-h.said:
		return s
	case <-time.After(10 * time.Second):
		h.t.Fatalf("nothing was said to %+v", in)
		return said{}
	}
}

// quiet lets it hear something that may have no answer.
func (h *house) quiet(in chat.Incoming) {
	h.n++
	if in.ID == "" {
		in.ID = fmt.Sprint(h.n)
	}
	if in.Place == (guests.Place{}) {
		in.Place = room
	}
	if in.User.ID == "" {
		in.User = ann
	}
	if in.Ref == "" {
		in.Ref = fmt.Sprint("-100/", 1000+h.n)
	}
	h.in <- in
}

// said is what the chat said, asked or changed.
type said struct {
	chat.Reply
	how string // say, edit or ask
	ref string
	ask chat.Prompt
}

func (s said) all() string { return s.Text + "\n" + strings.Join(s.Rows, "\n") }

func (s said) button(t *testing.T, label string) string {
	t.Helper()
	i := slices.IndexFunc(s.Buttons, func(b chat.Button) bool { return b.Label == label })
	if i < 0 {
		t.Fatalf("no button %s on %+v", label, s)
	}
	if len(s.Buttons[i].Data) > 64 {
		t.Errorf("%d bytes in button %s", len(s.Buttons[i].Data), label)
	}
	return s.Buttons[i].Data
}

// platform is a chat service that the test plays.
type platform struct {
	in      chan chat.Incoming
	lost    chan error
	trouble chan error // of the next answers
	said    chan said

	mu     sync.Mutex
	n      int
	slowed func(guests.Place) bool // places where the platform wants to be left alone
	denied map[guests.Place]int    // attempts there
}

// slow has the platform ask for time in some places from now on, nil = nowhere.
func (p *platform) slow(where func(guests.Place) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slowed, p.denied = where, map[guests.Place]int{}
}

func (p *platform) isSlow(at guests.Place) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.slowed == nil || !p.slowed(at) {
		return false
	}
	p.denied[at]++
	return true
}

func newPlatform() *platform {
	return &platform{in: make(chan chat.Incoming), lost: make(chan error), trouble: make(chan error, 10), said: make(chan said, 100)}
}

func (p *platform) Run(ctx context.Context, receive func(context.Context, chat.Incoming)) error {
	for {
		select {
		case in := <-p.in:
			receive(ctx, in)
		case err := <-p.lost:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (p *platform) Say(_ context.Context, at guests.Place, r chat.Reply) (string, error) {
	if p.isSlow(at) {
		return "", notify.Later(errors.New("429"), time.Hour)
	}
	select {
	case err := <-p.trouble:
		return "", err
	default:
	}
	return p.put(said{Reply: r, how: "say"}), nil
}

func (p *platform) Edit(_ context.Context, _ guests.Place, ref string, r chat.Reply) error {
	p.put(said{Reply: r, how: "edit", ref: ref})
	return nil
}

func (p *platform) Ask(_ context.Context, _ chat.Incoming, q chat.Prompt) (string, error) {
	return p.put(said{how: "ask", ask: q}), nil
}

func (p *platform) put(s said) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	if s.ref == "" {
		s.ref = fmt.Sprint("-100/", 5000+p.n)
	}
	p.said <- s
	return s.ref
}
