package browser

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/andon-dev/andon/client"
)

// client is one of the home's socket.
func (h *home) client() *client.Client {
	h.Helper()
	c, err := client.Dial("unix:"+filepath.Join(h.dir, "home", "andon", "andon.sock"), client.Options{})
	if err != nil {
		h.Fatal(err)
	}
	return c
}

// fill puts n tasks on the board, the even ones ready, the others in triage, each
// column in the order of their numbers.
func (h *home) fill(n int) {
	h.Helper()
	c := h.client()
	const batch = 200
	for from := 0; from < n; from += batch {
		var g client.GraphCreate
		for i := from; i < min(from+batch, n); i++ {
			g.Tasks = append(g.Tasks, client.GraphTask{Key: fmt.Sprintf("k%d", i), TaskCreate: client.TaskCreate{
				Title: fmt.Sprintf("task number %05d", i), Assignee: "ours", Triage: i%2 == 1, Priority: n - i,
			}})
		}
		if _, err := c.CreateGraph(context.Background(), "default", g); err != nil {
			h.Fatal(err)
		}
	}
}

// A board of 10,000 tasks is drawn as far as it is seen, all of it can be
// reached, and what happens is shown soon. How soon is only printed.
func TestTenThousandCards(t *testing.T) {
	h := newHome(t, lanes)
	c := h.client()
	ctx := context.Background()
	h.fill(10_000)

	p := h.browse()
	p.Open("/b/default")
	p.See(`role=region[name="Ready, 5,000 tasks"]`)
	p.See(inColumn("Ready", "task number 00000"))
	t.Logf("%.0f ms from the start of the navigation until the first cards can be used", eval[float64](p, `performance.now()`))
	if cards := eval[float64](p, `document.querySelectorAll('[role=option]').length`); cards > 500 {
		t.Errorf("%v cards are in the document; want those that are seen", cards)
	}
	p.Until(`(() => {
		for (const e of document.querySelectorAll('[data-column=triage], [data-column=triage] *')) e.scrollTop = e.scrollHeight
		return document.body.innerText.includes('task number 09999')
	})()`)

	p.Open("/b/default")
	p.See(inColumn("Ready", "task number 00000"))
	p.Press("Down", "End")
	p.Until(onCard("task number 09999"))
	p.Press("Home")
	p.Until(onCard("task number 00001"))

	p.Open("/b/default")
	p.See(inColumn("Ready", "task number 00000"))
	var late []time.Duration
	for n := range 100 {
		title := fmt.Sprintf("event %03d", n)
		eval[bool](p, `(window.seen = new Promise(seen => new MutationObserver((_, o) => {
			if (document.body.textContent.includes(`+quote(title)+`)) { o.disconnect(); seen(Date.now()) }
		}).observe(document, { subtree: true, childList: true, characterData: true })), true)`)
		began := time.Now()
		if _, err := c.CreateTask(ctx, "default", client.TaskCreate{Title: title, Assignee: "ours", Priority: 20_000 + n}); err != nil {
			t.Fatal(err)
		}
		late = append(late, time.UnixMilli(int64(eval[float64](p, `window.seen`))).Sub(began))
	}
	slices.Sort(late)
	t.Logf("from the call until it is on screen: p50 %v, p99 %v, of %d events on a board of 10,000 tasks", late[50].Round(time.Millisecond), late[98].Round(time.Millisecond), len(late))
}

// Keys go to either end of a column, loaded or not, by screens, and select all of it.
func TestKeysReachTheEnds(t *testing.T) {
	h := newHome(t, lanes)
	h.fill(3000)
	p := h.browse()
	p.Open("/b/default")
	p.See(inColumn("Triage", "task number 00001"))
	if eval[bool](p, `document.querySelector('[data-column=triage] [role=listbox]').textContent.includes('task number 02999')`) {
		t.Fatal("all is loaded at once: this proves nothing")
	}

	p.Press("Down", "PageDown")
	p.Until(`document.activeElement.dataset.card && !document.activeElement.textContent.includes('task number 00001')`)
	further := eval[string](p, `document.activeElement.textContent.match(/number (\d+)/)[1]`)
	if further < "00006" || further > "00040" {
		t.Errorf("a screen further is task %s", further)
	}
	p.Press("PageUp")
	p.Until(onCard("task number 00001"))
	p.Press("End")
	p.Until(onCard("task number 02999"))
	p.Press("Down")
	p.Until(onCard("task number 02999"))
	p.Press("PageUp", "PageDown")
	p.Until(onCard("task number 02999"))
	p.Press("Home")
	p.Until(onCard("task number 00001"))

	p.Reload()
	p.See(inColumn("Triage", "task number 00001"))
	p.Press("Down", "ctrl+a")
	p.Eventually("1,500 selected")
	p.Press("Escape", "Down", "Down", "shift+End")
	p.Eventually("1,498 selected")
}

// onCard is true while the focus is on a card of this title, in sight.
func onCard(title string) string {
	return `(e => {
		const box = e.closest('.scroll')?.getBoundingClientRect(), r = e.getBoundingClientRect()
		return e.dataset.card && e.textContent.includes(` + quote(title) + `) && r.top >= box.top - 1 && r.bottom <= box.bottom + 1
	})(document.activeElement)`
}
