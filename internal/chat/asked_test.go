package chat_test

import (
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/chat"
	"github.com/andon-dev/andon/internal/kanban"
)

func TestG15_WhatCannotBeTakenBackIsAskedFirst(t *testing.T) {
	h := newHouse(t)
	h.guest(ann, kanban.ScopeOperate)
	h.guest(bob, kanban.ScopeOperate)
	q := h.hears(chat.Incoming{Text: "/andon delete t_1"})
	contains(t, q, "Do that?", "delete t_1 --board web", "t_1  a title")
	yes, no := q.button(t, "Yes"), q.button(t, "No")
	contains(t, h.hears(chat.Incoming{Press: yes, User: bob}), "not yours")
	edit := h.hears(chat.Incoming{Press: yes, Ref: q.ref})
	same(t, "edit", edit.how)
	same(t, 0, len(edit.Buttons))
	contains(t, <-h.said, "did delete t_1")
	same(t, map[string]string{"yes": "true"}, h.flags)
	contains(t, h.hears(chat.Incoming{Press: yes}), "not open any more")
	too := h.hears(chat.Incoming{Press: no, Ref: q.ref})
	same(t, "say", too.how) // the question tells what was done
	contains(t, too, "not open any more")

	q = h.hears(chat.Incoming{Text: "/andon cancel t_1"})
	h.now = h.now.Add(6 * time.Minute)
	contains(t, h.hears(chat.Incoming{Press: q.button(t, "Yes")}), "not open any more")
	same(t, []string{"delete t_1", "show --json --board web -- t_1", "delete t_1 --board web", "cancel t_1", "show --json --board web -- t_1"}, h.done())
}

// TestG15_WhatIsAskedIsWhatIsDone: what @last stands for, and all lines.
func TestG15_WhatIsAskedIsWhatIsDone(t *testing.T) {
	h := newHouse(t)
	h.guest(ann, kanban.ScopeOperate)
	h.last = "t_0000000a"
	q := h.hears(chat.Incoming{Text: "/andon archive @last\nt_0000000b"})
	contains(t, q, "archive t_0000000a t_0000000b --board web", "t_0000000a  a title", "t_0000000b  a title")
	h.last = "t_0000000c"
	h.done()
	h.hears(chat.Incoming{Press: q.button(t, "Yes"), Ref: q.ref})
	<-h.said
	same(t, []string{"archive t_0000000a t_0000000b --board web"}, h.done())

	h.on = "press" // which is not the board of this place
	contains(t, h.hears(chat.Incoming{Text: "/andon archive t_0000000b @last"}), "archive t_0000000b t_0000000c --board press", "t_0000000c  a title")
	h.done()
	h.hears(chat.Incoming{Press: h.hears(chat.Incoming{Text: "/andon tail @last"}).button(t, "Tell me what happens")})
	same(t, "notify subscribe --board press --sink phone --target -100 --thread 5 -- t_0000000c", h.done()[2])
}

// TestG15_OnlyWhoWasAskedSaysNo: the question of another stays as it is.
func TestG15_OnlyWhoWasAskedSaysNo(t *testing.T) {
	h := newHouse(t)
	h.guest(ann, kanban.ScopeOperate)
	h.guest(bob, kanban.ScopeRead)
	q := h.hears(chat.Incoming{Text: "/andon cancel t_1"})
	s := h.hears(chat.Incoming{Press: q.button(t, "No"), User: bob, Ref: q.ref})
	same(t, "say", s.how)
	contains(t, s, "not yours")
	same(t, "say", h.hears(chat.Incoming{Press: "no|-|FORGED", User: bob, Ref: "-100/1"}).how)
	s = h.hears(chat.Incoming{Press: q.button(t, "No"), Ref: q.ref})
	same(t, "edit", s.how)
	contains(t, s, "Left as it is")
	contains(t, h.hears(chat.Incoming{Press: q.button(t, "Yes"), Ref: q.ref}), "not open any more")
}

// TestG15_WhatIsAskedNamesItsTasks: by whatever start of an id, and nothing is asked
// about what is none. A flag's value is no task.
func TestG15_WhatIsAskedNamesItsTasks(t *testing.T) {
	h := newHouse(t)
	h.guest(ann, kanban.ScopeOperate)
	h.plays["show"] = chat.Printed{Out: `{"id": "t_000bec97", "title": "a title"}`}
	q := h.hears(chat.Incoming{Text: "/andon cancel bec97 --reason t_1"})
	same(t, []string{"cancel t_000bec97 --reason=t_1 --board web", "t_000bec97  a title"}, q.Rows)
	h.plays["show"] = chat.Printed{Status: 2, Err: `{"error": {"message": "there is no task ffff"}}`}
	s := h.hears(chat.Incoming{Text: "/andon delete ffff"})
	contains(t, s, "there is no task ffff")
	same(t, 0, len(s.Buttons))
}

// TestG15_TheCordIsPulledAsItWasSaid: for nothing more and nothing less than at a
// terminal, and the question says for what.
func TestG15_TheCordIsPulledAsItWasSaid(t *testing.T) {
	h := newHouse(t)
	h.guest(ann, kanban.ScopeAdmin)
	h.hears(chat.Incoming{Text: "/andon here --board web"}) // which is for tasks
	for line, says := range map[string]string{
		"pull":                         "Nothing new starts in the whole home, until it is resumed.",
		"pull --all red build":         "Nothing new starts in the whole home",
		"pull --lane builder":          "Nothing new starts in lane builder",
		"pull account:max --reason it": "Nothing new starts in account max",
		"pull --board ops --stop":      "Nothing new starts in board ops, until it is resumed.\nWhat runs is stopped, too.",
	} {
		q := h.hears(chat.Incoming{Text: "/andon " + line})
		contains(t, q, "Do that?\n"+line+"\n"+says)
		h.done()
		h.hears(chat.Incoming{Press: q.button(t, "Yes"), Ref: q.ref})
		<-h.said
		same(t, []string{line}, h.done())
	}
	contains(t, h.hears(chat.Incoming{Text: "/andon pull lane:a --board b"}), "one scope at a time")
	contains(t, h.hears(chat.Incoming{Text: "/andon pull --lane ''"}), "--lane is empty")
	h.hears(chat.Incoming{Text: "/andon resume"})
	same(t, "resume", h.done()[2])
	contains(t, h.hears(chat.Incoming{Text: "/andon boards archive old"}), "Do that?\nboards archive old")
}
