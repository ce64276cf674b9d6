package simulate

import (
	"context"
	"runtime"
	"strings"
	"sync"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

var errKilled = kanban.Errorf(kanban.Unavailable, "the gateway was killed")

// door is a way into the home's boards: through a gateway, or directly as a
// command does while there is none. Every call waits at a gate.
type door struct {
	store.Boards
	n    *night
	host *gateway
	open map[string]*access
}

func (n *night) newDoor(g *gateway) *door {
	return &door{Boards: n.home, n: n, host: g, open: map[string]*access{}}
}

func (d *door) gate(ctx context.Context, what string, befalls func() error) error {
	return d.n.gate(&caller{who: whoIs(ctx), what: what, host: d.host, befalls: befalls})
}

func (d *door) List(ctx context.Context, archived bool) ([]store.BoardInfo, error) {
	if err := d.gate(ctx, "List", nil); err != nil {
		return nil, err
	}
	return d.Boards.List(ctx, archived)
}

func (d *door) Open(ctx context.Context, slug string) (store.Store, error) {
	d.n.surface.Lock()
	defer d.n.surface.Unlock()
	if d.open[slug] == nil {
		s, err := d.Boards.Open(ctx, slug)
		if err != nil {
			return nil, err
		}
		d.open[slug] = &access{Store: s, door: d, slug: slug}
	}
	return d.open[slug], nil
}

func (d *door) Holds(ctx context.Context) ([]store.Hold, error) {
	if err := d.gate(ctx, "Holds", nil); err != nil {
		return nil, err
	}
	return d.Boards.Holds(ctx)
}

func (d *door) PutHold(ctx context.Context, h store.Hold) error {
	if err := d.gate(ctx, "hold "+h.Scope, func() error { return d.n.storeFault() }); err != nil {
		return err
	}
	d.n.stirred = true
	return d.Boards.PutHold(ctx, h)
}

func (d *door) RemoveHold(ctx context.Context, scope string, kind store.HoldKind) error {
	if err := d.gate(ctx, "let go of "+scope, func() error { return d.n.storeFault() }); err != nil {
		return err
	}
	d.n.stirred = true
	return d.Boards.RemoveHold(ctx, scope, kind)
}

// access is one board behind a door.
type access struct {
	store.Store
	door    *door
	slug    string
	foreign uint64
}

func (a *access) View(ctx context.Context, fn func(store.Reader) error) error {
	if err := a.door.gate(ctx, operation()+" reads", func() error { return a.door.n.latched[a.slug] }); err != nil {
		return err
	}
	return a.Store.View(ctx, fn)
}

func (a *access) Update(ctx context.Context, fn func(store.Tx) error) error {
	befalls := func() error {
		if err := a.door.n.latched[a.slug]; err != nil {
			return err
		}
		return a.door.n.storeFault()
	}
	if err := a.door.gate(ctx, operation(), befalls); err != nil {
		return err
	}
	err := a.Store.Update(ctx, fn)
	if err == nil {
		a.door.n.committed(a.slug, whoIs(ctx), a.door.host)
	}
	return err
}

func (a *access) Latched() error  { return a.door.n.latched[a.slug] }
func (a *access) Foreign() uint64 { return a.foreign }

// Changes tells of commits when the stage delivers them.
func (a *access) Changes() (<-chan struct{}, func()) {
	l := &listener{access: a, changed: make(chan struct{}, 1)}
	n := a.door.n
	n.surface.Lock()
	n.listeners = append(n.listeners, l)
	n.surface.Unlock()
	return l.changed, func() {
		n.surface.Lock()
		l.stopped = true
		n.surface.Unlock()
	}
}

type listener struct {
	access  *access
	changed chan struct{}
	due     bool // a letter is on its way
	foreign uint64
	stopped bool
}

// committed is called after each commit, by whoever made it.
func (n *night) committed(slug, who string, host *gateway) {
	n.surface.Lock()
	defer n.surface.Unlock()
	n.changed[slug], n.stirred = who, true
	for _, l := range n.listeners {
		if l.stopped || l.access.slug != slug || l.access.door.host.gone() {
			continue
		}
		if l.access.door.host != host {
			l.foreign++
		}
		if l.due {
			continue
		}
		l.due = true
		n.post("", "the gateway hears of "+slug, func() {
			l.due = false
			l.access.foreign += l.foreign
			l.foreign = 0
			select {
			case l.changed <- struct{}{}:
			default:
			}
		})
	}
}

// operation names the use case that calls the store.
func operation() string {
	var pcs [16]uintptr
	for _, pc := range pcs[:runtime.Callers(3, pcs[:])] {
		name, known := useCases.Load(pc)
		if !known {
			name, _ = useCases.LoadOrStore(pc, useCase(pc))
		}
		if name != "" {
			return name.(string)
		}
	}
	return "store"
}

// useCases are the names by the place of a call.
var useCases sync.Map

// useCase is the use case of a place of a call, "" if it is in none.
func useCase(pc uintptr) string {
	frames := runtime.CallersFrames([]uintptr{pc})
	for {
		f, more := frames.Next()
		if _, name, found := strings.Cut(f.Function, "internal/board.(*Board)."); found {
			name, _, _ = strings.Cut(name, ".")
			if name[0] >= 'A' && name[0] <= 'Z' {
				return name
			}
		}
		if !more {
			return ""
		}
	}
}
