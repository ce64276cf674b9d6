package slack_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/chat"
	"github.com/andon-dev/andon/internal/chat/slack"
	"github.com/andon-dev/andon/internal/guests"
	"github.com/andon-dev/andon/internal/notify"
	standin "github.com/andon-dev/andon/internal/standin/slack"
)

const ops = "C0OPS"

// house is a workspace, and an app that listens in it.
type house struct {
	*standin.Server
	*slack.Platform
	t   *testing.T
	in  chan chat.Incoming
	end chan error
}

func secret(s string) notify.Secret { return func() ([]byte, error) { return []byte(s), nil } }

func newHouse(t *testing.T) *house {
	h := &house{Server: standin.New(), t: t, in: make(chan chat.Incoming, 100), end: make(chan error, 1)}
	h.AddChannel(standin.Channel{ID: ops, Name: "ops"})
	h.AddChannel(standin.Channel{ID: "C0FAR", Name: "far", Outside: true, Private: true})
	h.AddUser(standin.User{ID: "U0ADA", Name: "ada"})
	server := httptest.NewServer(h.Server)
	t.Cleanup(server.Close)
	var err error
	h.Platform, err = slack.Open(slack.Options{Token: secret(standin.BotToken), App: secret(standin.AppToken), API: server.URL + "/api"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		h.end <- h.Run(ctx, func(_ context.Context, in chat.Incoming) { h.in <- in })
	}()
	for h.Connections() == 0 {
		time.Sleep(time.Millisecond) // the stand-in tells nobody
	}
	t.Cleanup(func() {
		stop()
		if err := <-h.end; err == nil {
			t.Error("Run ended without an error")
		}
	})
	return h
}

func (h *house) next() chat.Incoming {
	h.t.Helper()
	select {
	case in := <-h.in:
		return in
	case <-time.After(20 * time.Second):
		h.t.Fatal("nothing came in")
		return chat.Incoming{}
	}
}

// fresh skips what came before: Slack sends again what was not acknowledged.
func (h *house) fresh(before chat.Incoming) chat.Incoming {
	h.t.Helper()
	for {
		if in := h.next(); in.ID != before.ID {
			return in
		}
	}
}

func same(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestWhatPeopleDoComesIn(t *testing.T) {
	h := newHouse(t)
	h.Command("U0ADA", ops, "/andon", "add Fix &lt;it&gt; &amp; see &lt;http://a.test/x&gt;")
	in := h.next()
	same(t, guests.Place{Chat: ops}, in.Place)
	same(t, guests.User{ID: "U0ADA", Name: "ada"}, in.User)
	same(t, "/andon add Fix <it> & see <http://a.test/x>", in.Text)
	if in.Field == "" || in.Private {
		t.Errorf("%+v", in)
	}

	m := h.Server.Say("U0ADA", ops, "<@"+standin.BotID+"> list <https://a.test/?q=1&amp;r=2|a.test>", "")
	in = h.next()
	same(t, "/andon  list https://a.test/?q=1&r=2", in.Text)
	same(t, ops+"/"+m.TS, in.Ref)
	same(t, "ada", in.User.Name)

	reply := h.Server.Say("U0ADA", ops, "in the thread", m.TS)
	in = h.next()
	same(t, ops+"/"+m.TS, in.ReplyTo)
	same(t, guests.Place{Chat: ops, Thread: m.TS}, in.Place)
	same(t, ops+"/"+reply.TS, in.Ref)

	h.Server.Say("U0ADA", "", "hello", "")
	if in = h.next(); !in.Private || in.Text != "hello" {
		t.Errorf("%+v", in)
	}
}

func TestRepliesButtonsAndFields(t *testing.T) {
	h := newHouse(t)
	ref, err := h.Platform.Say(t.Context(), guests.Place{Chat: ops}, chat.Reply{
		Text: "<b> & *this*", Rows: []string{"one ```x", strings.Repeat("&", 400)},
		Buttons: []chat.Button{{Label: "Yes", Data: "yes|-|TOKEN", Danger: true}, {Label: "Answer", Data: "answer|web|t_1"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	shown := h.Messages(ops)[0].Shown()
	for _, part := range []string{"<b> & *this*", "one '''x", strings.Repeat("&", 400), "[Yes] [Answer]"} {
		if !strings.Contains(shown, part) {
			t.Errorf("%q is not in %q", part, shown)
		}
	}
	_, ts, _ := strings.Cut(ref, "/")
	h.Press("U0ADA", ops, ts, "Answer")
	in := h.next()
	same(t, "answer|web|t_1", in.Press)
	same(t, ref, in.Ref)

	if _, err := h.Ask(t.Context(), in, chat.Prompt{Title: "Answer", Label: "What do you answer to t_1?", Token: "T1"}); err != nil {
		t.Fatal(err)
	}
	h.Fill("U0ADA", h.Views()[0].ID, "port 8080\nplease")
	in = h.next()
	same(t, "T1", in.Answer)
	same(t, "port 8080\nplease", in.Text)
	same(t, guests.Place{Chat: ops}, in.Place)

	if err := h.Edit(t.Context(), guests.Place{Chat: ops}, ref, chat.Reply{Text: "Left as it is."}); err != nil {
		t.Fatal(err)
	}
	same(t, "Left as it is.", h.Messages(ops)[0].Shown())
}

// TestACommandFromOutsideIsAnsweredInPrivate: the app is no member of the channel.
func TestACommandFromOutsideIsAnsweredInPrivate(t *testing.T) {
	h := newHouse(t)
	h.Command("U0ADA", "C0FAR", "/andon", "list")
	in := h.next()
	if _, err := h.Platform.Say(t.Context(), in.Place, chat.Reply{Text: "none", To: in.Ref}); err != nil {
		t.Fatal(err)
	}
	same(t, []standin.Said{{Channel: "C0FAR", Text: "none"}}, h.Responses())
}

// TestWhatWasMissedComesAfterTheConnectionIsBack: each envelope is acknowledged,
// and one that was not comes over the next connection.
func TestWhatWasMissedComesAfterTheConnectionIsBack(t *testing.T) {
	h := newHouse(t)
	id := h.Command("U0ADA", ops, "/andon", "one")
	first := h.next()
	for done := false; !done; _, done = h.Acknowledged(id) {
		time.Sleep(time.Millisecond) // the stand-in tells nobody
	}
	h.Repeat(1, false)
	same(t, first, h.next())
	h.Disconnect("refresh_requested")
	h.Command("U0ADA", ops, "/andon", "two")
	second := h.fresh(first)
	same(t, "/andon two", second.Text)
	h.Drop()
	h.Command("U0ADA", ops, "/andon", "three")
	same(t, "/andon three", h.fresh(second).Text)
}

func TestARefusedTokenIsHopeless(t *testing.T) {
	server := standin.New()
	http := httptest.NewServer(server)
	defer http.Close()
	for _, tokens := range [][2]string{{"xoxb-wrong", standin.AppToken}, {standin.BotToken, "xapp-wrong"}} {
		p, err := slack.Open(slack.Options{Token: secret(tokens[0]), App: secret(tokens[1]), API: http.URL + "/api"})
		if err != nil {
			t.Fatal(err)
		}
		err = p.Run(t.Context(), nil)
		if err == nil || !strings.Contains(err.Error(), "refused by Slack") || !chat.IsHopeless(err) {
			t.Errorf("%v", err)
		}
	}
}
