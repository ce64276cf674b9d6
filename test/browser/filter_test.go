package browser

import (
	"net/http"
	"strings"
	"testing"
)

func TestFiltersAreInTheAddress(t *testing.T) {
	h := newHome(t, lanes)
	h.add("paint the fence", "--lane", "ours", "--tenant", "acme")
	h.add("paint the door", "--lane", "ours", "--tenant", "globex")
	h.add("mow the lawn", "--tenant", "acme")
	p := h.browse()
	p.Open("/b/default")
	p.Count(3, `role=option[name*="the "]`)

	p.Type(`role=searchbox[name="Words in title or text"]`, "paint")
	p.Gone(card("mow the lawn"))
	p.Choose(`role=combobox[name="Tenant"]`, "acme")
	p.Gone(card("paint the door"))
	p.Until(`location.search === '?text=paint&tenant=acme'`)

	p.Reload()
	p.See(card("paint the fence"))
	p.Gone(card("paint the door"))
	p.Until(`document.querySelector('input[type=search]').value === 'paint'`)
	h.add("paint the wall", "--lane", "ours", "--tenant", "globex")
	h.add("paint the gate", "--lane", "ours", "--tenant", "acme")
	p.See(card("paint the gate"))
	p.Gone(card("paint the wall"))

	p.Click(`role=button[name="Clear filters"]`)
	p.See(card("mow the lawn"))
	p.Choose(`role=combobox[name="Lane"]`, "ours")
	p.Gone(card("mow the lawn"))
	p.Until(`location.search === '?lane=ours'`)
}

func TestFoldedColumnsAreRemembered(t *testing.T) {
	h := newHome(t, lanes)
	h.add("anything", "--lane", "ours")
	p := h.browse()
	p.Open("/b/default")
	p.Click(`role=button[name="Fold Blocked"]`)
	p.See(`role=button[name="0 Blocked"]`)
	p.Click(`role=button[name="0 Triage"]`)
	p.Reload()
	p.See(`role=button[name="0 Blocked"]`)
	p.See(`role=button[name="Fold Triage"]`)
	p.Click(`role=button[name="0 Blocked"]`)
	p.See(`role=button[name="Fold Blocked"]`)
}

// What is found comes into sight, where one column fills the screen.
func TestFilterLeadsToWhatItFinds(t *testing.T) {
	h := newHome(t, lanes)
	h.add("an idea", "--triage")
	done := h.add("paint the fence", "--lane", "ours")
	h.andon("complete", done)
	p := h.browse()
	p.Phone()
	p.Open("/b/default")
	p.See(card("an idea"))
	p.Type(`role=searchbox[name="Words in title or text"]`, "fence")
	p.Until(`(e => e && e.getBoundingClientRect().left >= 0 && e.getBoundingClientRect().right <= innerWidth)([...document.querySelectorAll('[data-card]')].find(e => e.innerText.includes('paint the fence')))`)
}

// Labels are given with a new task, stand on its card and its page, are changed there,
// and choose what the board shows and what a subscription hears of.
func TestLabels(t *testing.T) {
	receiver := newHook(t, http.StatusOK)
	h := newHome(t, lanesWith(receiver))
	h.add("mow the lawn", "--label", "garden")
	p := h.browse()
	p.Open("/b/default")
	p.Press("c")
	p.Type(`role=textbox[name="Title"]`, "paint the fence")
	p.Type(`role=textbox[name="Labels"]`, "Outside, ")
	p.Click(`role=button[name="Add the label garden"]`)
	p.Press("ctrl+Enter")
	p.See(`role=option[name*="paint the fence garden outside"]`)

	p.Choose(`role=combobox[name="Label"]`, "outside")
	p.Until(`location.search === '?label=outside'`)
	p.Gone(card("mow the lawn"))
	gate := h.add("paint the gate", "--label", "outside,p1")
	p.See(card("paint the gate"))
	h.add("sweep the path", "--label", "garden")
	p.Click(card("paint the fence"))
	p.Click(`role=complementary >> role=button[name="Edit"]`)
	p.Type(`role=complementary >> role=textbox[name="Labels"]`, "garden p1")
	p.Press("ctrl+Enter")
	p.Gone(card("paint the fence"))
	p.Gone(card("sweep the path"))
	p.Click(`role=complementary >> role=link[name="p1"]`)
	p.See(card("paint the fence"))
	p.See(card("paint the gate"))
	p.Until(`location.pathname === '/b/default' && location.search === '?label=p1'`)
	for _, fault := range p.faults() {
		t.Error(fault)
	}

	p.Open("/notifications")
	p.Type(subscribeForm+`role=textbox[name="Labels"]`, "p1")
	p.Click(subscribeForm + `role=button[name="Add the label garden"]`)
	p.Click(subscribeForm + `role=button[name="Subscribe"]`)
	p.Eventually("the whole board · labelled garden p1")
	for _, fault := range p.faults() {
		t.Error(fault)
	}
	p.Click(`role=button[name="Remove ops"]`)
	p.Eventually("Nobody hears of what happens on this board")
	p.Press("z")
	p.Eventually("the whole board · labelled garden p1")
	h.andon("block", gate, "which colour?")
	h.andon("block", strings.TrimSpace(h.andon("list", "fence", "-o", "name")), "which brush?")
	receiver.hears(t, "which brush?")
	if n := len(receiver.received); n != 1 {
		t.Errorf("%d messages: %q", n, receiver.received)
	}
}
