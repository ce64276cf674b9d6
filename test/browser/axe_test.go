package browser

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

//go:embed testdata/axe-core/axe.min.js
var axe string

// TestAccessible lets axe-core look at every view and dialog, in both themes.
func TestAccessible(t *testing.T) {
	h := newHome(t, team)
	tasks := h.furnish()
	p := h.browse()
	places := []struct {
		name, path string
		keys       []string
	}{
		{"inbox", "/inbox", nil},
		{"board", "/b/default", nil},
		{"selection", "/b/default", []string{"Down", "x", "x", "shift+Down"}},
		{"carrying", "/b/default", []string{"Down", "m"}},
		{"new task", "/b/default", []string{"c"}},
		{"palette", "/b/default", []string{"ctrl+k"}},
		{"help", "/b/default", []string{"?"}},
		{"cord", "/b/default", []string{"!"}},
		{"nothing found", "/b/default?text=nowhere", nil},
		{"no board", "/b/nowhere", nil},
		{"question", "/b/default/t/" + tasks["question"], nil},
		{"review", "/b/default/t/" + tasks["review"], []string{"1"}},
		{"changes", "/b/default/t/" + tasks["review"], []string{"4"}},
		{"log", "/b/default/t/" + tasks["running"], []string{"3"}},
		{"runs", "/b/default/t/" + tasks["failed"], []string{"2"}},
		{"comments", "/b/default/t/" + tasks["review"], []string{"5"}},
		{"history", "/b/default/t/" + tasks["review"], []string{"6"}},
		{"editing", "/b/default/t/" + tasks["review"], []string{"i"}},
		{"waiting task", "/b/default/t/" + tasks["waits"], nil},
		{"graph", "/b/default/graph", nil},
		{"graph as list", "/b/default/graph?as=list", nil},
		{"fleet", "/fleet", nil},
		{"boards", "/boards", nil},
		{"settings", "/settings", nil},
		{"unknown page", "/nowhere", nil},
	}
	p.Allow(`404`)
	for _, at := range places {
		p.Open(at.path)
		p.Press(at.keys...)
		for _, scheme := range []string{"light", "dark"} {
			p.Scheme(scheme)
			p.Still()
			for _, fault := range p.faults() {
				t.Errorf("%s, %s: %s", at.name, scheme, fault)
			}
		}
	}
}

// faults are what axe-core finds on the page as it is.
func (p *page) faults() (found []string) {
	p.Helper()
	type violation struct {
		ID, Help string
		Nodes    []struct{ HTML, FailureSummary string }
	}
	if !eval[bool](p, `'axe' in window`) {
		eval[bool](p, axe+"; true")
	}
	for _, v := range eval[[]violation](p, `axe.run({ resultTypes: ['violations'] }).then(r => r.violations)`) {
		var where []string
		for _, n := range v.Nodes {
			where = append(where, "\n    "+n.HTML+"\n    "+strings.ReplaceAll(n.FailureSummary, "\n", " "))
		}
		found = append(found, fmt.Sprintf("%s (%s), %d times:%s", v.ID, v.Help, len(where), strings.Join(where[:min(3, len(where))], "")))
	}
	return found
}

// Still waits until nothing is loaded any more and nothing moves.
func (p *page) Still() {
	p.Helper()
	p.until("nothing is loaded and nothing moves", func(ctx context.Context) error {
		for {
			quiet, err := chromedp.Run(ctx, chromedp.Evaluate[bool](aMoment, chromedp.EvalAwaitPromise))
			if err != nil || quiet && p.loads() == 0 {
				return err
			}
		}
	})
}

// aMoment reports whether the document stays as it is for so long.
const aMoment = `(async () => {
	let changed = false
	const observer = new MutationObserver(() => changed = true)
	observer.observe(document, { subtree: true, childList: true })
	await new Promise(over => setTimeout(over, 50))
	observer.disconnect()
	return !!(!changed && ` + settled + `) && document.getAnimations().every(a => a.playState === 'finished' || a.effect.getTiming().iterations === Infinity)
})()`
