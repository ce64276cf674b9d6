package chat_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/chat"
	"github.com/andon-dev/andon/internal/guests"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/notify"
)

func contains(t *testing.T, s said, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(s.all(), part) {
			t.Errorf("%q is not in\n%s", part, s.all())
		}
	}
}

func same(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestG30_AStrangerGetsACodeAndNothingElse(t *testing.T) {
	h := newHouse(t)
	alone := guests.Place{Chat: ann.ID}
	s := h.hears(chat.Incoming{Text: "/andon list", Place: alone, Private: true})
	contains(t, s, "andon chat approve ")
	code := strings.Fields(s.Rows[0])[3]
	h.quiet(chat.Incoming{Text: "/andon list", Place: alone, Private: true})         // was answered
	contains(t, h.hears(chat.Incoming{Text: "/andon list"}), "Write to me directly") // in a group
	h.quiet(chat.Incoming{Text: "hello, all"})                                       // not meant for Andon
	h.quiet(chat.Incoming{Press: "approve|web|t_00000001", Place: alone, Private: true})
	same(t, 0, len(h.done()))

	if _, err := h.book.Approve(code, "", kanban.ScopeRead, "owner"); err != nil {
		t.Fatal(err)
	}
	contains(t, h.hears(chat.Incoming{Text: "/andon list", Place: alone, Private: true}), "did list")
	if _, err := h.book.Remove("ann"); err != nil {
		t.Fatal(err)
	}
	h.now = h.now.Add(10 * time.Minute)
	contains(t, h.hears(chat.Incoming{Text: "/andon list", Place: alone, Private: true}), "andon chat approve ")
	same(t, []string{"list"}, h.done())
}

func TestG30_AGuestActsAsThemselvesAndAsTheirRole(t *testing.T) {
	h := newHouse(t)
	h.guest(ann, kanban.ScopeOperate)
	h.guest(bob, kanban.ScopeAdmin)
	for _, c := range []struct {
		user guests.User
		text string
		want string
	}{
		{ann, "/andon whoami", "ann (phone), role operate"},
		{ann, "/andon serve", "chats cannot do  serve"},
		{ann, "/andon export", "chats cannot do  export"},
		{bob, "/andon import", "chats cannot do  import"},
		{bob, "/andon gateway stop", "chats cannot do  gateway stop"},
		{ann, "/andon add x --body-file /etc/passwd", "chats cannot give --body-file to add"},
		{bob, "/andon add x --body-file /etc/passwd", "chats cannot give --body-file to add"},
		{bob, "/andon list --home /tmp", "chats cannot give --home to list"},
		{bob, "/andon list --as carol", "chats cannot give --as to list"},
		{ann, "/andon add x --workspace dir:/etc", "--workspace names something beyond this chat"},
		{ann, "/andon add x --verify 'rm -rf /'", "--verify names something beyond this chat"},
		{bob, "/andon add x --workspace dir:/srv", "did add x --workspace dir:/srv"},
		{ann, "/andon here --at-most read", "are for admins"},
	} {
		contains(t, h.hears(chat.Incoming{User: c.user, Text: c.text}), c.want)
	}
	contains(t, h.hears(chat.Incoming{User: bob, Text: "/andon here --at-most read"}), "at most:   read")
	contains(t, h.hears(chat.Incoming{User: bob, Text: "/andon whoami"}), "role read")
	contains(t, h.hears(chat.Incoming{User: bob, Text: "/andon whoami", Place: guests.Place{Chat: "9"}}), "role admin")
	contains(t, h.hears(chat.Incoming{Text: "/andon here --board web"}), "allowed here is read")
	contains(t, h.hears(chat.Incoming{User: bob, Text: "/andon here --board web"}), "board:     web")
	contains(t, h.hears(chat.Incoming{User: bob, Text: "/andon here --at-most none"}), "as each one's role") // and back again
	for _, board := range []string{"--help", "-q", "a b"} {
		contains(t, h.hears(chat.Incoming{Text: "/andon here --board '" + board + "'"}), "is not a valid name")
	}
	contains(t, h.hears(chat.Incoming{Text: "/andon here"}), "board:     web")
	whole := guests.Place{Chat: room.Chat}
	h.hears(chat.Incoming{User: bob, Text: "/andon here --at-most read", Place: whole})
	contains(t, h.hears(chat.Incoming{User: bob, Text: "/andon here --at-most operate"}), "at most:   read") // as the whole chat
}

func TestG32_WordsOfAChatAreNeverAShell(t *testing.T) {
	h := newHouse(t)
	h.guest(ann, kanban.ScopeOperate)
	h.hears(chat.Incoming{Text: "/andon add don’t “break; rm -rf /” $(id) —lane builder\nThe body's\n  own lines"})
	h.mu.Lock()
	same(t, []string{"add", "don't", "break; rm -rf /", "$(id)", "--lane", "builder"}, h.lines[0].Args)
	same(t, map[string]string{"body": "The body's\n  own lines", "tell": "phone", "tell-target": "-100", "tell-thread": "5"}, h.flags)
	h.mu.Unlock()
	h.hears(chat.Incoming{Text: "/andon comment t_1 first\nsecond"})
	same(t, []string{"add don't break; rm -rf / $(id) --lane builder", "comment -- t_1 first\nsecond"}, h.done())
}

func TestG20_ATaskMadeInAChatIsToldThere(t *testing.T) {
	h := newHouse(t)
	h.guest(ann, kanban.ScopeAdmin)
	h.hears(chat.Incoming{Text: "@builder fix the login"})
	same(t, map[string]string{"tell": "phone", "tell-target": "-100", "tell-thread": "5"}, h.flags)
	h.hears(chat.Incoming{Text: "/andon add x -q"}) // however it is printed for people
	same(t, map[string]string{"tell": "phone", "tell-target": "-100", "tell-thread": "5"}, h.flags)
	h.hears(chat.Incoming{Text: "/andon add x --json"}) // for a program, which asks for what it wants
	same(t, map[string]string{}, h.flags)
	h.hears(chat.Incoming{Text: "/andon here --workspace dir:/srv/app --board web"})
	h.hears(chat.Incoming{Text: "/andon add y", Place: guests.Place{Chat: "-100"}}) // another place
	same(t, map[string]string{"tell": "phone", "tell-target": "-100", "tell-thread": ""}, h.flags)
	h.hears(chat.Incoming{Text: "/andon add z"})
	same(t, map[string]string{"tell": "phone", "tell-target": "-100", "tell-thread": "5", "workspace": "dir:/srv/app"}, h.flags)
	h.mu.Lock()
	same(t, "web", h.lines[len(h.lines)-1].Board)
	h.mu.Unlock()
	h.quiet(chat.Incoming{Text: "@ nobody"})           // is no lane, and not meant for Andon
	h.quiet(chat.Incoming{Text: "@bob can you look?"}) // nor is a person
	contains(t, h.hears(chat.Incoming{Text: "/andon here --workspace dir:relative"}), "is not a workspace")
}

func TestG30_ALimitMovesWithItsChat(t *testing.T) {
	h := newHouse(t)
	h.guest(ann, kanban.ScopeAdmin)
	h.hears(chat.Incoming{Text: "/andon here --at-most read", Place: guests.Place{Chat: "-7"}})
	h.quiet(chat.Incoming{Place: guests.Place{Chat: "-7"}, User: guests.User{ID: "somebody"}, Moved: "-1007"})
	h.hears(chat.Incoming{Text: "/andon whoami", Place: guests.Place{Chat: "-7"}}) // behind it
	contains(t, h.hears(chat.Incoming{Text: "/andon whoami", Place: guests.Place{Chat: "-1007"}}), "role read")
}

// TestG30_APressIsOneThatWasOffered: whoever presses may send anything as the data
// of a button.
func TestG30_APressIsOneThatWasOffered(t *testing.T) {
	h := newHouse(t)
	h.guest(ann, kanban.ScopeAdmin)
	for _, press := range []string{
		"tell|default|--target=-7", "mute|default|--sink=other", "stop|--all|t_00000001", "answer|default|--help", "approve|default|t_1",
		"approve|WEB|t_00000001", "approve|-|t_00000001", "yes|default|TOKEN", "no|default|TOKEN", "list|default|t_00000001",
	} {
		s := h.hears(chat.Incoming{Press: press})
		same(t, "say", s.how)
		contains(t, s, "not understood")
	}
	s := h.hears(chat.Incoming{Press: "no|-|MADEUP", Ref: "-100/1"}) // a message that asked nothing
	same(t, "say", s.how)
	contains(t, s, "not open any more")
	same(t, 0, len(h.done()))
}

// TestG30_AChatSpeaksForItself: where messages go is this chat, and no other place
// of the gateway's, unless an admin says so.
func TestG30_AChatSpeaksForItself(t *testing.T) {
	h := newHouse(t)
	h.guest(ann, kanban.ScopeOperate)
	h.guest(bob, kanban.ScopeAdmin)
	for _, line := range []string{"add x --tell diary:/srv/.bashrc", "notify subscribe --sink diary --target /srv/.bashrc", "notify mute --target 9"} {
		contains(t, h.hears(chat.Incoming{Text: "/andon " + line}), "beyond this chat")
		contains(t, h.hears(chat.Incoming{User: bob, Text: "/andon " + line}), "did ")
	}
	here := map[string]string{"sink": "phone", "target": "-100", "thread": "5"}
	for _, line := range []string{"notify subscribe t_1", "notify mute t_1", "notify unmute", "notify unsubscribe t_1"} {
		h.hears(chat.Incoming{Text: "/andon " + line})
		same(t, here, h.flags)
	}
	contains(t, h.hears(chat.Incoming{Text: "/andon notify unsubscribe 12"}), "did notify unsubscribe 12")
	same(t, map[string]string{}, h.flags)
	contains(t, h.hears(chat.Incoming{Text: "/andon notify unsubscribe 13"}), "neither of this place nor yours")
	contains(t, h.hears(chat.Incoming{Text: "/andon notify unsubscribe 14"}), "did notify unsubscribe 14") // her own, elsewhere
	contains(t, h.hears(chat.Incoming{User: bob, Text: "/andon notify unsubscribe 13"}), "did notify unsubscribe 13")
}

// TestG30_AnOldButtonAllowsNoMoreThanItsPlace, though the platform does not tell its
// thread any more.
func TestG30_AnOldButtonAllowsNoMoreThanItsPlace(t *testing.T) {
	h := newHouse(t)
	h.guest(ann, kanban.ScopeAdmin)
	h.hears(chat.Incoming{Text: "/andon here --at-most read"}) // in the thread
	whole := guests.Place{Chat: room.Chat}
	scope := func() kanban.Scope { return kanban.Scope(h.scope.Load()) }
	h.hears(chat.Incoming{Text: "/andon list", Place: whole})
	same(t, kanban.ScopeAdmin, scope())
	for _, ref := range []string{"-100/50", "-100/51"} { // of a known thread, and of nobody knows which
		h.hears(chat.Incoming{Press: "retry|web|t_00000001", Place: whole, Ref: ref, Old: true})
		same(t, kanban.ScopeRead, scope())
		q := h.hears(chat.Incoming{Press: "answer|web|t_00000001", Place: whole, Ref: ref, Old: true})
		h.hears(chat.Incoming{ReplyTo: q.ref, Text: "8080", Place: whole})
		same(t, kanban.ScopeRead, scope())
	}
	h.hears(chat.Incoming{Press: "retry|web|t_00000001", Place: whole, Ref: "-100/51"})
	same(t, kanban.ScopeAdmin, scope())
}

// TestG30_ARestIsNoLine: what a button keeps for itself is not what somebody made
// Andon print.
func TestG30_ARestIsNoLine(t *testing.T) {
	h := newHouse(t)
	h.guest(ann, kanban.ScopeOperate)
	h.plays["logs"] = chat.Printed{Out: strings.Repeat("x\n", 25) + "notify\nsubscribe\n--sink\ndiary\n"}
	more := h.hears(chat.Incoming{Text: "/andon logs t_00000001"}).button(t, "More")
	h.done()
	contains(t, h.hears(chat.Incoming{Press: strings.Replace(more, "more|", "only|", 1)}), "not kept any more")
	same(t, 0, len(h.done()))
}

func TestLongAnswersAreCutOnRows(t *testing.T) {
	h := newHouse(t)
	h.guest(ann, kanban.ScopeRead)
	rows := make([]string, 60)
	for i := range rows {
		rows[i] = strings.Repeat("x", i)
	}
	h.plays["list"] = chat.Printed{Out: strings.Join(rows, "\n") + "\n" + strings.Repeat("é", 300) + "\n"}
	s := h.hears(chat.Incoming{Text: "/andon list"})
	var got []string
	for {
		got = append(got, s.Rows...)
		if len(s.Buttons) == 0 {
			break
		}
		s = h.hears(chat.Incoming{Press: s.button(t, "More")})
	}
	same(t, rows[1:], got[:59]) // the first was empty
	same(t, []string{strings.Repeat("é", 200), strings.Repeat("é", 100)}, got[59:])
	contains(t, h.hears(chat.Incoming{Press: "more|-|GONE"}), "not kept any more")
}

func TestButtonsOfMessages(t *testing.T) {
	h := newHouse(t)
	h.guest(ann, kanban.ScopeOperate)
	h.guest(bob, kanban.ScopeOperate)
	h.plays["show"] = chat.Printed{Out: `{"status": "review"}`}
	for press, want := range map[string]string{
		"approve|web|t_00000001": "approve --board web -- t_00000001",
		"retry|web|t_00000001":   "unblock --board web -- t_00000001",
		"unblock|web|t_00000001": "unblock --board web -- t_00000001",
		"mute|web|t_00000001":    "notify mute --board web --sink phone --target -100 --thread 5 -- t_00000001",
	} {
		contains(t, h.hears(chat.Incoming{Press: press}), "did "+want)
	}
	contains(t, h.hears(chat.Incoming{Press: "mute|web|t_00000001", Ref: "-100/1"}), "did notify mute --board web --sink phone --target  --thread  -- t_00000001") // as it was asked for
	h.plays["show"] = chat.Printed{Out: `{"status": "triage"}`}
	contains(t, h.hears(chat.Incoming{Press: "approve|web|t_00000001"}), "did plan approve --board web -- t_00000001")
	contains(t, h.hears(chat.Incoming{Press: "stop|web|t_00000001"}), "Do that?")
	contains(t, h.hears(chat.Incoming{Press: "explode|web|t_00000001"}), "not understood")
	contains(t, h.hears(chat.Incoming{Press: "nonsense"}), "not understood")

	// Acts that need a text open a field; its answer may come as such or as a reply.
	h.done()
	q := h.hears(chat.Incoming{Press: "answer|web|t_00000001"})
	same(t, "ask", q.how)
	contains(t, h.hears(chat.Incoming{Answer: q.ask.Token, Text: "port 8080; don't ask"}), "did answer --board web -- t_00000001 port 8080; don't ask")
	contains(t, h.hears(chat.Incoming{ReplyTo: q.ref, Text: "or 9090", User: bob}), "did answer --board web -- t_00000001 or 9090")
	q = h.hears(chat.Incoming{Press: "changes|web|t_00000001"})
	contains(t, h.hears(chat.Incoming{Answer: q.ask.Token, Text: "tests"}), "did reject --board web -- t_00000001 tests")
	q = h.hears(chat.Incoming{Press: "reject|web|t_00000001"})
	contains(t, h.hears(chat.Incoming{Answer: q.ask.Token, Text: " "}), "the text is empty")
	contains(t, h.hears(chat.Incoming{Answer: q.ask.Token, Text: "no"}), "did plan reject --board web -- t_00000001 no")
	h.plays["show"] = chat.Printed{Out: `{"status": "review"}`}
	contains(t, h.hears(chat.Incoming{Answer: q.ask.Token, Text: "no"}), "did cancel --board web --reason no -- t_00000001")
}

func TestAReplyCommentsOnItsTask(t *testing.T) {
	h := newHouse(t)
	h.guest(ann, kanban.ScopeComment)
	s := h.hears(chat.Incoming{ReplyTo: "-100/1", Text: "/notacommand but text"})
	contains(t, s, "Noted on t_00000001")
	same(t, "unblock|web|t_00000001|14", s.button(t, "Let it go on"))
	same(t, []string{"comment --board web -- t_00000001 /notacommand but text"}, h.done())
	h.quiet(chat.Incoming{ReplyTo: "-100/2", Text: "to somebody else"})
	contains(t, h.hears(chat.Incoming{ReplyTo: "-100/2", ToUs: true, Text: "to a digest"}), "nothing was noted")
	contains(t, h.hears(chat.Incoming{ReplyTo: "-100/1", Text: "/andon whoami"}), "role comment")
}

func TestG13_WhatComesTwiceIsDoneOnce(t *testing.T) {
	h := newHouse(t)
	h.guest(ann, kanban.ScopeOperate)
	h.hears(chat.Incoming{ID: "same", Text: "/andon add x"})
	h.quiet(chat.Incoming{ID: "same", Text: "/andon add x"})
	h.lost <- errors.New("dropped")
	h.quiet(chat.Incoming{ID: "same", Text: "/andon add x"}) // again, over the next connection
	h.hears(chat.Incoming{Text: "/andon list"})
	same(t, []string{"add x", "list"}, h.done())
}

func TestAnAnswerOutlastsATrouble(t *testing.T) {
	h := newHouse(t)
	h.guest(ann, kanban.ScopeRead)
	h.trouble <- errors.New("500")
	contains(t, h.hears(chat.Incoming{Text: "/andon list"}), "did list")
	same(t, []string{"list"}, h.done())
}

// TestAPlatformThatAsksForTimeGetsIt: an answer waits as long, and so does the
// connection.
func TestAPlatformThatAsksForTimeGetsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var opened []time.Duration
		c := chat.New(chat.Options{Connections: func() map[string]chat.Connection {
			return map[string]chat.Connection{sink: {Open: func() (chat.Platform, error) {
				opened = append(opened, time.Since(began))
				return nil, notify.Later(errors.New("429"), 5*time.Minute)
			}}}
		}})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- c.Run(ctx) }()
		time.Sleep(11 * time.Minute)
		synctest.Wait()
		same(t, []time.Duration{0, 5 * time.Minute, 10 * time.Minute}, opened)
		stop()
		<-ended
	})
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.guest(ann, kanban.ScopeRead)
		began := time.Now()
		h.trouble <- notify.Later(errors.New("429"), 5*time.Second)
		contains(t, h.hears(chat.Incoming{Text: "/andon list"}), "did list")
		same(t, 5*time.Second, time.Since(began))
	})
}

// TestAChatIsLostAndFound: later each time, and at once what is wanted otherwise.
func TestAChatIsLostAndFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var mu sync.Mutex // of what follows
		var opened []time.Duration
		hopeless := make(chan bool, 1)
		version := "1"
		since := func() []time.Duration {
			mu.Lock()
			defer mu.Unlock()
			was := opened
			opened = nil
			return was
		}
		c := chat.New(chat.Options{
			Connections: func() map[string]chat.Connection {
				mu.Lock()
				defer mu.Unlock()
				return map[string]chat.Connection{sink: {Version: version, Open: func() (chat.Platform, error) {
					mu.Lock()
					opened = append(opened, time.Since(began))
					mu.Unlock()
					select {
					case <-hopeless:
						return nil, chat.Hopeless(errors.New("401 Unauthorized"))
					default:
						return nil, errors.New("no route")
					}
				}}}
			},
		})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- c.Run(ctx) }()
		time.Sleep(4 * time.Minute)
		synctest.Wait()
		want := []time.Duration{0, 1, 3, 7, 15, 31, 63, 123, 183}
		for i := range want {
			want[i] *= time.Second
		}
		same(t, want, since())
		same(t, "no route", c.States()[sink].Trouble)

		hopeless <- true
		time.Sleep(9 * time.Minute)
		synctest.Wait()
		same(t, 1, len(since()))
		hopeless <- true
		mu.Lock()
		version = "2" // as when the token's file holds another one
		mu.Unlock()
		time.Sleep(6 * time.Second)
		synctest.Wait()
		same(t, 1, len(since()))
		stop()
		<-ended
	})
}
