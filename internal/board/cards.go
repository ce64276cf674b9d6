package board

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Card is a task with all that a board draws on it.
type Card struct {
	Task   kanban.Task
	Since  time.Time // when it came to its status; time in the archive counts for what is done or blocked again
	Run    *kanban.Run
	Beside store.Beside
	Gates  []kanban.Gate
	Moves  []kanban.Move // where a human may send it
}

// CardPage is one page of cards, and how many there are in all.
type CardPage struct {
	Cards       []Card
	Next        string
	LatestEvent int64 // the page shows what was so after this one
	Counts      map[kanban.Status]int
}

// Cards returns one page. Everything is of one snapshot.
func (b *Board) Cards(ctx context.Context, q store.TaskQuery) (CardPage, error) {
	return store.View(ctx, b.store, func(r store.Reader) (p CardPage, err error) {
		tasks, next, err := r.Tasks(q)
		if err != nil {
			return p, err
		}
		p.Next = next
		if p.Cards, err = b.cards(r, tasks); err != nil {
			return p, err
		}
		if p.Counts, err = r.CountTasks(q); err != nil {
			return p, err
		}
		p.LatestEvent, err = r.LastEvent()
		return p, err
	})
}

// CardsOf returns the cards of those of these tasks that are there, in no
// particular order.
func (b *Board) CardsOf(ctx context.Context, ids []string) ([]Card, error) {
	return store.View(ctx, b.store, func(r store.Reader) ([]Card, error) {
		tasks, err := tasksOf(r, ids)
		if err != nil {
			return nil, err
		}
		return b.cards(r, tasks)
	})
}

// CardOf returns the card of a task as it is given, which may have changed since.
func (b *Board) CardOf(ctx context.Context, t kanban.Task) (Card, error) {
	cards, err := store.View(ctx, b.store, func(r store.Reader) ([]Card, error) { return b.cards(r, []kanban.Task{t}) })
	if err != nil {
		return Card{}, err
	}
	return cards[0], nil
}

// WayBack is where a human may send a card without saying why, to undo what
// brought it from a status: what ran may run again, what was put away comes out.
// It is "" if nothing leads back.
func (c Card) WayBack(from kanban.Status) kanban.Status {
	wanted := []kanban.Status{from}
	if from == kanban.Running {
		wanted = []kanban.Status{kanban.Ready, kanban.Todo}
	}
	for _, m := range c.Moves {
		if !m.Reason && (slices.Contains(wanted, m.To) || c.Task.Status == kanban.Archived) {
			return m.To
		}
	}
	return ""
}

// Outside is what may open or close the gates of tasks without a change of theirs:
// caps, holds, the dispatcher, the configuration. It only compares.
func (b *Board) Outside(ctx context.Context) (string, error) {
	n, err := store.View(ctx, b.store, func(r store.Reader) (int, error) { return r.LiveCount("") })
	if err != nil {
		return "", err
	}
	s := b.settings()
	var of Situation
	if b.ports.Situation != nil {
		of = b.ports.Situation()
	}
	text, err := json.Marshal([]any{n, s.BoardCap, s.TenantCap, s.Lanes, of.Closed, of.Holds, of.HomeCap, of.HomeRunning, of.LaneRunning, of.AccountCap, of.AccountRuns})
	return string(text), err
}

// cards makes the cards of tasks. How many there are does not decide how many
// queries it takes, but for those in triage and in review.
func (b *Board) cards(r store.Reader, tasks []kanban.Task) ([]Card, error) {
	ahead, err := readAhead(r, tasks)
	if err != nil {
		return nil, err
	}
	beside, err := r.Beside(idsOf(tasks))
	if err != nil {
		return nil, err
	}
	moved, err := movedAt(r, ahead, tasks)
	if err != nil {
		return nil, err
	}
	l := b.ledger(ahead, b.spending())
	cards := make([]Card, len(tasks))
	for i, t := range tasks {
		c := Card{Task: t, Beside: beside[t.ID], Run: ahead.runs[t.CurrentRun]}
		if c.Gates, err = b.gatesBy(l, ahead, t); err != nil {
			return nil, err
		}
		if c.Moves, err = moves(ahead, t); err != nil {
			return nil, err
		}
		c.Since = cmp.Or(inStatus(t, c.Run), moved[t.ID], t.UpdatedAt, t.CreatedAt)
		cards[i] = c
	}
	return cards, nil
}

// inStatus is since when a task is in its status, where a column tells.
func inStatus(t kanban.Task, run *kanban.Run) time.Time {
	switch {
	case t.Status == kanban.Running && run != nil:
		return run.StartedAt
	case t.Status == kanban.Triage:
		return t.CreatedAt // nothing leads there
	case t.Status == kanban.Blocked:
		return t.BlockedAt
	case t.Status == kanban.Done:
		return t.CompletedAt
	}
	return time.Time{}
}

// movedAt asks the events of those tasks whose columns do not tell.
func movedAt(r store.Reader, ahead *ahead, tasks []kanban.Task) (map[string]time.Time, error) {
	var ids []string
	for _, t := range tasks {
		if inStatus(t, ahead.runs[t.CurrentRun]).IsZero() {
			ids = append(ids, t.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return r.MovedAt(ids)
}

// ahead is a reader that has read before what the gates of a page of tasks ask
// for one by one. Its tasks come without their texts.
type ahead struct {
	store.Reader
	parents map[string][]kanban.Link
	tasks   map[string]kanban.Task
	runs    map[int64]*kanban.Run // the live ones
	live    map[string]int        // how many, by tenant
}

func readAhead(r store.Reader, tasks []kanban.Task) (*ahead, error) {
	a := &ahead{Reader: r, parents: map[string][]kanban.Link{}, tasks: map[string]kanban.Task{}, runs: map[int64]*kanban.Run{}, live: map[string]int{}}
	var above []string
	for _, t := range tasks {
		a.tasks[t.ID], a.parents[t.ID] = t, nil
	}
	links, err := r.ParentsOf(idsOf(tasks))
	if err != nil {
		return nil, err
	}
	for _, l := range links {
		a.parents[l.Child] = append(a.parents[l.Child], l)
		above = append(above, l.Parent)
	}
	parents, err := tasksOf(r, above)
	if err != nil {
		return nil, err
	}
	for _, p := range parents {
		a.tasks[p.ID] = p
	}
	if !slices.ContainsFunc(tasks, func(t kanban.Task) bool { return t.CurrentRun != 0 }) {
		return a, nil
	}
	live, err := r.LiveRuns()
	for _, run := range live {
		a.runs[run.ID] = &run
	}
	return a, err
}

// tasksOf reads tasks by their ids, as many as a query takes at once.
func tasksOf(r store.Reader, ids []string) (tasks []kanban.Task, err error) {
	for some := range slices.Chunk(ids, 1000) {
		page, _, err := r.Tasks(store.TaskQuery{IDs: some, Archived: true, Limit: 1000})
		if err != nil {
			return nil, err
		}
		tasks = append(tasks, page...)
	}
	return tasks, nil
}

func (a *ahead) Parents(child string) ([]kanban.Link, error) {
	if links, known := a.parents[child]; known {
		return links, nil
	}
	return a.Reader.Parents(child)
}

func (a *ahead) Task(id string) (kanban.Task, error) {
	if t, known := a.tasks[id]; known {
		return t, nil
	}
	return a.Reader.Task(id)
}

func (a *ahead) LiveCount(tenant string) (int, error) {
	if n, known := a.live[tenant]; known {
		return n, nil
	}
	n, err := a.Reader.LiveCount(tenant)
	a.live[tenant] = n
	return n, err
}
