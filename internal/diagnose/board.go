package diagnose

import (
	"cmp"
	"slices"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Diagnosis is a task with findings, or with the zero task what concerns the
// board itself.
type Diagnosis struct {
	Task     kanban.Task
	Findings []Finding // the worst first, at least one
}

// page is how many rows are asked for at once.
const page = 1000

// waiting are the statuses of tasks that are looked at; of those that have
// ended only what their handoffs say is.
var waiting = []kanban.Status{kanban.Triage, kanban.Todo, kanban.Scheduled, kanban.Ready, kanban.Running, kanban.Blocked, kanban.Review}

// Board judges every task of a board; those with the worst findings come first,
// of equals those that have waited longest.
func Board(r store.Reader, now time.Time, served func(lane string) bool) ([]Diagnosis, error) {
	suspects, err := phantoms(r)
	if err != nil {
		return nil, err
	}
	parked, err := untold(r)
	if err != nil {
		return nil, err
	}
	for id := range parked {
		suspects[id] = true
	}
	var found []Diagnosis
	judge := func(t kanban.Task) error {
		d, err := task(r, t, parked[t.ID], now, served)
		if err == nil && len(d.Findings) > 0 {
			found = append(found, d)
		}
		return err
	}
	for q := (store.TaskQuery{Statuses: waiting, Limit: page}); ; {
		tasks, next, err := r.Tasks(q)
		if err != nil {
			return nil, err
		}
		for _, t := range tasks {
			suspect := suspects[t.ID] || t.Failures > 0 || t.Status == kanban.Blocked || t.Status == kanban.Todo || t.Status == kanban.Scheduled
			delete(suspects, t.ID)
			if !suspect && (t.Assignee == "" || served(t.Assignee)) {
				continue
			}
			if err := judge(t); err != nil {
				return nil, err
			}
		}
		if q.Cursor = next; next == "" {
			break
		}
	}
	for id := range suspects {
		t, err := r.Task(id)
		if kanban.CodeOf(err) == kanban.NotFound {
			continue // deleted; its events stay
		}
		if err != nil {
			return nil, err
		}
		if err := judge(t); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(found, worstFirst)
	return found, nil
}

func worstFirst(a, b Diagnosis) int {
	return cmp.Or(
		cmp.Compare(b.Findings[0].Severity, a.Findings[0].Severity),
		a.Findings[0].Since.Compare(b.Findings[0].Since),
		cmp.Compare(a.Task.ID, b.Task.ID),
	)
}

// Latched is the finding about a board that stopped writing for a reason.
func Latched(slug string, why error) Diagnosis {
	return Diagnosis{Findings: []Finding{{
		Kind: BoardLatched, Severity: Critical, Title: "board " + slug + " takes no more writes", Detail: why.Error(),
		Actions: []string{"andon boards reopen " + slug},
	}}}
}

// phantoms are the tasks whose runs named what does not exist, or moved what was
// not theirs.
func phantoms(r store.Reader) (map[string]bool, error) {
	found := map[string]bool{}
	q := store.EventQuery{Kinds: []kanban.EventKind{kanban.EvPhantomCards, kanban.EvPhantomReferences, kanban.EvRefsMoved}, Limit: page}
	for {
		events, err := r.Events(q)
		if err != nil {
			return nil, err
		}
		for _, e := range events {
			found[e.Task] = true
			q.After = e.ID
		}
		if len(events) < page {
			return found, nil
		}
	}
}

// untold are the messages that were given up, by task.
func untold(r store.Reader) (map[string][]store.Delivery, error) {
	parked, err := r.Deliveries(store.Parked, 0)
	by := map[string][]store.Delivery{}
	for _, d := range parked {
		if d.Event.Task != "" {
			by[d.Event.Task] = append(by[d.Event.Task], d)
		}
	}
	return by, err
}

// Task judges one task.
func Task(r store.Reader, t kanban.Task, now time.Time, served func(lane string) bool) (Diagnosis, error) {
	parked, err := untold(r)
	if err != nil {
		return Diagnosis{}, err
	}
	return task(r, t, parked[t.ID], now, served)
}

func task(r store.Reader, t kanban.Task, untold []store.Delivery, now time.Time, served func(lane string) bool) (Diagnosis, error) {
	s := Subject{Task: t, Untold: untold}
	links, err := r.Parents(t.ID)
	if err != nil {
		return Diagnosis{}, err
	}
	for _, l := range links {
		p, err := r.Task(l.Parent)
		if err != nil {
			return Diagnosis{}, err
		}
		if !l.Satisfied(p) {
			s.Parents = append(s.Parents, p)
		}
	}
	if s.Runs, err = r.Runs(t.ID); err != nil {
		return Diagnosis{}, err
	}
	if s.Events, err = allEvents(r, t.ID); err != nil {
		return Diagnosis{}, err
	}
	return Diagnosis{Task: t, Findings: Judge(s, now, served)}, nil
}

func allEvents(r store.Reader, task string) ([]kanban.Event, error) {
	var all []kanban.Event
	q := store.EventQuery{Task: task, Limit: page}
	for {
		events, err := r.Events(q)
		if err != nil {
			return nil, err
		}
		all = append(all, events...)
		if len(events) < page {
			return all, nil
		}
		q.After = events[len(events)-1].ID
	}
}
