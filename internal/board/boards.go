package board

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Boards are the use cases that concern boards as a whole, and the way to each
// board. One board never sees another.
type Boards struct {
	store store.Boards
	ports func(slug string) Ports
	clock func() time.Time

	failing chan struct{} // held by who judges a failure beside the others

	mu       sync.Mutex
	open     map[string]*Board
	suspects map[place]*Pause // that may be on trial; with a pause, it is just being recorded
	changed  func()
}

// NewBoards returns the use cases over a home. ports is asked once per board.
func NewBoards(s store.Boards, ports func(slug string) Ports) *Boards {
	clock := ports(kanban.DefaultBoard).Clock
	if clock == nil {
		clock = time.Now
	}
	return &Boards{
		store: s, ports: ports, clock: clock, failing: make(chan struct{}, 1), open: map[string]*Board{}, suspects: map[place]*Pause{}, changed: func() {},
	}
}

// OnChange has fn called after the boards that there are, or what is held, have
// changed through this value. It is set before the first use.
func (b *Boards) OnChange(fn func()) { b.changed = fn }

// told calls OnChange's function unless the change failed.
func (b *Boards) told(err error) error {
	if err == nil {
		b.changed()
	}
	return err
}

// Board returns one board by any spelling of its slug.
//
// Errors: invalid, not_found, unavailable.
func (b *Boards) Board(ctx context.Context, name string) (*Board, error) {
	slug, err := kanban.Slug(name)
	if err != nil {
		return nil, err
	}
	s, err := b.store.Open(ctx, slug)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if known := b.open[slug]; known != nil && known.store == s {
		return known, nil
	}
	b.open[slug] = New(slug, s, b.ports(slug))
	return b.open[slug], nil
}

// List returns the boards, archived ones if asked.
func (b *Boards) List(ctx context.Context, archived bool) ([]store.BoardInfo, error) {
	return b.store.List(ctx, archived)
}

// Info describes one board.
func (b *Boards) Info(ctx context.Context, name string) (store.BoardInfo, error) {
	slug, err := kanban.Slug(name)
	if err != nil {
		return store.BoardInfo{}, err
	}
	return b.store.Info(ctx, slug)
}

// Create makes a board. created is false if it was there; then nothing changed.
func (b *Boards) Create(ctx context.Context, a kanban.Actor, info store.BoardInfo) (out store.BoardInfo, created bool, err error) {
	if err := onlyHuman(a, "create a board"); err != nil {
		return out, false, err
	}
	if info.Slug, err = kanban.Slug(info.Slug); err != nil {
		return out, false, err
	}
	if err := cleanInfo(&info); err != nil {
		return out, false, err
	}
	err = b.told(b.store.Create(ctx, info))
	if err != nil && kanban.CodeOf(err) != kanban.Conflict {
		return out, false, err
	}
	created = err == nil
	out, err = b.store.Info(ctx, info.Slug)
	return out, created, err
}

// Change sets the fields of a board that change names; nil leaves them.
func (b *Boards) Change(ctx context.Context, a kanban.Actor, name string, change func(*store.BoardInfo)) (store.BoardInfo, error) {
	if err := onlyHuman(a, "change a board"); err != nil {
		return store.BoardInfo{}, err
	}
	info, err := b.Info(ctx, name)
	if err != nil {
		return info, err
	}
	change(&info)
	if err := cleanInfo(&info); err != nil {
		return info, err
	}
	if err := b.store.Save(ctx, info); err != nil {
		return info, err
	}
	return b.store.Info(ctx, info.Slug)
}

func cleanInfo(info *store.BoardInfo) (err error) {
	if info.Name, err = line("the name", info.Name, maxName); err != nil {
		return err
	}
	if info.Description, err = text("the description", info.Description, maxReason); err != nil {
		return err
	}
	if info.WorkDir != "" {
		_, err = cleanWorkspace(kanban.Workspace{Kind: kanban.Dir, Path: info.WorkDir})
	}
	return err
}

// Archive takes a board out of sight with all its files. If it was the current
// one, default is.
//
// Errors: invalid for default; conflict while runs are alive.
func (b *Boards) Archive(ctx context.Context, a kanban.Actor, name string) error {
	if err := onlyHuman(a, "archive a board"); err != nil {
		return err
	}
	bd, err := b.Board(ctx, name)
	if err != nil {
		return err
	}
	runs, err := bd.LiveRuns(ctx)
	if err != nil {
		return err
	}
	if len(runs) > 0 {
		return kanban.Errorf(kanban.Conflict, "%d runs are alive on board %s", len(runs), bd.slug).
			Hint("andon pull --board %s --stop  ends them", bd.slug)
	}
	return b.told(b.store.Archive(ctx, bd.slug))
}

// Restore brings an archived board back.
func (b *Boards) Restore(ctx context.Context, a kanban.Actor, name string) error {
	return b.withSlug(a, "restore a board", name, func(slug string) error { return b.store.Restore(ctx, slug) })
}

// Delete removes an archived board for good.
func (b *Boards) Delete(ctx context.Context, a kanban.Actor, name string) error {
	return b.withSlug(a, "delete a board", name, func(slug string) error { return b.store.Delete(ctx, slug) })
}

// Reopen ends the latch of a board, or of what spans boards if name is "", once
// its file is sound. Who uses the board goes on; the dispatcher takes it up
// anew, since what stands there now may differ from what it knows.
//
// Errors: not_found; unavailable if the file is not sound or cannot be written.
func (b *Boards) Reopen(ctx context.Context, a kanban.Actor, name string) error {
	if name != "" {
		return b.withSlug(a, "reopen a board", name, func(slug string) error {
			err := b.store.Reopen(ctx, slug)
			if err == nil {
				b.mu.Lock()
				delete(b.open, slug)
				b.mu.Unlock()
			}
			return err
		})
	}
	if err := onlyHuman(a, "reopen what spans the boards"); err != nil {
		return err
	}
	return b.told(b.store.Reopen(ctx, ""))
}

// Latched tells why what spans boards stopped being written, or nil.
func (b *Boards) Latched() error { return b.store.Latched() }

// Current is the selected board.
func (b *Boards) Current(ctx context.Context) (string, error) { return b.store.Current(ctx) }

// Switch selects a board.
func (b *Boards) Switch(ctx context.Context, a kanban.Actor, name string) error {
	return b.withSlug(a, "switch boards", name, func(slug string) error {
		if _, err := b.store.Info(ctx, slug); err != nil {
			return err
		}
		return b.store.SetCurrent(ctx, slug)
	})
}

func (b *Boards) withSlug(a kanban.Actor, verb, name string, do func(slug string) error) error {
	if err := onlyHuman(a, verb); err != nil {
		return err
	}
	slug, err := kanban.Slug(name)
	if err != nil {
		return err
	}
	return b.told(do(slug))
}

// Dir is where a board's workspaces and logs stand.
func (b *Boards) Dir(slug string) string { return b.store.Dir(slug) }

// Holds lists what keeps work from starting now, what is being tried after a
// pause included; cool-downs that are over do not count.
func (b *Boards) Holds(ctx context.Context) ([]store.Hold, error) {
	suspects := b.suspected() // before the look at what is recorded
	holds, err := b.store.Holds(ctx)
	if err != nil {
		return holds, err
	}
	now := b.clock()
	trials, err := b.trials(ctx, suspects, holds)
	return append(slices.DeleteFunc(holds, func(h store.Hold) bool { return !h.Until.IsZero() && !h.Until.After(now) }), trials...), err
}

// Pull is the cord: nothing new starts in its scope until Resume. A scope is
// "all", or "board:", "lane:", "account:" or "repo:" and a name.
func (b *Boards) Pull(ctx context.Context, a kanban.Actor, scope, reason string, now time.Time) error {
	if err := onlyHuman(a, "pull the cord"); err != nil {
		return err
	}
	if err := checkScope(scope); err != nil {
		return err
	}
	reason, err := text("the reason", reason, maxReason)
	if err != nil {
		return err
	}
	return b.told(b.store.PutHold(ctx, store.Hold{Scope: scope, Kind: store.Pulled, Reason: reason, By: a.Name, Since: now}))
}

func checkScope(scope string) error {
	kind, name, _ := strings.Cut(scope, ":")
	if scope == "all" || slices.Contains([]string{"board", "lane", "account", "repo"}, kind) && name != "" {
		return nil
	}
	return kanban.Errorf(kanban.Invalid, "%s is not a scope", kanban.Quote(scope)).Hint("all, board:NAME, lane:NAME, account:NAME or repo:PATH")
}

// Resume lets a scope start work again, cool-downs and pauses included; what
// paused is tried with one run first. It returns not_found if nothing was held,
// gated if that run is under way.
func (b *Boards) Resume(ctx context.Context, a kanban.Actor, scope string) error {
	if err := onlyHuman(a, "resume"); err != nil {
		return err
	}
	holds, err := b.store.Holds(ctx)
	if err != nil {
		return err
	}
	found := false
	for _, h := range holds {
		if h.Scope == scope {
			found = true
			if err := b.store.RemoveHold(ctx, h.Scope, h.Kind); err != nil {
				return err
			}
		}
	}
	if !found {
		return b.notHeld(ctx, scope)
	}
	return b.told(nil)
}

func (b *Boards) notHeld(ctx context.Context, scope string) error {
	holds, err := b.Holds(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(holds, func(h store.Hold) bool { return h.Scope == scope && h.Kind == store.Trial })
	if i < 0 {
		return kanban.Errorf(kanban.NotFound, "nothing is held in scope %s", kanban.Quote(scope)).Hint("andon gateway status  shows what is held")
	}
	return kanban.Errorf(kanban.Gated, "%s is already %s", scope, holds[i].Reason).Hint("it opens when that run ends well: %s", watchCommand(holds[i]))
}

// HoldFor holds a lane or account for what its provider said to a run: until a
// time, or until somebody resumes it. The log of the run's task tells it, unless
// that was so before. The dispatcher's only.
func (b *Boards) HoldFor(ctx context.Context, bd *Board, run int64, h store.Hold) error {
	holds, err := b.store.Holds(ctx)
	if err != nil {
		return err
	}
	before := func(o store.Hold) bool {
		return o.Scope == h.Scope && o.Kind == h.Kind && (o.Until.IsZero() || o.Until.After(b.clock()))
	}
	if !slices.ContainsFunc(holds, before) {
		err = bd.noteHold(ctx, run, h) // told twice rather than not at all, if this is the last that is done
	}
	return errors.Join(err, b.CoolDown(ctx, h))
}

// CoolDown holds a lane or account. The dispatcher's only.
func (b *Boards) CoolDown(ctx context.Context, h store.Hold) error {
	return b.told(b.store.PutHold(ctx, h))
}
