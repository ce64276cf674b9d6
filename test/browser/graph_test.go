package browser

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/andon-dev/andon/client"
)

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

// built puts a house on the board and opens its graph.
func (h *home) built() (base, wall, roof string) {
	h.Helper()
	base = h.add("the foundation", "--lane", "ours")
	wall = h.add("the walls", "--lane", "ours", "--parent", base)
	roof = h.add("the roof", "--lane", "ours", "--parent", wall)
	h.add("the garden", "--lane", "ours", "--parent", base)
	return base, wall, roof
}

// look is what the graph's camera shows.
type look struct{ X, Y, Zoom float64 }

func (p *page) look() look {
	p.Helper()
	p.Until(`document.querySelector('.world')`)
	return eval[look](p, `(m => ({ X: m.e, Y: m.f, Zoom: m.a }))(new DOMMatrix(getComputedStyle(document.querySelector('.world')).transform))`)
}

// near reports whether two places are the same but for a pixel.
func near(a, b float64) bool { return math.Abs(a-b) < 1 }

func TestGraphByFinger(t *testing.T) {
	h := newHome(t, lanes)
	base, _, _ := h.built()
	p := h.browse()
	p.Phone()
	p.Open("/b/default/graph")
	p.See(`role=link[name^="the walls"]`)

	before := p.look()
	at := p.middle(`role=link[name^="the walls"]`)
	p.Fingers(at)
	p.Fingers(point{X: at.X + 20, Y: at.Y + 10})
	p.Fingers(point{X: at.X + 60, Y: at.Y + 40})
	p.Fingers()
	if after := p.look(); !near(after.X-before.X, 60) || !near(after.Y-before.Y, 40) || after.Zoom != before.Zoom {
		t.Errorf("moved from %v to %v", before, after)
	}

	before = p.look()
	left, right := point{X: 150, Y: 300}, point{X: 230, Y: 300}
	p.Fingers(left)
	p.Fingers(left, right)
	for step := 1.0; step <= 4; step++ {
		p.Fingers(point{X: left.X - 5*step, Y: left.Y}, point{X: right.X + 5*step, Y: right.Y})
	}
	p.Fingers()
	after := p.look()
	if grown := after.Zoom / before.Zoom; math.Abs(grown-1.5) > 0.1 {
		t.Errorf("fingers half as far apart again zoom by %v, from %v to %v", grown, before, after)
	}
	held := func(l look) (x, y float64) { return (190 - l.X) / l.Zoom, (300 - l.Y) / l.Zoom } // between the fingers
	x, y := held(before)
	if u, v := held(after); math.Abs(u-x) > 8 || math.Abs(v-y) > 60 { // the canvas begins below the page's head
		t.Errorf("what was between the fingers was %v,%v and is %v,%v", x, y, u, v)
	}
	if path := p.Path(); path != "/b/default/graph" {
		t.Errorf("moving opened %s", path)
	}

	p.Tap(`role=link[name^="the foundation"]`)
	p.Until(`location.pathname === '/b/default/t/` + base + `'`)
}

func TestGraphByKeyboard(t *testing.T) {
	h := newHome(t, lanes)
	_, wall, _ := h.built()
	p := h.browse()
	p.Open("/b/default/graph")
	p.See(`role=link[name^="the roof"]`)
	focus := func(title string) {
		t.Helper()
		p.Until(`document.activeElement.innerText.startsWith(` + quote(title) + `)`)
	}

	p.Press("Home") // the keys work at once
	focus("the foundation")
	p.Press(p.along())
	p.Until(`/^the (walls|garden)/.test(document.activeElement.innerText)`)
	p.Press("End", "p")
	focus("the foundation")

	before := p.look()
	p.Press("+")
	if after := p.look(); after.Zoom <= before.Zoom {
		t.Errorf("+ does not zoom in: %v, %v", before, after)
	}
	p.Press("-", "-")
	if after := p.look(); after.Zoom >= before.Zoom {
		t.Errorf("- does not zoom out: %v, %v", before, after)
	}
	before = p.look()
	p.Press("shift+Right")
	if after := p.look(); !near(before.X-after.X, 80) {
		t.Errorf("Shift and an arrow do not move the view: %v, %v", before, after)
	}
	p.Press("0")
	p.Until(`(b => [...document.querySelectorAll('.node')].every(n => { const r = n.getBoundingClientRect(); return r.left >= b.left && r.right <= b.right && r.top >= b.top && r.bottom <= b.bottom }))(document.querySelector('.canvas').getBoundingClientRect())`)

	p.Press("l")
	p.Until(`document.activeElement.closest('main li a')`)
	p.Press("l")
	p.See(`role=link[name^="the roof"]`)
	p.Press("Home")
	focus("the foundation")
	p.Press("r")
	p.Until(`location.search.startsWith('?root=')`)
	p.Eventually("Around the foundation")
	p.Press("shift+A")
	p.Until(`location.search === ''`)
	eval[bool](p, `(document.getElementById('node-`+wall+`').focus(), true)`)
	p.Press("Enter")
	p.Until(`location.pathname === '/b/default/t/` + wall + `'`)
}

// along is the arrow from a task to those that wait for it.
func (p *page) along() string {
	p.Helper()
	if eval[bool](p, `(([a, b]) => b.top - a.top > Math.abs(b.left - a.left))(['the foundation', 'the roof'].map(t => [...document.querySelectorAll('.node')].find(n => n.innerText.startsWith(t)).getBoundingClientRect()))`) {
		return "Down"
	}
	return "Right"
}

// What happens to tasks shows on their nodes, and on the critical path.
func TestGraphIsLive(t *testing.T) {
	h := newHome(t, lanes)
	base := h.add("the foundation", "--lane", "slow")
	wall := h.add("the walls", "--lane", "ours", "--parent", base)
	h.add("the roof", "--lane", "ours", "--parent", wall)
	h.add("the garden", "--lane", "ours", "--parent", base)
	p := h.browse()
	p.Open("/b/default/graph")
	node := func(title, shows string) {
		t.Helper()
		p.Until(`[...document.querySelectorAll('.node')].some(n => n.innerText.startsWith(` + quote(title) + `) && n.innerText.includes(` + quote(shows) + `))`)
	}
	node("the foundation", "compiling 12 files")
	p.Until(`document.querySelectorAll('svg path.chain').length === 2 && document.querySelectorAll('.node.critical').length === 3`)
	h.andon("stop", base)
	node("the foundation", "Blocked")
	h.andon("complete", base)
	node("the foundation", "Done")
	node("the walls", "Ready")
	p.Eventually("Critical path: 2 tasks")
	p.Until(`document.querySelectorAll('svg path.chain').length === 1 && document.querySelectorAll('.node.critical').length === 2`)
	h.andon("complete", wall)
	p.Gone(`role=button[name^="Critical path"]`)
	p.Until(`document.querySelectorAll('svg path.chain').length === 0`)
}

// A large graph is drawn as far as that helps, and says what it leaves out.
func TestGraphOfFiveHundred(t *testing.T) {
	h := newHome(t, lanes)
	c := h.client()
	for chain := range 4 {
		var g client.GraphCreate
		for i := range 130 {
			one := client.GraphTask{Key: fmt.Sprint(i), TaskCreate: client.TaskCreate{Title: fmt.Sprintf("step %d of chain %d", i, chain), Assignee: "ours"}}
			if i > 0 { // a tree of three branches
				one.Parents = []string{fmt.Sprint((i - 1) / 3)}
			}
			g.Tasks = append(g.Tasks, one)
		}
		if _, err := c.CreateGraph(context.Background(), "default", g); err != nil {
			t.Fatal(err)
		}
	}
	p := h.browse()
	p.Open("/b/default/graph")
	p.Eventually("20 tasks more belong to it and are left out")
	p.Until(`document.querySelectorAll('.node').length === 500 && !document.querySelector('.canvas[aria-busy=true]')`)
	t.Logf("%.0f ms from the start of the navigation until 500 tasks are drawn", eval[float64](p, `performance.now()`))

	overlaps := eval[float64](p, `(all => all.filter((a, i) => all.some((b, j) => j > i && a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)).length)([...document.querySelectorAll('.node')].map(n => n.getBoundingClientRect()))`)
	if overlaps > 0 {
		t.Errorf("%v tasks lie on others", overlaps)
	}
	p.Press("p", "0")
	p.Until(`document.querySelector('.canvas.far')`)
	p.Click(`role=button[name="List"]`)
	p.Until(`document.querySelectorAll('main ol > li').length === 500`)
}
