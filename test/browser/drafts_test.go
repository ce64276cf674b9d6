package browser

import "testing"

// endSessions ends all there are, as time does.
func (h *home) endSessions() {
	h.Helper()
	var sessions struct{ Items []struct{ ID string } }
	h.ask(&sessions, "tokens", "list")
	for _, s := range sessions.Items {
		h.andon("tokens", "revoke", s.ID)
	}
}

const newTask = `role=dialog[name="New task"] >> `

// What was typed and not sent outlives Escape, a reload and the end of the session.
func TestTypedTextIsKept(t *testing.T) {
	h := newHome(t, lanes)
	id := h.add("paint the fence", "--lane", "ours")
	p := h.browse()
	p.Open("/b/default")
	p.Press("c")
	p.Type(newTask+`role=textbox[name="Title"]`, "a long thought")
	p.Type(newTask+`role=textbox[name="Text"]`, "in many words")
	p.Press("Escape")
	p.Gone(`role=dialog`)
	p.Press("c")
	p.Eventually("What you typed before is here again")
	p.Until(`document.querySelector('dialog textarea.title').value === 'a long thought'`)
	p.Reload()
	p.Press("c")
	p.Until(`[...document.querySelectorAll('dialog textarea')].some(e => e.value === 'in many words')`)
	p.Click(newTask + `role=button[name="Begin anew"]`)
	p.Until(`document.querySelector('dialog textarea.title').value === ''`)
	p.Press("Escape")
	p.Gone(`role=dialog`)
	p.Press("c")
	p.Until(`document.querySelector('dialog textarea.title')?.value === ''`)
	p.Press("Escape")

	p.Open("/b/default/t/" + id)
	p.Click(`role=tab[name^="Comments"]`)
	p.Type(`role=textbox[name="New comment"]`, "half a remark")
	p.Press("Escape", "Escape")
	p.Until(`location.pathname === '/b/default'`)
	p.Open("/b/default/t/" + id)
	p.Click(`role=tab[name^="Comments"]`)
	p.Until(`[...document.querySelectorAll('aside textarea')].some(e => e.value === 'half a remark')`)
	p.Press("i")
	p.Type(`role=complementary >> role=textbox[name="Title"]`, "paint the wall")
	p.Press("Escape")
	p.Eventually("Not saved. What you typed is here when you edit it again")
	p.Press("i")
	p.Until(`document.querySelector('aside form input').value === 'paint the wall'`)
	p.Click(`role=button[name="Discard changes"]`)
	p.Press("i")
	p.Until(`document.querySelector('aside form input').value === 'paint the fence'`)
}

// A session that ends while somebody types leads to a page with the way back; who logs
// in in another tab goes on here, and finds what was typed.
func TestG30_SessionEndsAndNothingTypedIsLost(t *testing.T) {
	h := newHome(t, lanes)
	h.add("a secret", "--lane", "ours")
	p := h.browse()
	p.Allow(`401`)
	p.Open("/b/default")
	p.Press("c")
	p.Type(newTask+`role=textbox[name="Title"]`, "a long thought")
	h.endSessions()
	p.Press("ctrl+Enter")
	p.Eventually("Your session has ended")
	p.Eventually("What you have typed is kept")
	p.Gone(card("a secret"))
	p.Until(`document.documentElement.scrollHeight <= innerHeight`)
	for _, fault := range p.faults() {
		t.Error(fault)
	}
	p.Click(`role=button[name="Try again"]`)
	p.Eventually("There is no session yet")

	p.BesideIt(h.link())
	p.Until(`document.querySelector('dialog textarea.title')?.value === 'a long thought'`)
	p.Press("ctrl+Enter")
	p.See(inColumn("Ready", "a long thought"))
	p.See(card("a secret"))
}

// A token that expires by time while its page is open leads there, too, and says so.
func TestG30_TokenExpires(t *testing.T) {
	h := newHome(t, lanes)
	h.add("a secret", "--lane", "ours")
	var token struct{ Secret string }
	h.ask(&token, "tokens", "create", "short", "--scope", "operate", "--expires", "6s")
	p := h.visit(h.link())
	p.Allow(`401`)
	p.Forget()
	p.Bear(token.Secret)
	p.Open("/b/default")
	p.See(card("a secret"))
	p.Eventually("this token has expired")
	p.Gone(card("a secret"))
	p.Bear("")
	p.Goto(pathOf(h.link()))
	p.Open("/b/default")
	p.See(card("a secret"))
}

// A link that was used is no dead end for who is logged in.
func TestUsedLinkLeadsToTheDashboard(t *testing.T) {
	h := newHome(t, lanes)
	h.add("a secret", "--lane", "ours")
	link := h.link()
	p := h.visit(link)
	p.Settled()
	p.Goto(pathOf(link))
	p.Until(`location.pathname === '/'`)
	p.Eventually("Nothing waits for you")
}
