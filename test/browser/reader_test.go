package browser

import (
	"strings"
	"testing"
)

// Who may only read finds nothing to press that would change anything: each button
// and each field of every view is tried.
func TestG30_ReaderFindsNothingToPress(t *testing.T) {
	receiver := newHook(t, 410)
	h := newHome(t, team+"notify: {sinks: {ops: {type: webhook, url: \""+receiver.url+"\"}}}\n")
	h.andon("notify", "subscribe", "--sink", "ops", "--kinds", "completed")
	tasks := h.furnish()
	h.andon("boards", "create", "web")
	h.andon("pull", "--lane", "docs", "--reason", "no money")
	p := h.browse("--scope", "read")
	p.Allow(`Clipboard`) // copying is for who presses a button with a hand
	for _, path := range []string{
		"/inbox", "/b/default", "/b/default/graph", "/b/default/graph?as=list", "/fleet", "/boards", "/settings", "/notifications",
		"/b/default/t/" + tasks["question"], "/b/default/t/" + tasks["review"], "/b/default/t/" + tasks["failed"], "/b/default/t/" + tasks["running"],
		"/b/default/t/" + tasks["waits"], "/b/default/t/" + tasks["idea"], "/b/default/t/" + tasks["later"],
	} {
		p.Open(path)
		p.Still()
		for _, found := range eval[[]string](p, changesAsked) {
			if found == "BUTTON Log out asks for DELETE /api/v1/session" {
				continue
			}
			t.Errorf("%s: %s", path, found)
		}
		for _, key := range []string{"c", "i", "e", "m", "x", "!", "shift+n", "a"} {
			p.Press(key)
		}
		if got := eval[string](p, `window.asked.join(', ')`); got != "" {
			t.Errorf("%s: keys ask for %s", path, got)
		}
	}
	for _, id := range tasks {
		if strings.Contains(h.andon("show", id), "cancelled") {
			t.Errorf("%s was changed", id)
		}
	}
}

// changesAsked presses every button there is, and writes into every field, and lists
// what asked for a change by it.
const changesAsked = `(async () => {
	window.asked = []
	const real = window.fetch
	window.fetch = (to, init) => {
		if ((init?.method ?? 'GET') !== 'GET') { window.asked.push(init.method + ' ' + to); return new Promise(() => {}) } // an answer would have it asked again
		return real(to, init)
	}
	const found = []
	const here = location.pathname + location.search
	for (const e of document.querySelectorAll('main button, main summary, main form, nav button')) {
		if (!e.isConnected || e.matches(':disabled')) continue
		const name = e.tagName + ' ' + (e.getAttribute('aria-label') ?? e.innerText).trim()
		e.tagName === 'FORM' ? e.requestSubmit() : e.click()
		await new Promise(requestAnimationFrame)
		for (const d of document.querySelectorAll('dialog[open]')) { if (d.querySelector('form')) found.push(name + ' opens a form'); d.close() }
		if (window.asked.length) found.push(name + ' asks for ' + window.asked.splice(0).join(', '))
		if (location.pathname + location.search !== here) history.replaceState(null, '', here)
	}
	return found
})()`
