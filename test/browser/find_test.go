package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Elements are described as `role=button[name="New task"]`; *= instead of =
// asks for a part of the name, ^= for its beginning. `A >> B` is a B within A.
var description = regexp.MustCompile(`^role=(\w+)(?:\[name([*^]?)="(.*)"\])?$`)

// step is one part of a description.
type step struct{ role, how, name string }

func parse(desc string) ([]step, error) {
	var steps []step
	for part := range strings.SplitSeq(desc, " >> ") {
		m := description.FindStringSubmatch(part)
		if m == nil {
			return nil, fmt.Errorf("%q describes no element", part)
		}
		steps = append(steps, step{m[1], m[2], m[3]})
	}
	return steps, nil
}

// means reports whether an element of the accessibility tree is described.
func (s step) means(n *accessibility.Node) bool {
	if n.Ignored || n.BackendDOMNodeID == 0 {
		return false
	}
	var name string
	if n.Name != nil {
		_ = json.Unmarshal(n.Name.Value, &name)
	}
	switch s.how {
	case "*":
		return strings.Contains(name, s.name)
	case "^":
		return strings.HasPrefix(name, s.name)
	}
	return s.name == "" || name == s.name
}

// all are the elements that are described now.
func all(ctx context.Context, steps []step) ([]runtime.RemoteObjectID, error) {
	document, err := chromedp.Run(ctx, chromedp.Evaluate[*runtime.RemoteObject]("document"))
	if err != nil {
		return nil, err
	}
	roots := []runtime.RemoteObjectID{document.ObjectID}
	for _, s := range steps {
		var found []runtime.RemoteObjectID
		for _, root := range roots {
			tree, err := chromedp.Call(ctx, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{ObjectID: root, Role: s.role})
			if err != nil {
				return nil, err
			}
			for _, n := range tree.Nodes {
				if !s.means(n) {
					continue
				}
				node, err := chromedp.Call(ctx, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: n.BackendDOMNodeID})
				if err != nil {
					return nil, err
				}
				found = append(found, node.Object.ObjectID)
			}
		}
		roots = found
	}
	return roots, nil
}

// with waits for exactly one element to answer to a description, and for what is
// done with it to succeed.
func (p *page) with(desc string, do func(context.Context, runtime.RemoteObjectID) error) {
	p.Helper()
	steps, err := parse(desc)
	if err != nil {
		p.Fatal(err)
	}
	p.until(desc, func(ctx context.Context) error {
		found, err := all(ctx, steps)
		if err != nil {
			return err
		}
		if len(found) != 1 {
			return fmt.Errorf("%d elements are called so", len(found))
		}
		return do(ctx, found[0])
	})
}

// See waits for an element.
func (p *page) See(desc string) {
	p.Helper()
	p.with(desc, func(context.Context, runtime.RemoteObjectID) error { return nil })
}

// Count waits until so many elements are described.
func (p *page) Count(n int, desc string) {
	p.Helper()
	steps, err := parse(desc)
	if err != nil {
		p.Fatal(err)
	}
	p.until(desc, func(ctx context.Context) error {
		found, err := all(ctx, steps)
		if err == nil && len(found) != n {
			err = fmt.Errorf("%d elements are called so, not %d", len(found), n)
		}
		return err
	})
}

// Gone waits until there is no such element.
func (p *page) Gone(desc string) { p.Helper(); p.Count(0, desc) }

// on calls a function of the page on an element, as this.
func on[T any](ctx context.Context, element runtime.RemoteObjectID, function string) (T, error) {
	return chromedp.Run(ctx, chromedp.CallFunctionOn[T](function, func(c *runtime.CallFunctionOnParams) {
		yes := true
		c.ObjectID, c.AwaitPromise = element, &yes
	}))
}

// quote makes a text one of JavaScript.
func quote(text string) string { b, _ := json.Marshal(text); return string(b) }
