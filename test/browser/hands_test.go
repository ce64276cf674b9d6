package browser

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// point is a place in the window.
type point struct {
	X, Y   float64
	Hidden string // what keeps a pointer from it
}

// where is the middle of an element that stands still, in sight, with nothing
// before it. A press that comes after it goes to this element or to none: what
// has moved before it meanwhile is not pressed.
const where = `async function() {
	const reaches = target => this.contains(target) || target?.closest('label')?.control === this
	const frame = () => new Promise(requestAnimationFrame)
	this.scrollIntoView({ block: 'nearest', inline: 'nearest' })
	await frame()
	const a = this.getBoundingClientRect()
	await frame()
	const b = this.getBoundingClientRect()
	const x = (Math.max(0, b.left) + Math.min(innerWidth, b.right)) / 2
	const y = (Math.max(0, b.top) + Math.min(innerHeight, b.bottom)) / 2
	const hit = document.elementFromPoint(x, y)
	let hidden = ''
	if (b.width === 0 || b.height === 0) hidden = 'it has no size'
	else if (a.left !== b.left || a.top !== b.top) hidden = 'it moves'
	else if (this.matches(':disabled')) hidden = 'it is disabled'
	else if (!reaches(hit)) hidden = 'it is covered by ' + (hit?.outerHTML.slice(0, 120) ?? 'the edge')
	if (!window.aim) {
		window.aim = {}
		const guard = e => {
			if (e.type === 'pointerdown') { aim.missed = aim.reaches?.(e.target) === false; aim.reaches = null }
			if (aim.missed) { e.preventDefault(); e.stopImmediatePropagation() }
		}
		for (const kind of ['pointerdown', 'mousedown', 'touchstart', 'pointerup', 'mouseup', 'touchend', 'click'])
			addEventListener(kind, guard, { capture: true, passive: false })
	}
	Object.assign(aim, { reaches, missed: false })
	return { X: x, Y: y, Hidden: hidden }
}`

// press does something with the pointer on an element, and after undo again if
// the element was not there any more.
func (p *page) press(desc string, do, undo func(at point)) {
	p.Helper()
	for {
		at := p.middle(desc)
		do(at)
		missed, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](`!!window.aim?.missed`))
		if err != nil || !missed { // the document may be gone, by what was pressed
			return
		}
		undo(at)
	}
}

func (p *page) middle(desc string) (at point) {
	p.Helper()
	p.with(desc, func(ctx context.Context, element runtime.RemoteObjectID) (err error) {
		if at, err = on[point](ctx, element, where); err == nil && at.Hidden != "" {
			err = errors.New(at.Hidden)
		}
		return err
	})
	return at
}

func (p *page) mouse(kind input.DispatchMouseEventType, at point, held int64) {
	p.Helper()
	event := input.DispatchMouseEventParams{Type: kind, X: at.X, Y: at.Y, Modifiers: held}
	switch kind {
	case input.DispatchMouseEventTypeMouseMoved:
		event.Buttons = p.buttons
	default:
		event.Button, event.ClickCount = input.MouseButtonLeft, 1
		p.buttons = 0
		if kind == input.DispatchMouseEventTypeMousePressed {
			p.buttons = 1
		}
		event.Buttons = p.buttons
	}
	if _, err := chromedp.Call(p.ctx, input.DispatchMouseEvent, event); err != nil {
		p.Fatal(err)
	}
}

// Click clicks on an element, with keys held down if they are named: "ctrl".
func (p *page) Click(desc string, held ...string) {
	p.Helper()
	mods := modifiers(held)
	p.press(desc, func(at point) {
		p.Helper()
		p.mouse(input.DispatchMouseEventTypeMouseMoved, at, mods)
		p.mouse(input.DispatchMouseEventTypeMousePressed, at, mods)
		p.mouse(input.DispatchMouseEventTypeMouseReleased, at, mods)
	}, func(point) {})
}

// Lift takes an element with the mouse, and a little way along.
func (p *page) Lift(desc string) {
	p.Helper()
	p.press(desc, func(at point) {
		p.Helper()
		p.mouse(input.DispatchMouseEventTypeMouseMoved, at, 0)
		p.mouse(input.DispatchMouseEventTypeMousePressed, at, 0)
		p.mouse(input.DispatchMouseEventTypeMouseMoved, point{X: at.X + 12, Y: at.Y + 12}, 0)
	}, func(at point) { p.Helper(); p.mouse(input.DispatchMouseEventTypeMouseReleased, at, 0) })
}

// Over carries what was lifted over an element.
func (p *page) Over(desc string) point {
	p.Helper()
	at := p.middle(desc)
	p.mouse(input.DispatchMouseEventTypeMouseMoved, at, 0)
	return at
}

// DropOn lets go of what was lifted over an element.
func (p *page) DropOn(desc string) {
	p.Helper()
	at := p.Over(desc)
	p.mouse(input.DispatchMouseEventTypeMouseReleased, at, 0)
}

// Touch puts a finger on an element.
func (p *page) Touch(desc string) {
	p.Helper()
	p.press(desc, func(at point) {
		p.Helper()
		p.finger(input.DispatchTouchEventTypeTouchStart, at)
	}, func(point) { p.Helper(); p.LetGo() })
}

// Fingers are so many at these places from now on; those that were there before
// have moved.
func (p *page) Fingers(at ...point) {
	p.Helper()
	kind := input.DispatchTouchEventTypeTouchMove
	switch {
	case len(at) == 0:
		kind = input.DispatchTouchEventTypeTouchEnd
	case len(at) > p.fingers:
		kind = input.DispatchTouchEventTypeTouchStart
	}
	p.fingers = len(at)
	p.finger(kind, at...)
}

func (p *page) finger(kind input.DispatchTouchEventType, at ...point) {
	p.Helper()
	event := input.DispatchTouchEventParams{Type: kind, TouchPoints: []*input.TouchPoint{}}
	for i, one := range at {
		id := float64(i)
		event.TouchPoints = append(event.TouchPoints, &input.TouchPoint{X: one.X, Y: one.Y, ID: &id})
	}
	if _, err := chromedp.Call(p.ctx, input.DispatchTouchEvent, event); err != nil {
		p.Fatal(err)
	}
}

// Slide moves the finger to an element.
func (p *page) Slide(desc string) {
	p.Helper()
	p.finger(input.DispatchTouchEventTypeTouchMove, p.middle(desc))
}

// LetGo takes the finger away.
func (p *page) LetGo() { p.Helper(); p.finger(input.DispatchTouchEventTypeTouchEnd) }

// Tap touches an element and lets go.
func (p *page) Tap(desc string) { p.Helper(); p.Touch(desc); p.LetGo() }

// Type writes into a field, in place of what it holds.
func (p *page) Type(desc, text string) {
	p.Helper()
	p.with(desc, func(ctx context.Context, field runtime.RemoteObjectID) error {
		_, err := on[chromedp.Void](ctx, field, `function() { this.focus(); this.select?.() }`)
		return err
	})
	p.Insert(text)
}

// Insert writes where the focus is.
func (p *page) Insert(text string) {
	p.Helper()
	if _, err := chromedp.Call(p.ctx, input.InsertText, input.InsertTextParams{Text: text}); err != nil {
		p.Fatal(err)
	}
}

// Choose takes an option of a select by its value.
func (p *page) Choose(desc, value string) {
	p.Helper()
	p.with(desc, func(ctx context.Context, field runtime.RemoteObjectID) error {
		had, err := on[bool](ctx, field, `function() {
			const option = [...this.options].find(o => o.value === `+quote(value)+`)
			if (option) { this.value = option.value; this.dispatchEvent(new Event('input', { bubbles: true })); this.dispatchEvent(new Event('change', { bubbles: true })) }
			return !!option
		}`)
		if err == nil && !had {
			err = errors.New("there is no choice " + value)
		}
		return err
	})
}

var named = map[string]string{
	"Enter": kb.Enter, "Escape": kb.Escape, "Tab": kb.Tab, "Backspace": kb.Backspace, "Space": " ",
	"Up": kb.ArrowUp, "Down": kb.ArrowDown, "Left": kb.ArrowLeft, "Right": kb.ArrowRight, "Home": kb.Home, "End": kb.End,
	"PageUp": kb.PageUp, "PageDown": kb.PageDown,
}

// Press presses keys one after another: "c", "Enter", "ctrl+k".
func (p *page) Press(keys ...string) {
	p.Helper()
	for _, key := range keys {
		parts := strings.Split(key, "+")
		last := parts[len(parts)-1]
		if last == "" {
			last = "+"
		}
		if code, ok := named[last]; ok {
			last = code
		}
		r, _ := utf8.DecodeRuneInString(last)
		p.strike(r, modifiers(parts[:len(parts)-1]))
	}
}

// strike sends a key as keyboards do: it writes only if no shortcut takes it.
func (p *page) strike(r rune, held int64) {
	p.Helper()
	events := kb.Encode(r)
	down, up := *events[0], *events[len(events)-1]
	if len(events) == 3 && held&^int64(chromedp.ModifierShift) == 0 {
		down.Text, down.UnmodifiedText = events[1].Text, events[1].UnmodifiedText
	}
	for _, e := range []input.DispatchKeyEventParams{down, up} {
		e.Modifiers |= held
		if _, err := chromedp.Call(p.ctx, input.DispatchKeyEvent, e); err != nil {
			p.Fatal(err)
		}
	}
}

func modifiers(names []string) (bits int64) {
	for _, name := range names {
		switch name {
		case "ctrl":
			bits |= int64(chromedp.ModifierCtrl)
		case "shift":
			bits |= int64(chromedp.ModifierShift)
		}
	}
	return bits
}
