package chat_test

import (
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/chat"
	"github.com/andon-dev/andon/internal/guests"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/notify"
)

// TestG32_TextIsNeverAFlag: what somebody wrote as a text is one, whatever it looks like.
func TestG32_TextIsNeverAFlag(t *testing.T) {
	h := newHouse(t)
	h.guest(ann, kanban.ScopeOperate)
	h.plays["show"] = chat.Printed{Out: `{"status": "review"}`}
	for _, text := range []string{"- use port 8080\n- and no other", "--help", "--", "-1", "--board=x", "-- --board x"} {
		h.hears(chat.Incoming{ReplyTo: "-100/1", Text: text})
		same(t, []string{"comment --board web -- t_00000001 " + text}, h.done())
		for press, want := range map[string]string{
			"answer":  "answer --board web -- t_00000001 " + text,
			"changes": "reject --board web -- t_00000001 " + text,
			"reject":  "cancel --board web --reason " + text + " -- t_00000001",
		} {
			q := h.hears(chat.Incoming{Press: press + "|web|t_00000001"})
			h.hears(chat.Incoming{Answer: q.ask.Token, Text: text})
			lines := h.done()
			same(t, want, lines[len(lines)-1])
		}
		for _, verb := range []string{"comment", "answer", "reject"} {
			h.hears(chat.Incoming{Text: "/andon " + verb + " t_1\n" + text})
			same(t, []string{verb + " -- t_1 " + text}, h.done())
		}
	}
	for said, want := range map[string]string{ // as it was written
		"comment t_1 call it with -q and --json, it's —fine\n- so": "comment -- t_1 call it with -q and --json, it's —fine\n- so",
		"answer t_1 “use port 8080”":                               "answer -- t_1 use port 8080",
		"answer t_1 \"a\" or \"b\"":                                `answer -- t_1 "a" or "b"`,
		"comment --board web t_1 yes":                              "comment --board web t_1 yes",
	} {
		h.hears(chat.Incoming{Text: "/andon " + said})
		same(t, []string{want}, h.done())
	}
	h.hears(chat.Incoming{Text: "/andon comment -- t_1 -1\n-2"})
	same(t, []string{"comment -- t_1 -1 -2"}, h.done())
}

func TestWhatNeverEndsIsASnapshotWithAnOffer(t *testing.T) {
	h := newHouse(t)
	h.guest(ann, kanban.ScopeOperate)
	s := h.hears(chat.Incoming{Text: "/kanban tail t_0000000a --until done"})
	same(t, []string{"events t_0000000a", "show --json -- t_0000000a"}, h.done())
	contains(t, h.hears(chat.Incoming{Press: s.button(t, "Tell me what happens")}), "did notify subscribe")
	same(t, []string{"notify subscribe --board @current --sink phone --target -100 --thread 5 -- t_0000000a"}, h.done())
	s = h.hears(chat.Incoming{Text: "/andon watch --kinds done --interval 5 --board ops --lane=fine"})
	same(t, []string{"events --kinds done --board ops --lane=fine"}, h.done())
	h.hears(chat.Incoming{Press: s.button(t, "Tell me what happens")}) // of no more than that
	same(t, []string{"notify subscribe --board ops --sink phone --target -100 --thread 5 --kinds done --lane fine"}, h.done())
	h.now = h.now.Add(2 * time.Hour)
	contains(t, h.hears(chat.Incoming{Press: s.button(t, "Tell me what happens")}), "not kept any more")
	h.hears(chat.Incoming{Text: "/andon tail -- t_1"})
	same(t, "events -- t_1", h.done()[0])
	h.last = "t_0000000b"
	contains(t, h.hears(chat.Incoming{Press: h.hears(chat.Incoming{Text: "/andon wait @last --for done"}).button(t, "Tell me what happens")}), "--sink phone --target -100 --thread 5 -- t_0000000b")
	h.hears(chat.Incoming{Text: "/andon events --follow=true"}).button(t, "Tell me what happens")
	h.hears(chat.Incoming{Text: "/andon logs t_1 --follow=true"})
	same(t, "false", h.flags["follow"])
}

// TestAPhoneCapitalizesVerbs: which are the same verbs, of one word or two.
func TestAPhoneCapitalizesVerbs(t *testing.T) {
	h := newHouse(t)
	h.guest(ann, kanban.ScopeOperate)
	for line, want := range map[string]string{
		"List --lane Builder": "list --lane Builder", "--board Web Show T_1": "--board Web show T_1", "NOTIFY List": "notify list",
		"Help Add": "help add", "Tail t_1": "events t_1", "Comment t_1 List": "comment -- t_1 List",
	} {
		h.hears(chat.Incoming{Text: "/andon " + line})
		same(t, want, h.done()[0])
	}
	h.hears(chat.Incoming{Text: "/andon Add Fix it\nlike this"})
	same(t, "like this", h.flags["body"])
	h.done()
	for _, line := range []string{"", "Help", "-h", "--help", "help whoami", "--board web"} {
		contains(t, h.hears(chat.Incoming{Text: "/andon " + line}), "help VERB tells more")
	}
	same(t, 0, len(h.done()))
}

// TestG32_NothingTurnsALineAround: what somebody else wrote is shown as it stands.
func TestG32_NothingTurnsALineAround(t *testing.T) {
	h := newHouse(t)
	h.guest(ann, kanban.ScopeOperate)
	const hostile = "a\u202eb\u2066c\u2069d\u200ee\u200ff\x1bg"
	h.plays["show"] = chat.Printed{Out: `{"id": "t_1", "title": "a\u202eb\u2066c\u2069d\u200ee\u200ff\u001bg"}`}
	q := h.hears(chat.Incoming{Text: "/andon cancel t_1 --reason " + hostile})
	same(t, []string{"cancel t_1 --reason=abcdefg --board web", "t_1  abcdefg"}, q.Rows)
	same(t, []string{"cancel t_1 --reason=abcdefg --board web"}, h.hears(chat.Incoming{Press: q.button(t, "Yes"), Ref: q.ref}).Rows)
	<-h.said
	h.plays["list"] = chat.Printed{Out: hostile, Err: hostile}
	same(t, "abcdefg\nabcdefg", h.hears(chat.Incoming{Text: "/andon list"}).Text)
	contains(t, h.hears(chat.Incoming{Text: "/andon " + hostile}), "chats cannot do  abcdefg")
}

// TestG15_WhatWasDecidedSinceIsNotDecidedAgain: a button or a field is of one
// question, and not of the one after it.
func TestG15_WhatWasDecidedSinceIsNotDecidedAgain(t *testing.T) {
	h := newHouse(t)
	h.guest(ann, kanban.ScopeOperate)
	h.plays["show"] = chat.Printed{Out: `{"status": "review"}`}
	const told, old = 35, 25 // the events of two messages; between them it was decided
	press := func(act string, event int64) string {
		return notify.Press{Act: act, Board: "web", Task: "t_00000001", Event: event}.String()
	}
	for _, act := range []string{"approve", "retry", "unblock", "answer", "changes", "reject"} {
		contains(t, h.hears(chat.Incoming{Press: press(act, old)}), "decided in the meantime", "/andon show t_00000001")
	}
	same(t, 0, len(h.done()))
	contains(t, h.hears(chat.Incoming{Press: press("stop", old)}), "Do that?") // which answers nothing
	contains(t, h.hears(chat.Incoming{Press: press("approve", told)}), "did approve")
	h.done()

	// A field that was opened in time may be filled in too late.
	q := h.hears(chat.Incoming{Press: press("reject", told)})
	if err := h.book.Open(guests.Field{Sink: sink, Token: "late", Press: press("reject", old), User: ann.ID}); err != nil {
		t.Fatal(err)
	}
	contains(t, h.hears(chat.Incoming{Answer: "late", Text: "no"}), "decided in the meantime")
	contains(t, h.hears(chat.Incoming{Answer: q.ask.Token, Text: "no"}), "did cancel")

	// So is what is offered beside a comment.
	s := h.hears(chat.Incoming{ReplyTo: "-100/1", Text: "hm"})
	same(t, press("unblock", 40), s.button(t, "Let it go on"))
}
