package browser

import (
	"net/http"
	"strings"
	"testing"
)

// roomy fails the test if something is beyond the edge, if axe-core finds a fault, or if
// what is to be touched is too small for a finger.
func (p *page) roomy(where string) {
	p.Helper()
	p.Still()
	if wide := eval[float64](p, `document.documentElement.scrollWidth`); wide > 390 {
		p.Errorf("%s is %v pixels wide", where, wide)
	}
	for _, outside := range eval[[]string](p, beyondTheEdge) {
		p.Errorf("%s: beyond the edge: %s", where, outside)
	}
	for _, small := range eval[[]string](p, smallTargets) {
		p.Errorf("%s: hard to touch: %s", where, small)
	}
	for _, fault := range p.faults() {
		p.Errorf("%s: %s", where, fault)
	}
}

// smallTargets are buttons and fields less than 24 pixels high or wide that are not
// within a line of text.
const smallTargets = `[...document.querySelectorAll('button, select, .button, input:not([type=radio], [type=checkbox])')].filter(e => {
	const r = e.getBoundingClientRect()
	return r.width > 0 && (r.width < 24 || r.height < 24) && getComputedStyle(e).visibility !== 'hidden' && !e.closest('.visually-hidden')
}).map(e => e.outerHTML.slice(0, 120))`

// Boards are made, renamed, archived and brought back with a finger.
func TestBoardsOnAPhone(t *testing.T) {
	h := newHome(t, lanes)
	h.add("anything", "--lane", "ours")
	p := h.browse()
	p.Phone()
	p.Open("/boards")
	p.roomy("boards")
	p.Tap(`role=button[name="New board"]`)
	form := `role=dialog[name="New board"] >> `
	p.Type(form+`role=textbox[name="Name"]`, "###")
	p.Eventually("the name has none")
	p.Type(form+`role=textbox[name="Name"]`, "Web shop")
	p.roomy("a new board")
	p.Tap(form + `role=button[name="Create"]`)
	p.Until(`location.pathname === '/b/web-shop'`)
	p.Open("/boards")
	p.Tap(`role=button[name="Rename Web shop"]`)
	p.Type(`role=dialog >> role=textbox[name="Name"]`, "Shop")
	p.roomy("renaming")
	p.Tap(`role=dialog >> role=button[name="Save"]`)
	p.Eventually("It is called Shop now")
	p.Tap(`role=button[name="Archive Shop"]`)
	p.See(`role=button[name="Restore Shop"]`)
	p.roomy("an archived board")
	p.Tap(`role=button[name="Restore Shop"]`)
	p.See(`role=button[name="Archive Shop"]`)
}

// Settings are changed with a finger, lanes tested, and a token made.
func TestSettingsOnAPhone(t *testing.T) {
	h := newHome(t, lanes)
	p := h.browse()
	p.Phone()
	p.Open("/settings")
	p.roomy("settings")
	p.Tap(`role=textbox[name="Workers at once of lane slow"]`)
	p.Type(`role=textbox[name="Workers at once of lane slow"]`, "5")
	p.roomy("a changed setting")
	p.Tap(`role=button[name="Save"]`)
	p.Gone(`role=button[name="Save"]`)
	if text := h.andonYAML(); !strings.Contains(text, "max_parallel: 5") {
		t.Errorf("andon.yaml is\n%s", text)
	}
	p.Tap(`role=button[name="Pause quick"]`)
	p.See(`role=button[name="Resume quick"]`)
	p.Tap(`role=button[name="Test all lanes"]`)
	p.Eventually("Andon starts none of its workers")
	p.roomy("tested lanes")
	p.Type(`role=region[name="Tokens and sessions"] >> role=textbox[name="Name"]`, "ci")
	p.Tap(`role=button[name="New token"]`)
	p.Eventually("shown this once")
	p.roomy("a new token")
	p.Tap(`role=button[name="Revoke ci"]`)
	p.Gone(`role=button[name="Revoke ci"]`)
}

// So are subscriptions.
func TestNotificationsOnAPhone(t *testing.T) {
	receiver := newHook(t, http.StatusGone)
	h := newHome(t, lanesWith(receiver))
	h.andon("notify", "subscribe", "--sink", "ops", "--kinds", "completed")
	h.reaches(h.add("paint the fence", "--lane", "quick"), "done")
	p := h.browse()
	p.Phone()
	p.Open("/notifications")
	p.Eventually("1 message could not be delivered")
	p.Tap(subscribeForm + `role=radio[name="Only some kinds"]`)
	p.Tap(`role=button[name="Change what ops hears of"]`)
	p.roomy("notifications")
}
