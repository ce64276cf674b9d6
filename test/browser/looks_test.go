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
