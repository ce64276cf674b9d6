package browser

import (
	"strings"
	"testing"
)

// Two things done one right after the other, before the page has heard of the
// first, or while somebody else does something.

// Between lets something be done just before the page's next request to a path,
// of which it knows nothing yet.
func (p *page) Between(path, js string) {
	p.Helper()
	eval[bool](p, `{
		const real = fetch
		const post = (to, body = {}) => real(to, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }).then(r => { if (!r.ok) throw new Error(to) })
		const until = async (to, ok) => { while (!ok(await (await real(to)).json())); }
		window.fetch = async (to, init) => {
			if (String(to).endsWith(`+quote(path)+`)) { window.fetch = real; await (async () => {`+js+`})() }
			return real(to, init)
		}
		true
	}`)
}

// Late lets the page's requests to a path wait for a while.
func (p *page) Late(path string) {
	p.Helper()
	eval[bool](p, `{
		const real = fetch
		window.fetch = async (to, init) => {
			if (String(to).endsWith(`+quote(path)+`)) await new Promise(then => setTimeout(then, 300))
			return real(to, init)
		}
		true
	}`)
}

// Whoever gives a task to another lane means it, although it began to run a moment ago.
func TestReassignedJustAfterRetry(t *testing.T) {
	h := newHome(t, lanes)
	id := h.add("start over", "--lane", "slow")
	h.reaches(id, "running")
	h.andon("stop", id)
	p := h.browse()
	p.Open("/b/default/t/" + id)
	p.Click(`role=group[name="What can be done"] >> role=button[name="Reassign…"]`)
	dialog := `role=dialog[name="Give it to another lane"] >> `
	p.Click(dialog + `role=radio[name^="quick"]`)
	task := "/api/v1/boards/default/tasks/" + id
	p.Between("/assign", `await post('`+task+`/retry'); await until('`+task+`', t => t.status === 'running')`)
	p.Click(dialog + `role=button[name="Reassign"]`)
	p.Eventually("“start over” has another lane")
	h.reaches(id, "done")
	p.Gone(`role=alert`)
}

// A verdict is about what was seen; what is said beside it changes nothing.
func TestDecisionIsAboutWhatWasSeen(t *testing.T) {
	h := newHome(t, lanes)
	judged, asked := h.add("to be judged", "--lane", "careful"), h.add("paint it", "--lane", "asks")
	h.reaches(judged, "review")
	h.reaches(asked, "blocked")
	p := h.browse()

	p.Open("/b/default/t/" + judged)
	p.Allow("409")
	p.Type(`role=textbox[name^="What is to be changed"]`, "not so fast")
	p.Between("/reject", `await post('/api/v1/boards/default/tasks/`+judged+`/approve')`)
	p.Click(`role=button[name="Request changes"]`)
	p.Eventually("Nothing was done, for it has changed meanwhile: Done")
	if seen := h.andon("show", judged); strings.Contains(seen, "not so fast") {
		t.Errorf("it was rejected after it was approved:\n%s", seen)
	}

	p.Open("/b/default/t/" + asked)
	p.Type(`role=textbox[name="Answer"]`, "emerald")
	p.Between("/answer", `await post('/api/v1/boards/default/tasks/`+asked+`/comments', { body: 'I wonder, too' })`)
	p.Press("ctrl+Enter")
	p.Eventually("goes on")
	h.reaches(asked, "done")
}

// What was moved is moved on and taken back before the first answer is there.
func TestMovesInARow(t *testing.T) {
	h := newHome(t, lanes)
	id := h.add("in a hurry", "--lane", "ours")
	p := h.browse()
	p.Open("/b/default")
	p.See(card("in a hurry"))
	p.Late("/move")
	p.Press("Down", "m")
	p.Eventually("1 task to Blocked.")
	p.Press("Enter", "m")
	p.Eventually("1 task to ")
	for !eval[bool](p, `document.querySelector('.column.over').dataset.column === 'ready'`) {
		p.Press("Right")
	}
	p.Press("Enter", "z")
	p.See(inColumn("Blocked", "in a hurry"))
	h.reaches(id, "blocked")
	p.Press("z")
	p.See(inColumn("Ready", "in a hurry"))
	h.reaches(id, "ready")
	p.Until(onCard("in a hurry"))
	p.Gone(`role=alert`)
}

// A second click is the same wish.
func TestClickedTwice(t *testing.T) {
	h := newHome(t, lanes)
	id := h.add("busy", "--lane", "slow")
	h.reaches(id, "running")
	p := h.browse()
	p.Open("/b/default/t/" + id)
	stop := `role=group[name="What can be done"] >> role=button[name="Stop"]`
	p.Late("/stop")
	p.Click(stop)
	p.Click(stop)
	p.Eventually("“busy” is stopped and held")
	p.Gone(stop)
	p.Until(`document.activeElement.closest('aside')`)
	p.Gone(`role=alert`)
}
