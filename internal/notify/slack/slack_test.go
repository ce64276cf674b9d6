package slack_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/notify"
	"github.com/andon-dev/andon/internal/notify/slack"
	standin "github.com/andon-dev/andon/internal/standin/slack"
)

const ops = "C0OPS"

// house is a workspace with a channel, and a sink that writes into it.
type house struct {
	t *testing.T
	*standin.Server
	sink *slack.Sink
}

func newHouse(t *testing.T, change func(*slack.Options)) *house {
	server := standin.New()
	server.AddChannel(standin.Channel{ID: ops, Name: "ops"})
	server.AddUser(standin.User{ID: "U0ADA", Name: "ada"})
	http := httptest.NewServer(server)
	t.Cleanup(http.Close)
	o := slack.Options{
		Token:   func() ([]byte, error) { return []byte(standin.BotToken), nil },
		Channel: ops, API: http.URL + "/api", Buttons: true, Attach: notify.Attach{Max: 1 << 20},
	}
	if change != nil {
		change(&o)
	}
	return &house{t: t, Server: server, sink: slack.New(o)}
}

func (h *house) send(m notify.Message) string {
	h.t.Helper()
	got, err := h.sink.Send(h.t.Context(), m)
	if err != nil {
		h.t.Fatal(err)
	}
	return got.Ref
}

// texts are those that the channel shows now.
func (h *house) texts() (texts []string) {
	for _, m := range h.Messages(ops) {
		texts = append(texts, m.Shown())
	}
	return texts
}

var asks = notify.Message{
	Key: "default-1-7", Board: "default", Attention: true,
	Task: notify.Task{ID: "t_1f3a9c20"}, Event: notify.Event{ID: 7, Kind: "blocked"},
	Head: `t_1f3a9c20 "Fix the login" asks`, Detail: "Which port?", Next: "Answer it: andon answer t_1f3a9c20 TEXT",
	Acts: []notify.Act{{Name: "answer", Label: "Answer"}, {Name: "mute", Label: "Mute"}},
}

var done = notify.Message{
	Key: "default-1-9", Board: "default",
	Task: notify.Task{ID: "t_1f3a9c20"}, Event: notify.Event{ID: 9, Kind: "completed"},
	Head: `t_1f3a9c20 "Fix the login" is done`, Detail: "All tests pass", Link: "https://andon.test/t/1?a=1&b=<2|3>",
}

func with(m notify.Message, change func(*notify.Message)) notify.Message {
	change(&m)
	return m
}

func TestTheMessageOfATaskIsUpdated(t *testing.T) {
	h := newHouse(t, nil)
	first := h.send(with(done, func(m *notify.Message) { m.Head = "t_1f3a9c20 was taken up" }))
	again := h.send(with(done, func(m *notify.Message) { m.Prior, m.Root = first, first }))
	if again != first {
		t.Errorf("updated %s into %s", first, again)
	}
	want := []string{
		"*t_1f3a9c20 \"Fix the login\" is done*\nAll tests pass\n<https://andon.test/t/1?a=1&b=%3C2%7C3%3E|Open it in the dashboard>",
	}
	if diff := cmp.Diff(want, h.texts()); diff != "" {
		t.Error(diff)
	}
	m := h.Messages(ops)[0]
	if !m.Edited || m.Metadata["key"] != done.Key || m.Text != `t_1f3a9c20 "Fix the login" is done: All tests pass` {
		t.Errorf("%+v", m)
	}
}

func TestWhoHasToActGetsANewMessageWithButtons(t *testing.T) {
	h := newHouse(t, nil)
	first := h.send(done)
	second := h.send(with(asks, func(m *notify.Message) { m.Prior, m.Root = first, first }))
	all := h.Messages(ops)
	if second == first || len(all) != 2 || all[1].Thread != all[0].TS || !all[1].Channel {
		t.Fatalf("shown %+v", all)
	}
	buttons := all[1].Blocks[len(all[1].Blocks)-1]
	if len(buttons.Elements) != 2 || buttons.Elements[0].Value != "answer|default|t_1f3a9c20|7" || buttons.Elements[0].ActionID != "answer" {
		t.Errorf("buttons %+v", buttons)
	}
	h.send(with(done, func(m *notify.Message) { m.Prior, m.Root = second, first }))
	if m := h.Messages(ops)[1]; strings.Contains(m.Shown(), "[Answer]") || !strings.Contains(m.Shown(), "is done") {
		t.Errorf("afterwards %q", m.Shown())
	}
}

func TestNobodyListensSoThereAreNoButtons(t *testing.T) {
	h := newHouse(t, func(o *slack.Options) { o.Buttons = false })
	h.send(asks)
	if got := h.texts()[0]; strings.Contains(got, "[Answer]") {
		t.Errorf("shown %q", got)
	}
}

func TestOneMessageOfATaskHasButtons(t *testing.T) {
	h := newHouse(t, nil)
	first := h.send(asks)
	was := with(asks, func(m *notify.Message) { m.Acts = nil })
	again := with(asks, func(m *notify.Message) { m.Prior, m.Root, m.Before = first, first, &was })
	h.send(again)
	if m := h.Messages(ops)[0]; strings.Contains(m.Shown(), "[Answer]") || !strings.Contains(m.Shown(), "Which port?") {
		t.Errorf("the older one: %+v", m)
	}
	if texts := h.texts(); len(texts) != 2 {
		t.Errorf("shown: %q", texts)
	}
	h.send(again) // it came, and nobody noted that
	if texts := h.texts(); len(texts) != 3 {
		t.Errorf("shown: %q", texts)
	}
}

func TestG20_WhatIsDecidedIsNoMessageOfItsOwn(t *testing.T) {
	h := newHouse(t, nil)
	first := h.send(asks)
	decided := with(done, func(m *notify.Message) { m.Prior, m.Root, m.Settles = first, first, true })
	h.send(decided)
	if got := h.texts(); len(got) != 1 || !strings.Contains(got[0], "is done") {
		t.Errorf("shown: %q", got)
	}
	h.Forget(ops, strings.TrimPrefix(first, ops+"/"))
	h.send(decided)
	if got := h.texts(); len(got) != 0 {
		t.Errorf("said anew: %q", got)
	}
}

func TestAMessageThatIsGoneIsSentAnew(t *testing.T) {
	h := newHouse(t, nil)
	first := h.send(done)
	h.Forget(ops, strings.TrimPrefix(first, ops+"/"))
	if again := h.send(with(done, func(m *notify.Message) { m.Prior, m.Root = first, first })); again == first {
		t.Error("updated what is gone")
	}
	if got := h.Messages(ops); len(got) != 1 || got[0].Thread != "" {
		t.Errorf("shown %+v", got)
	}
}

func TestTargetsAndThreads(t *testing.T) {
	h := newHouse(t, nil)
	if ref := h.send(with(done, func(m *notify.Message) { m.Target = "U0ADA" })); !strings.HasPrefix(ref, "D0ADA/") {
		t.Errorf("to a user: %s", ref)
	}
	first := h.send(with(done, func(m *notify.Message) { m.Target = "#ops" }))
	thread := strings.TrimPrefix(first, ops+"/")
	h.send(with(asks, func(m *notify.Message) { m.Thread = thread }))
	if m := h.Messages(ops)[1]; m.Thread != thread || m.Channel {
		t.Errorf("in a thread: %+v", m)
	}
	if again := h.send(with(done, func(m *notify.Message) { m.Target, m.Prior = "#ops", first })); again != first {
		t.Errorf("updated %s into %s", first, again)
	}
}

func TestG32_HostileTextsAreOnlyText(t *testing.T) {
	h := newHouse(t, nil)
	hostile := "<!channel> <@U0ADA> <http://x|y> &lt; *bold* _i_ `c` \u202egnp.exe\x1b[31m"
	h.send(with(asks, func(m *notify.Message) { m.Head, m.Detail, m.Next, m.Acts = hostile, hostile, hostile, nil }))
	shown := "<!channel> <@U0ADA> <http://x|y> &lt; *bold* _i_ `c`  gnp.exe [31m"
	if diff := cmp.Diff([]string{shown + "\n" + shown + "\n" + shown}, h.texts()); diff != "" {
		t.Error(diff)
	}
	m := h.Messages(ops)[0]
	for _, b := range m.Blocks {
		if b.Text != nil && b.Text.Type != "plain_text" {
			t.Errorf("markup in %+v", b.Text)
		}
		if b.Text != nil && strings.ContainsAny(b.Text.Text, "<>") {
			t.Errorf("not escaped: %q", b.Text.Text)
		}
	}
	if strings.ContainsAny(m.Text, "<>") {
		t.Errorf("not escaped: %q", m.Text)
	}
	h.send(notify.Message{Text: strings.Repeat("<&>*\n", 30_000) + strings.Repeat("&", 100_000)})
	if text := h.texts()[1]; !strings.HasSuffix(text, "\nand 29403 more: andon inbox") {
		t.Errorf("%d bytes end with %q", len(text), text[len(text)-40:])
	}
	h.send(notify.Message{Text: strings.Repeat("&", 100_000)})
}

func TestADigestNamesFirstWhoHasToAct(t *testing.T) {
	h := newHouse(t, nil)
	items := []notify.Message{done, asks}
	for range 48 {
		items = append(items, done)
	}
	h.send(notify.Message{Head: "50 messages of board default", Attention: true, Items: items})
	lines := strings.Split(h.texts()[0], "\n")
	want := []string{"*50 messages of board default*", `▶ t_1f3a9c20 "Fix the login" asks: Which port? Answer it: andon answer t_1f3a9c20 TEXT`, `• t_1f3a9c20 "Fix the login" is done: All tests pass`}
	if diff := cmp.Diff(want, lines[:3]); diff != "" || len(lines) != 51 {
		t.Errorf("%d lines: %s", len(lines), diff)
	}
}

func file(name, content string) notify.File {
	return notify.File{Name: name, Size: int64(len(content)), Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(content)), nil
	}}
}

func TestFilesFollowTheirMessageAndItsTextIsSentOnce(t *testing.T) {
	h := newHouse(t, nil)
	m := with(done, func(m *notify.Message) {
		m.Files = []notify.File{file("report.txt", "good"), file("run.exe", "MZ"), file("notes.txt", "more")}
	})
	h.Fail(standin.Fault{Method: "upload", Status: http.StatusBadGateway}, standin.Fault{Method: "files.completeUploadExternal"})
	for range 2 {
		if _, err := h.sink.Send(t.Context(), m); judged(err) != "temporary" {
			t.Fatalf("a failed upload is %s (%v)", judged(err), err)
		}
	}
	h.send(m)
	all := h.Messages(ops)
	if len(all) != 3 || string(all[1].Files[0].Content) != "good" || all[2].Files[0].Name != "notes.txt" || all[2].Thread != all[0].TS {
		t.Errorf("shown: %+v", all)
	}
	if !strings.Contains(all[0].Shown(), "run.exe stays behind") {
		t.Errorf("text %q", all[0].Shown())
	}
}

// judged tells an error as the pump takes it.
func judged(err error) string {
	var f *notify.Failure
	switch {
	case err == nil:
		return "sent"
	case errors.As(err, &f) && f.Permanent:
		return "permanent: " + err.Error()
	case errors.As(err, &f) && f.After > 0:
		return "after " + f.After.String()
	}
	return "temporary"
}

func TestG20_AnswersAreJudged(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(*house)
		want    string
	}{
		"slow":     {func(h *house) { h.Fail(standin.Fault{Status: 429, RetryAfter: 7}) }, "after 7s"},
		"ill":      {func(h *house) { h.Fail(standin.Fault{Status: 500}) }, "temporary"},
		"busy":     {func(h *house) { h.Fail(standin.Fault{Error: "internal_error"}) }, "temporary"},
		"gone":     {func(h *house) { h.Fail(standin.Fault{Status: 404}) }, "permanent: answered by Slack with 404 Not Found"},
		"dropped":  {func(h *house) { h.Fail(standin.Fault{}) }, "temporary"},
		"accepted": {func(h *house) { h.Fail(standin.Fault{Accepted: true}) }, "temporary"},
		"revoked":  {func(h *house) { h.Revoke("xoxb-new", "") }, "permanent: the token of the bot is refused by Slack: invalid_auth"},
		"archived": {
			func(h *house) { h.AddChannel(standin.Channel{ID: ops, Archived: true}) },
			"permanent: refused by Slack: is_archived",
		},
	} {
		h := newHouse(t, nil)
		c.prepare(h)
		_, err := h.sink.Send(t.Context(), done)
		if got := judged(err); got != c.want {
			t.Errorf("%s: %s, want %s (%v)", name, got, c.want, err)
		}
	}
	h := newHouse(t, func(o *slack.Options) { o.Channel = "C0NONE" })
	_, err := h.sink.Send(t.Context(), done)
	if got := judged(err); got != "permanent: refused by Slack: channel_not_found" {
		t.Error(got)
	}
}

func TestG32_ErrorsTellNoToken(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx context.Context
		api string
	}{"refused": {t.Context(), gone.URL}, "cancelled": {cancelled, gone.URL}, "no URL": {t.Context(), "http://a b"}} {
		h := newHouse(t, func(o *slack.Options) { o.API = c.api })
		_, err := h.sink.Send(c.ctx, done)
		if judged(err) != "temporary" || strings.Contains(err.Error(), standin.BotToken) || strings.Contains(err.Error(), "http://") {
			t.Errorf("%s: %s: %v", name, judged(err), err)
		}
	}
}
