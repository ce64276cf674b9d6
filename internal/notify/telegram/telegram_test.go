package telegram_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/notify"
	"github.com/andon-dev/andon/internal/notify/telegram"
	standin "github.com/andon-dev/andon/internal/standin/telegram"
)

const room = -100500

// house is a Telegram with a group, and a sink that writes into it.
type house struct {
	t *testing.T
	*standin.Server
	sink *telegram.Sink
}

func newHouse(t *testing.T, change func(*telegram.Options)) *house {
	server := standin.New()
	server.AddChat(standin.Chat{ID: room, Type: "supergroup", Title: "Ops"})
	http := httptest.NewServer(server)
	t.Cleanup(http.Close)
	o := telegram.Options{
		Token: func() ([]byte, error) { return []byte(standin.Token), nil },
		Chat:  "-100500", API: http.URL, Buttons: true, Attach: notify.Attach{Max: 1 << 20},
	}
	if change != nil {
		change(&o)
	}
	return &house{t: t, Server: server, sink: telegram.New(o)}
}

func (h *house) send(m notify.Message) string {
	h.t.Helper()
	got, err := h.sink.Send(h.t.Context(), m)
	if err != nil {
		h.t.Fatal(err)
	}
	return got.Ref
}

// texts are those that the group shows now.
func (h *house) texts() (texts []string) {
	for _, m := range h.Messages(room) {
		texts = append(texts, m.Text+m.Caption)
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
	Head: `t_1f3a9c20 "Fix the login" is done`, Detail: "All tests pass", Link: "https://andon.test/t/1?a=1&b=2",
}

func with(m notify.Message, change func(*notify.Message)) notify.Message {
	change(&m)
	return m
}

func TestTheMessageOfATaskIsEdited(t *testing.T) {
	h := newHouse(t, nil)
	first := h.send(with(done, func(m *notify.Message) { m.Head = "t_1f3a9c20 was taken up" }))
	again := h.send(with(done, func(m *notify.Message) { m.Prior, m.Root = first, first }))
	if again != first {
		t.Errorf("edited %s into %s", first, again)
	}
	want := []string{"t_1f3a9c20 \"Fix the login\" is done\nAll tests pass\nOpen it in the dashboard"}
	if diff := cmp.Diff(want, h.texts()); diff != "" {
		t.Error(diff)
	}
	m := h.Messages(room)[0]
	if m.Edited == 0 || !m.Silent {
		t.Errorf("edited at %d, silent %t", m.Edited, m.Silent)
	}
	link := m.Entities[len(m.Entities)-1]
	if link.Type != "text_link" || link.URL != done.Link {
		t.Errorf("link %+v", link)
	}
}

func TestWhoHasToActGetsANewMessageWithButtons(t *testing.T) {
	h := newHouse(t, nil)
	first := h.send(done)
	second := h.send(with(asks, func(m *notify.Message) { m.Prior, m.Root = first, first }))
	if second == first {
		t.Fatal("it was edited")
	}
	m := h.Messages(room)[1]
	if m.Silent || m.ReplyTo == nil || m.ReplyTo.ID != 1 {
		t.Errorf("silent %t, in reply to %+v", m.Silent, m.ReplyTo)
	}
	want := [][]standin.Button{{
		{Text: "Answer", Data: "answer|default|t_1f3a9c20|7"}, {Text: "Mute", Data: "mute|default|t_1f3a9c20|7"},
	}}
	if diff := cmp.Diff(want, m.Markup.Buttons); diff != "" {
		t.Error(diff)
	}

	h.send(with(done, func(m *notify.Message) { m.Prior, m.Root = second, first }))
	if m := h.Messages(room)[1]; m.Markup != nil || !strings.Contains(m.Text, "is done") {
		t.Errorf("afterwards %q with %v", m.Text, m.Markup)
	}
}

func TestNobodyListensSoThereAreNoButtons(t *testing.T) {
	h := newHouse(t, func(o *telegram.Options) { o.Buttons = false })
	h.send(asks)
	if m := h.Messages(room)[0]; m.Markup != nil {
		t.Errorf("buttons %v", m.Markup)
	}
}

func TestOneMessageOfATaskHasButtons(t *testing.T) {
	h := newHouse(t, nil)
	first := h.send(asks)
	was := with(asks, func(m *notify.Message) { m.Acts = nil })
	again := with(asks, func(m *notify.Message) { m.Prior, m.Root, m.Before = first, first, &was })
	h.send(again)
	if m := h.Messages(room)[0]; m.Markup != nil || !strings.Contains(m.Text, "asks") {
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
	h.Forget(room, 1)
	h.send(decided)
	if got := h.texts(); len(got) != 0 {
		t.Errorf("said anew: %q", got)
	}
}

func TestAMessageThatIsGoneIsSentAnew(t *testing.T) {
	h := newHouse(t, nil)
	first := h.send(done)
	h.Forget(room, 1)
	if again := h.send(with(done, func(m *notify.Message) { m.Prior, m.Root = first, first })); again == first {
		t.Error("edited what is gone")
	}
	if got := h.texts(); len(got) != 1 {
		t.Errorf("shown: %q", got)
	}
}

func TestG20_AnEditThatWasAcceptedBeforeIsDelivered(t *testing.T) {
	h := newHouse(t, nil)
	first := h.send(asks)
	edit := with(done, func(m *notify.Message) { m.Prior, m.Root = first, first })
	h.Fail(standin.Fault{Method: "editMessageText", Accepted: true})
	if _, err := h.sink.Send(t.Context(), edit); judged(err) != "temporary" {
		t.Fatalf("a broken connection is %s (%v)", judged(err), err)
	}
	if again := h.send(edit); again != first {
		t.Errorf("edited %s into %s", first, again)
	}
	if got := h.texts(); len(got) != 1 {
		t.Errorf("shown: %q", got)
	}
}

func TestATopicIsAThread(t *testing.T) {
	h := newHouse(t, nil)
	h.AddChat(standin.Chat{ID: -100600, Type: "supergroup", Forum: true})
	_, err := h.sink.Send(t.Context(), with(done, func(m *notify.Message) { m.Target, m.Thread = "-100600", "99" }))
	if judged(err) != "permanent: refused by Telegram: message thread not found" {
		t.Error(judged(err))
	}
	_, err = h.sink.Send(t.Context(), with(done, func(m *notify.Message) { m.Thread = "general" }))
	if judged(err) != `permanent: "general" is no topic of a chat: a number is wanted` {
		t.Error(judged(err))
	}
}

func TestG32_HostileTextsAreOnlyText(t *testing.T) {
	h := newHouse(t, nil)
	hostile := `<a href="tg://user?id=1">x</a> </b> & &lt; *bold* [l](http://x) ` + "\u202egnp.exe\x1b[31m\xff"
	h.send(with(asks, func(m *notify.Message) { m.Head, m.Detail, m.Next = hostile, hostile, "" }))
	shown := `<a href="tg://user?id=1">x</a> </b> & &lt; *bold* [l](http://x)  gnp.exe [31m` + "�"
	if diff := cmp.Diff([]string{shown + "\n" + shown}, h.texts()); diff != "" {
		t.Error(diff)
	}
	h.send(notify.Message{Text: strings.Repeat("<&>\"\n", 30_000) + strings.Repeat("&", 100_000)})
	if text := h.texts()[1]; !strings.HasSuffix(text, "\nand 29188 more: andon inbox") || len(text) > 4096 {
		t.Errorf("%d bytes end with %q", len(text), text[len(text)-40:])
	}
	h.send(notify.Message{Text: strings.Repeat("&", 100_000)})
}

func TestADigestNamesFirstWhoHasToAct(t *testing.T) {
	h := newHouse(t, nil)
	h.send(notify.Message{Head: "2 messages of board default", Attention: true, Items: []notify.Message{done, asks}})
	want := "2 messages of board default\n• t_1f3a9c20 \"Fix the login\" asks: Which port? Answer it: andon answer t_1f3a9c20 TEXT\n• t_1f3a9c20 \"Fix the login\" is done: All tests pass"
	if diff := cmp.Diff([]string{want}, h.texts()); diff != "" {
		t.Error(diff)
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
	h.Fail(standin.Fault{Method: "sendDocument", Status: http.StatusBadGateway, Times: 2})
	for range 2 {
		if _, err := h.sink.Send(t.Context(), m); judged(err) != "temporary" {
			t.Fatalf("502 is %s", judged(err))
		}
	}
	h.send(m)
	all := h.Messages(room)
	if len(all) != 3 || string(all[1].File) != "good" || all[2].Document.Name != "notes.txt" || all[2].ReplyTo.ID != all[0].ID {
		t.Errorf("shown: %+v", all)
	}
	if !strings.Contains(all[0].Text, "run.exe stays behind") {
		t.Errorf("text %q", all[0].Text)
	}
}

func TestAGroupThatBecameASupergroupIsFollowedAndToldSo(t *testing.T) {
	h := newHouse(t, func(o *telegram.Options) { o.Chat = "-42" })
	h.AddChat(standin.Chat{ID: -42, Type: "group"})
	first := h.send(done)
	h.Migrate(-42, room)
	second := h.send(with(done, func(m *notify.Message) { m.Prior, m.Root = first, first }))
	h.sink.Moved = func(string) string { return strconv.Itoa(room) } // as who was told of it knows
	h.send(with(done, func(m *notify.Message) { m.Detail, m.Prior, m.Root = "Really", second, first }))
	got := h.texts()
	if len(got) != 1 || !strings.Contains(got[0], "Really") {
		t.Errorf("shown: %q", got)
	}
	h = newHouse(t, func(o *telegram.Options) { o.Chat = "-42" })
	h.AddChat(standin.Chat{ID: -42, Type: "group"})
	h.Migrate(-42, room)
	h.send(done)
	if got := h.texts(); !strings.Contains(got[0], "Its chat is now -100500: write that into andon.yaml.") {
		t.Errorf("shown: %q", got)
	}
	h.send(with(done, func(m *notify.Message) { m.Target = "-42" }))
	h.sink.Chat = "" // andon.yaml says nothing of it
	h.send(with(done, func(m *notify.Message) { m.Target = "-42" }))
	if got := h.texts(); !strings.Contains(got[1], "write that into andon.yaml") || strings.Contains(got[2], "supergroup") {
		t.Errorf("shown: %q", got)
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
		"dropped":  {func(h *house) { h.Fail(standin.Fault{}) }, "temporary"},
		"accepted": {func(h *house) { h.Fail(standin.Fault{Accepted: true}) }, "temporary"},
		"revoked":  {func(h *house) { h.Revoke("7001:other") }, "permanent: the token of the bot is refused by Telegram"},
		"blocked": {
			func(h *house) { h.Block(room, "bot was kicked from the supergroup chat") },
			"permanent: refused by Telegram: bot was kicked from the supergroup chat",
		},
	} {
		h := newHouse(t, nil)
		c.prepare(h)
		_, err := h.sink.Send(t.Context(), done)
		if got := judged(err); got != c.want {
			t.Errorf("%s: %s, want %s (%v)", name, got, c.want, err)
		}
	}
	h := newHouse(t, func(o *telegram.Options) { o.Chat = "-1" })
	_, err := h.sink.Send(t.Context(), done)
	if got := judged(err); got != "permanent: refused by Telegram: chat not found" {
		t.Error(got)
	}
}

func TestG32_ErrorsTellNoToken(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "cannot reach "+r.URL.String()+strings.Repeat("\n<p>", 1000), http.StatusBadGateway)
	}))
	defer echo.Close()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx context.Context
		api string
	}{
		"refused": {t.Context(), gone.URL}, "a proxy's page": {t.Context(), echo.URL},
		"cancelled": {cancelled, echo.URL}, "no URL": {t.Context(), "http://a b"},
	} {
		h := newHouse(t, func(o *telegram.Options) { o.API = c.api })
		_, err := h.sink.Send(c.ctx, done)
		if judged(err) != "temporary" || strings.Contains(err.Error(), standin.Token) || strings.Contains(err.Error(), "http://") {
			t.Errorf("%s: %s: %v", name, judged(err), err)
		}
		if len(err.Error()) > 300 || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s is told as %q", name, err)
		}
	}
}
