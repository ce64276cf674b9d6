package browser

import "testing"

// Who may only read is offered nothing else.
func TestG30_ReaderChangesNothing(t *testing.T) {
	h := newHome(t, lanes)
	id := h.add("look, do not touch", "--lane", "ours")
	asked := h.add("in doubt", "--lane", "asks")
	h.reaches(asked, "blocked")
	p := h.browse("--scope", "read")
	p.Open("/b/default")
	p.See(inColumn("Ready", "look, do not touch"))
	p.Gone(`role=button[name="New task"]`)
	p.Gone(`role=button[name^="Stop the line"]`)
	p.Lift(card("look, do not touch"))
	p.DropOn(`role=region[name^="Done, "]`)
	p.Press("Down", "m", "c", "!")
	p.Gone(`role=dialog`)
	p.Until(lit(""))
	p.Open("/b/default/t/" + asked)
	p.Eventually("Which colour should it have?")
	p.Gone(`role=button[name^="Answer"]`)
	p.Gone(`role=button[name="Archive"]`)
	h.add("and it is live", "--lane", "ours")
	p.See(inColumn("Ready", "and it is live"))
	if got := h.status(id); got != "ready" {
		t.Errorf("it is %s", got)
	}
}

// Who may see one board only is told what is stopped for it.
func TestG30_OneBoardSeesWhatIsStopped(t *testing.T) {
	h := newHome(t, lanes)
	h.add("so that there is a board", "--lane", "ours")
	h.andon("boards", "create", "other")
	h.andon("pull", "lane:asks")
	h.andon("pull", "--board", "other")
	p := h.browse("--scope", "comment", "--board", "default")
	for _, path := range []string{"/b/default", "/settings"} {
		p.Open(path)
		p.Eventually("The lane asks is stopped")
		p.Until(`!document.body.innerText.includes('The board other') && !document.body.innerText.includes('Nothing is stopped')`)
	}
}

// A session that was ended says so, and how to begin another; nothing of the board
// stays in sight.
func TestG30_SessionEnds(t *testing.T) {
	h := newHome(t, lanes)
	h.add("a secret", "--lane", "ours")
	p := h.browse()
	p.Open("/b/default")
	p.See(card("a secret"))
	p.Allow(`401`)

	var sessions struct{ Items []struct{ ID string } }
	h.ask(&sessions, "tokens", "list")
	for _, s := range sessions.Items {
		h.andon("tokens", "revoke", s.ID)
	}
	p.Press("r")
	p.Eventually("Your session has ended")
	p.Eventually("andon dashboard")
	p.Gone(card("a secret"))
	p.Goto("/b/default")
	p.Eventually("andon dashboard")
}

// A link works once.
func TestG30_LinkIsUsedUp(t *testing.T) {
	h := newHome(t, lanes)
	h.add("a secret", "--lane", "ours")
	link := h.link()
	ann, bob := h.visit(link), h.visit(link)
	bob.Allow(`401`)
	bob.Eventually("used before, or has expired")
	ann.Open("/b/default")
	ann.See(card("a secret"))
	bob.Goto("/b/default")
	bob.Eventually("andon dashboard")
}

// What a session did bears the name of its owner.
func TestActorIsNamed(t *testing.T) {
	h := newHome(t, lanes)
	id := h.add("carry me", "--lane", "ours")
	p := h.browse()
	p.Open("/b/default/t/" + id)
	p.Click(`role=tab[name^="Comments"]`)
	p.Type(`role=textbox[name="New comment"]`, "seen")
	p.Press("ctrl+Enter")
	p.Until(`[...document.querySelectorAll('aside li')].some(e => e.innerText.includes('seen'))`)
	var me struct{ Name string }
	if me.Name = eval[string](p, `fetch('/api/v1/meta').then(r => r.json()).then(m => m.name)`); me.Name == "" {
		t.Fatal("the session has no name")
	}
	p.Until(`document.querySelector('aside li .who strong').textContent === ` + quote(me.Name))
}

// A name that no token may have is refused beside the form, until one is taken.
func TestTokenIsRefusedAndMade(t *testing.T) {
	h := newHome(t, lanes)
	p := h.browse("--scope", "admin")
	p.Open("/settings")
	p.Allow("422")
	p.Type(`role=textbox[name="Name"]`, "ui token")
	p.Click(`role=region[name="Tokens and sessions"] >> role=button[name="New token"]`)
	p.Until(`document.querySelector('form [role=alert]')?.innerText.includes('ui token')`)
	p.Type(`role=textbox[name="Name"]`, "ui-token")
	p.Click(`role=region[name="Tokens and sessions"] >> role=button[name="New token"]`)
	p.Eventually("andon_")
	p.Gone(`role=alert`)
}
