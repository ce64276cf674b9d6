package browser

import "testing"

func TestGraph(t *testing.T) {
	h := newHome(t, lanes)
	base := h.add("the foundation", "--lane", "ours")
	wall := h.add("the walls", "--lane", "ours", "--parent", base)
	h.add("the roof", "--lane", "ours", "--parent", wall)
	p := h.browse()
	p.Open("/b/default/graph")
	p.Eventually("Critical path: 3 tasks")
	p.Eventually("the roof")
	h.add("the garden", "--lane", "ours", "--parent", base)
	p.Eventually("the garden")
	h.andon("complete", base)
	p.Eventually("Critical path: 2 tasks")
	p.Press("l")
	p.Until(`location.search === '?as=list'`)
	p.See(`role=link[name*="the walls"]`)
}

func TestFleet(t *testing.T) {
	h := newHome(t, lanes)
	p := h.browse()
	p.Open("/fleet")
	p.Eventually("No worker is at work.")
	for _, title := range []string{"one", "two", "three"} {
		h.add("number "+title, "--lane", "slow")
	}
	p.Eventually("2 workers at work")
	p.Eventually("compiling 12 files")
	p.Eventually("No room below a cap")
	p.Click(`role=button[name="Pause ours"]`)
	p.See(`role=button[name="Resume ours"]`)
	p.Click(`role=button[name="Stop number one"]`)
	p.Eventually("“number one” is stopped and held")
	p.Until(`document.body.innerText.includes('number three')`)
}
