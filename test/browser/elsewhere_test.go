package browser

import "testing"

// What others stop is told above every page, and so is that it goes on.
func TestStoppedLineIsToldEverywhere(t *testing.T) {
	h := newHome(t, lanes)
	h.add("anything", "--lane", "ours")
	p := h.browse()
	for _, path := range []string{"/b/default/graph", "/settings", "/boards", "/notifications", "/inbox"} {
		p.Open(path)
		h.andon("pull", "--reason", "smoke in the hall")
		p.Eventually("smoke in the hall")
		h.andon("resume")
		p.Until(`!document.body.innerText.includes('smoke in the hall')`)
	}
}

// Boards, tokens and tasks that come and go elsewhere come and go here.
func TestWhatOthersMakeShowsUp(t *testing.T) {
	h := newHome(t, lanes)
	id := h.add("paint the fence", "--lane", "ours")
	p := h.browse()
	p.Open("/settings")
	h.andon("tokens", "create", "ci", "--scope", "read")
	p.See(`role=button[name="Revoke ci"]`)
	h.andon("boards", "create", "web", "--name", "Web shop")
	p.Until(`[...document.querySelectorAll('nav option')].some(o => o.textContent.includes('Web shop'))`)

	p.Open("/b/default/t/" + id)
	p.See(`role=heading[name="paint the fence"]`)
	p.Allow(`404`)
	h.andon("archive", id)
	h.andon("archive", "--rm", "--yes", id)
	p.Eventually("This task is not there")
	p.Gone(`role=heading[name="paint the fence"]`)
}

// Who is for one board alone is offered nothing that is about all, and nothing fails.
func TestG30_SessionOfOneBoard(t *testing.T) {
	h := newHome(t, lanes)
	h.add("anything", "--lane", "ours")
	p := h.browse("--scope", "operate", "--board", "default")
	for _, path := range []string{"/inbox", "/b/default", "/b/default/graph", "/boards", "/settings", "/notifications"} {
		p.Open(path)
		p.Still()
		p.Gone(`role=link[name="Fleet"]`)
		p.Gone(`role=alert`)
	}
	p.Open("/fleet")
	p.Eventually("Your credential is for one board")
}

// Without an answer a new task stays as it is typed, and it says why in its place.
func TestCreateDialogWithoutGateway(t *testing.T) {
	h := newHome(t, lanes)
	h.add("anything", "--lane", "ours")
	p := h.browse()
	p.Allow(`request failed`, `ERR_`, `50[234] `, `Failed to load resource`)
	p.Open("/b/default")
	p.Press("c")
	p.Type(newTask+`role=textbox[name="Title"]`, "a long thought")
	h.kill()
	p.Press("ctrl+Enter")
	p.Until(`document.querySelector('dialog [role=alert]')?.textContent.includes('The gateway does not answer')`)
	h.start()
	p.Press("ctrl+Enter")
	p.Gone(`role=dialog`)
	p.See(card("a long thought"))
}

// A text is seen as it will be shown before the task is made.
func TestBodyIsPreviewed(t *testing.T) {
	h := newHome(t, lanes)
	h.add("anything", "--lane", "ours")
	p := h.browse()
	p.Open("/b/default")
	p.Press("c")
	p.Type(newTask+`role=textbox[name="Title"]`, "paint it")
	p.Type(newTask+`role=textbox[name="Text"]`, "# Steps\n\n- [ ] **twice**\n\n<img src=x onerror=window.pwned=1>")
	p.Click(newTask + `role=button[name="Preview"]`)
	p.Until(`document.querySelector('dialog .preview strong')?.textContent === 'twice'`)
	p.unharmed("preview")
	p.Gone(newTask + `role=textbox[name="Text"]`)
	p.Click(newTask + `role=button[name="Preview"]`)
	p.See(newTask + `role=textbox[name="Text"]`)
	p.Press("ctrl+Enter")
	p.See(card("paint it"))
}
