package browser

import "testing"

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
