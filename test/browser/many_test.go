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

// A board of 10,000 tasks is drawn as far as it is seen, all of it can be
// reached, and what happens is shown soon. How soon is only printed.
func TestTenThousandCards(t *testing.T) {
	h := newHome(t, lanes)
	c, err := client.Dial("unix:"+filepath.Join(h.dir, "home", "andon", "andon.sock"), client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	for batch := range 50 {
		var g client.GraphCreate
		for i := range 200 {
			n := batch*200 + i
			g.Tasks = append(g.Tasks, client.GraphTask{Key: fmt.Sprintf("k%d", n), TaskCreate: client.TaskCreate{
				Title: fmt.Sprintf("task number %05d", n), Assignee: "ours", Triage: n%2 == 1, Priority: 10_000 - n,
			}})
		}
		if _, err := c.CreateGraph(ctx, "default", g); err != nil {
			t.Fatal(err)
		}
	}

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
