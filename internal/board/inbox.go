package board

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// WaitKind says what is asked of a human.
type WaitKind string

// The kinds of what waits for a human.
const (
	WaitQuestion WaitKind = "question" // an answer
	WaitReview   WaitKind = "review"   // a verdict
	WaitGivenUp  WaitKind = "given_up" // a look at what failed
	WaitConflict WaitKind = "conflict" // a merge
	WaitBudget   WaitKind = "budget"   // more, or the end of it
	WaitBlocked  WaitKind = "blocked"  // help, or a word that it may go on
	WaitTriage   WaitKind = "triage"   // what is to be done
	WaitPlan     WaitKind = "plan"     // a verdict on what the planner proposes
	WaitDeferred WaitKind = "deferred" // a time, or a word that it may go on
	WaitDeadEnd  WaitKind = "dead_end" // what waits for it, and it was cancelled
	WaitPaused   WaitKind = "paused"   // alike failures: a mended cause
	WaitPulled   WaitKind = "pulled"   // the cord
	WaitMessages WaitKind = "messages" // that could not be delivered
	WaitLatched  WaitKind = "latched"  // a board that takes no more writes, or cannot be read
	WaitStopped  WaitKind = "stopped"  // nothing is started
)

// Waiting is one thing that only a human brings on.
type Waiting struct {
	Kind     WaitKind
	Board    string      // "" if it is not about one
	Task     kanban.Task // zero if it is not about one
	Scope    string      // of a hold
	Reason   string
	Options  []string // of a question
	Since    time.Time
	Behind   int      // tasks that wait for it, itself among them
	Commands []string // what brings it on, the usual one first
}

// Inbox lists what waits for a human on all boards, or on one: what holds up the
// most work first, of equals what has waited longest. It reads only, also what
// other boards cannot be read for.
func (b *Boards) Inbox(ctx context.Context, only string) ([]Waiting, error) {
	if only != "" {
		info, err := b.Info(ctx, only)
		if err != nil {
			return nil, err
		}
		only = info.Slug
	}
	infos, err := b.store.List(ctx, false)
	if err != nil {
		return nil, err
	}
	var all []Waiting
	if err := b.store.Latched(); err != nil {
		all = append(all, Waiting{Kind: WaitLatched, Reason: err.Error(), Commands: []string{"andon boards reopen --state"}})
	}
	holds, err := b.Holds(ctx)
	if err != nil && len(all) == 0 {
		all = append(all, Waiting{Kind: WaitLatched, Reason: "what is held cannot be read: " + err.Error(), Commands: []string{"andon doctor"}})
	}
	shared := heldFor(holds, only)
	for _, info := range infos {
		if only != "" && info.Slug != only {
			continue
		}
		bd, err := b.Board(ctx, info.Slug)
		if err == nil {
			var own []Waiting
			if own, err = bd.inbox(ctx, &shared); err == nil {
				all = append(all, own...)
			}
		}
		if err != nil && ctx.Err() != nil {
			return nil, err
		}
		if err != nil {
			all = append(all, Waiting{Kind: WaitLatched, Board: info.Slug, Reason: "it cannot be read: " + err.Error(), Commands: []string{"andon doctor"}})
		}
	}
	all = append(all, shared...)
	slices.SortStableFunc(all, func(x, y Waiting) int {
		return cmp.Or(cmp.Compare(y.Behind, x.Behind), oldest(x.Since, y.Since), cmp.Compare(x.Board, y.Board), cmp.Compare(x.Task.ID, y.Task.ID))
	})
	return all, nil
}

// oldest puts the earlier time first, and one that is not known last.
func oldest(x, y time.Time) int {
	if x.IsZero() != y.IsZero() {
		return cmp.Compare(y.Unix(), x.Unix())
	}
	return x.Compare(y)
}

// heldFor are the holds that only a human ends; what waits behind them is counted
// board by board.
func heldFor(holds []store.Hold, only string) []Waiting {
	var all []Waiting
	for _, h := range holds {
		slug, ofBoard := strings.CutPrefix(h.Scope, "board:")
		if !h.Until.IsZero() || h.Kind == store.Trial || ofBoard && only != "" && slug != only {
			continue
		}
		w := Waiting{Kind: WaitPulled, Scope: h.Scope, Since: h.Since, Commands: []string{ResumeCommand(h.Scope)}}
		w.Reason = fmt.Sprintf("%s pulled the cord: %s", orElse(h.By, "somebody"), orElse(h.Reason, "no reason given"))
		if h.Kind == store.Paused {
			w.Kind, w.Reason = WaitPaused, h.Reason
			if len(h.Tasks) > 0 {
				w.Commands = append(w.Commands, watchCommand(h))
			}
		}
		if ofBoard {
			w.Board = slug
		}
		all = append(all, w)
	}
	return all
}

// inbox is that of one board. What stands in shared is about several: it learns
// how much waits behind it here.
func (b *Board) inbox(ctx context.Context, shared *[]Waiting) ([]Waiting, error) {
	return store.View(ctx, b.store, func(r store.Reader) ([]Waiting, error) {
		v := view{Reader: r, b: b, heirs: map[string][]string{}, ledger: b.ledger(r, b.spending())}
		var all []Waiting
		err := v.open(func(t kanban.Task) error {
			w, waits, err := v.ofTask(t)
			if waits {
				all = append(all, w)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		dead, err := v.deadEnds()
		if err != nil {
			return nil, err
		}
		all = append(all, dead...)
		messages, err := v.messages()
		if err != nil {
			return nil, err
		}
		all = append(all, messages...)
		if why := b.store.Latched(); why != nil {
			all = append(all, Waiting{Kind: WaitLatched, Board: b.slug, Reason: why.Error(), Behind: v.seen, Commands: []string{"andon boards reopen " + b.slug}})
		}
		return all, v.share(shared)
	})
}

// view is one look at a board.
type view struct {
	store.Reader
	b      *Board
	ledger *ledger
	ready  []kanban.Task
	seen   int                 // unfinished tasks
	dead   []openEdge          // to parents that will never satisfy unless somebody acts
	heirs  map[string][]string // unfinished children of a task, read once
}

// open visits every unfinished task.
func (v *view) open(visit func(kanban.Task) error) error {
	q := store.TaskQuery{Limit: 1000, Statuses: []kanban.Status{
		kanban.Triage, kanban.Todo, kanban.Scheduled, kanban.Ready, kanban.Running, kanban.Blocked, kanban.Review,
	}}
	for {
		tasks, next, err := v.Tasks(q)
		if err != nil {
			return err
		}
		for _, t := range tasks {
			v.seen++
			if t.Status == kanban.Ready {
				v.ready = append(v.ready, t)
			}
			if err := visit(t); err != nil {
				return err
			}
		}
		if q.Cursor = next; next == "" {
			return nil
		}
	}
}

// behind counts the unfinished tasks that wait for some, these among them.
func (v *view) behind(ids ...string) (int, error) {
	known := map[string]bool{}
	for len(ids) > 0 {
		id := ids[0]
		ids = ids[1:]
		if known[id] {
			continue
		}
		known[id] = true
		heirs, err := v.heirsOf(id)
		if err != nil {
			return 0, err
		}
		ids = append(ids, heirs...)
	}
	return len(known), nil
}

func (v *view) heirsOf(id string) ([]string, error) {
	if heirs, known := v.heirs[id]; known {
		return heirs, nil
	}
	links, err := v.Children(id)
	if err != nil {
		return nil, err
	}
	heirs := []string{}
	for _, l := range links {
		t, err := v.Task(l.Child)
		if err != nil {
			return nil, err
		}
		if !l.Waived && t.Status != kanban.Done && t.Status != kanban.Archived {
			heirs = append(heirs, l.Child)
		}
	}
	v.heirs[id] = heirs
	return heirs, nil
}

// messages are the parked ones, one item for each subscription.
func (v *view) messages() ([]Waiting, error) {
	parked, err := v.Deliveries(store.Parked, 0)
	if err != nil || len(parked) == 0 {
		return nil, err
	}
	places, err := destinations(v)
	if err != nil {
		return nil, err
	}
	counts := map[int64]int{}
	for _, d := range parked { // the newest first
		counts[d.Destination]++
	}
	var all []Waiting
	for _, d := range slices.Backward(parked) {
		n := counts[d.Destination]
		if n == 0 {
			continue // told with its oldest
		}
		counts[d.Destination] = 0
		all = append(all, Waiting{
			Kind: WaitMessages, Board: v.b.slug, Since: d.Event.At, Commands: []string{"andon notify retry --all", "andon notify parked"},
			Reason: fmt.Sprintf("messages to %s that could not be delivered: %d, the oldest because: %s", placeName(places[d.Destination]), n, d.Error),
		})
	}
	return all, nil
}

// share adds what waits here behind that which is about several boards.
func (v *view) share(shared *[]Waiting) error {
	for i := range *shared {
		w := &(*shared)[i]
		n, err := v.behind(v.heldBy(store.Hold{Scope: w.Scope})...)
		if err != nil {
			return err
		}
		w.Behind += n
	}
	if v.b.ports.Situation == nil || len(v.ready) == 0 {
		return nil
	}
	closed := v.b.ports.Situation().Closed
	if closed == nil {
		return nil
	}
	n, err := v.behind(idsOf(v.ready)...)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(*shared, func(w Waiting) bool { return w.Kind == WaitStopped && w.Reason == closed.Reason }); i >= 0 {
		(*shared)[i].Behind += n
		return nil
	}
	*shared = append(*shared, Waiting{Kind: WaitStopped, Reason: closed.Reason, Since: closed.Since, Behind: n, Commands: []string{orElse(closed.Command, "andon doctor")}})
	return nil
}

// heldBy are the ready tasks that a hold keeps.
func (v *view) heldBy(h store.Hold) (ids []string) {
	for _, t := range v.ready {
		of := Held{v.b.slug, t.Assignee, v.b.settings().Lanes[t.Assignee].Account, t.Workspace.Source()}
		if h.Scope != "" && Holds(h, of, v.b.now()) {
			ids = append(ids, t.ID)
		}
	}
	return ids
}

func idsOf(tasks []kanban.Task) (ids []string) {
	for _, t := range tasks {
		ids = append(ids, t.ID)
	}
	return ids
}
