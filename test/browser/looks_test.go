package browser

import "testing"

// On a phone nothing is wider than the phone, and all of it can be reached.
func TestPhone(t *testing.T) {
	h := newHome(t, team)
	tasks := h.furnish()
	p := h.browse()
	p.Phone()
	for _, path := range []string{
		"/inbox", "/b/default", "/b/default/t/" + tasks["review"], "/b/default/t/" + tasks["running"], "/b/default/graph", "/b/default/graph?as=list",
		"/fleet", "/boards", "/settings", "/b/nowhere",
	} {
		if path == "/b/nowhere" {
			p.Allow("404")
		}
		p.Open(path)
		p.Still()
		if wide := eval[float64](p, `document.documentElement.scrollWidth`); wide > 390 {
			t.Errorf("%s is %v pixels wide", path, wide)
		}
		for _, outside := range eval[[]string](p, beyondTheEdge) {
			t.Errorf("%s: beyond the edge: %s", path, outside)
		}
	}
	p.Open("/b/default/t/" + tasks["capped"])
	p.See(`role=button[name^="Copy: "]`)
	p.Until(`[...document.querySelectorAll('.command button')].every(b => b.getClientRects().length === 1 && b.scrollWidth <= b.clientWidth && new Set([...b.childNodes].flatMap(n => { const r = document.createRange(); r.selectNode(n); return [...r.getClientRects()].map(c => c.top) })).size === 1)`)
	p.Open("/b/default")
	p.Tap(`role=link[name^="Inbox"]`)
	p.Until(`location.pathname === '/inbox'`)
	p.Eventually("Which time zone should the report use?")
}

// beyondTheEdge lists what sticks out of the window and cannot be scrolled to.
const beyondTheEdge = `[...document.querySelectorAll('body *')].filter(e => {
	const r = e.getBoundingClientRect()
	if (r.width === 0 || r.height === 0 || (r.left >= 0 && r.right <= innerWidth + 1)) return false
	if (e.closest('.visually-hidden, .skip, svg')) return false
	for (let up = e.parentElement; up; up = up.parentElement) {
		const s = getComputedStyle(up)
		if (/auto|scroll|hidden|clip/.test(s.overflowX)) return false
	}
	return true
}).map(e => e.outerHTML.slice(0, 150))`

func TestThemeFollowsTheSystem(t *testing.T) {
	h := newHome(t, lanes)
	h.add("anything", "--lane", "ours")
	p := h.browse()
	background := func() string { return eval[string](p, `getComputedStyle(document.body).backgroundColor`) }
	p.Open("/b/default")
	light := background()
	p.Scheme("dark")
	p.Until(`getComputedStyle(document.body).backgroundColor !== ` + quote(light))
	dark := background()

	p.Open("/settings")
	p.Click(`role=radio[name="Light"]`)
	p.Until(`getComputedStyle(document.body).backgroundColor === ` + quote(light))
	p.Reload()
	p.Until(`getComputedStyle(document.body).backgroundColor === ` + quote(light))
	p.Click(`role=radio[name="As the system"]`)
	p.Until(`getComputedStyle(document.body).backgroundColor === ` + quote(dark))
}

// A compact card is lower, and tells title, id, lane and what it waits for or does,
// none of it cut off.
func TestCompactCards(t *testing.T) {
	h := newHome(t, team)
	tasks := h.furnish()
	p := h.browse()
	height := func(title string) float64 {
		return eval[float64](p, `[...document.querySelectorAll('[data-card]')].find(e => e.textContent.includes(`+quote(title)+`)).offsetHeight`)
	}
	p.Open("/b/default")
	p.See(card("Release 1.4"))
	roomy := height("Release 1.4")
	p.Open("/settings")
	p.Click(`role=radio[name^="Compact"]`)
	p.Open("/b/default")
	p.See(card("Release 1.4"))
	if compact := height("Release 1.4"); compact > 0.7*roomy {
		t.Errorf("a compact card is %v pixels high, a roomy one %v", compact, roomy)
	}
	for title, tells := range map[string][]string{
		"Release 1.4":                             {tasks["waits"], "docs", "waiting for "},
		"Drop support for the old protocol":       {tasks["capped"], "builder", "P5", "cap: lane builder 2/2"},
		"Move the settings to one file":           {tasks["busy"], "builder", "running ./server (41 of 58)"},
		"Nightly report by e-mail":                {tasks["question"], "docs", "Which time zone"},
		"Read the pull requests of the week":      {tasks["free"], "reviewer", "waits to be claimed"},
		"Make the server's tests pass under load": {tasks["running"], "builder", "P20", "running ./server"},
	} {
		for _, what := range tells {
			p.See(`role=option[name*="` + title + `"]`)
			p.Until(`[...document.querySelectorAll('[data-card]')].some(e => e.innerText.includes(` + quote(title) + `) && e.innerText.includes(` + quote(what) + `))`)
		}
	}
	for _, cut := range eval[[]string](p, `[...document.querySelectorAll('[data-card] *')].filter(e =>
		e.closest('.foot.question, .foot.failed') ? false : e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline' || e.getBoundingClientRect().bottom > e.closest('[data-card]').getBoundingClientRect().bottom + 0.5
	).map(e => e.outerHTML.slice(0, 200))`) {
		t.Errorf("cut off: %s", cut)
	}
	for _, scheme := range []string{"light", "dark"} {
		p.Scheme(scheme)
		p.Still()
		for _, fault := range p.faults() {
			t.Errorf("%s: %s", scheme, fault)
		}
	}
}

// What lies over the board at its lower edge lies over nothing else of it.
func TestNarrowWindow(t *testing.T) {
	h := newHome(t, lanes)
	for _, title := range []string{"one", "two"} {
		h.add("number "+title, "--lane", "ours")
	}
	h.reaches(h.add("busy", "--lane", "slow"), "running")
	h.reaches(h.add("which colour", "--lane", "asks"), "blocked")
	p := h.browse()
	p.Size(1024, 700)
	p.Open("/b/default")
	p.See(card("which colour"))
	p.Click(card("number one"), "ctrl")
	p.Click(card("busy"), "ctrl")
	p.Press("Left", "x", "Right", "Right", "x")
	p.See(`role=toolbar[name="Selected tasks"]`)
	p.Until(`(b => b.scrollWidth <= b.clientWidth && b.getBoundingClientRect().right <= innerWidth)(document.querySelector('[role=toolbar]'))`)
	p.Press("Escape", "Home")

	p.Lift(card("number two"))
	p.DropOn(`role=region[name^="Blocked, "]`)
	p.See(`role=button[name="Undo z"]`)
	p.Click(card("number one"), "ctrl")
	p.Press("m")
	p.Eventually("Left and right choose")
	p.Until(`(([a, b]) => a.bottom <= b.top || a.top >= b.bottom || a.right <= b.left || a.left >= b.right)([document.querySelector('.toast'), document.querySelector('.keys')].map(e => e.getBoundingClientRect()))`)
}
