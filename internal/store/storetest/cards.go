package storetest

import (
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

const plan, build, ship = "t_00000001", "t_00000002", "t_00000003"

// family is a parent with two children, one of them done, and what belongs to
// them.
func family(t *testing.T, s store.Store) {
	t.Helper()
	write(t, s, func(tx store.Tx) {
		do(tx.InsertTask(task(plan, func(k *kanban.Task) { k.Tenant = "acme" })))
		do(tx.InsertTask(task(build, status(kanban.Done), func(k *kanban.Task) { k.Labels = []string{"bug"} })))
		do(tx.InsertTask(task(ship, status(kanban.Todo), func(k *kanban.Task) { k.Title = "Ship it" })))
		do(tx.InsertTask(task("t_00000004", status(kanban.Archived))))
		do(tx.PutLink(kanban.Link{Parent: plan, Child: build}))
		do(tx.PutLink(kanban.Link{Parent: plan, Child: ship}))
		do(tx.PutLink(kanban.Link{Parent: build, Child: ship, When: kanban.OnAny}))
		do(tx.PutLink(kanban.Link{Parent: "t_00000009", Child: ship}))
		for range 2 {
			get(tx.AddComment(kanban.Comment{Task: ship, Author: "ann", Body: "hm", At: t0}))
		}
		get(tx.InsertRun(kanban.Run{Task: build, Lane: "builder", Attempt: 1, StartedAt: t0, EndedAt: t0, Outcome: kanban.Completed}))
	})
}

func cardCounts(t *testing.T, s store.Store) {
	family(t, s)
	for name, c := range map[string]struct {
		q    store.TaskQuery
		want map[kanban.Status]int
	}{
		"all":              {store.TaskQuery{}, map[kanban.Status]int{kanban.Ready: 1, kanban.Done: 1, kanban.Todo: 1}},
		"archived too":     {store.TaskQuery{Archived: true}, map[kanban.Status]int{kanban.Ready: 1, kanban.Done: 1, kanban.Todo: 1, kanban.Archived: 1}},
		"whatever is read": {store.TaskQuery{Statuses: []kanban.Status{kanban.Done}, Limit: 1}, map[kanban.Status]int{kanban.Ready: 1, kanban.Done: 1, kanban.Todo: 1}},
		"of a tenant":      {store.TaskQuery{Tenant: "acme"}, map[kanban.Status]int{kanban.Ready: 1}},
		"labelled":         {store.TaskQuery{Labels: []string{"bug"}}, map[kanban.Status]int{kanban.Done: 1}},
		"by text":          {store.TaskQuery{Text: "ship"}, map[kanban.Status]int{kanban.Todo: 1}},
		"children":         {store.TaskQuery{Parent: plan}, map[kanban.Status]int{kanban.Done: 1, kanban.Todo: 1}},
		"none":             {store.TaskQuery{Assignee: "nobody"}, nil},
	} {
		read(t, s, func(r store.Reader) { equal(t, name, get(r.CountTasks(c.q)), c.want) })
	}
}

func cardBeside(t *testing.T, s store.Store) {
	family(t, s)
	read(t, s, func(r store.Reader) {
		equal(t, "beside", get(r.Beside([]string{plan, build, ship})), map[string]store.Beside{
			plan:  {Children: 2, Satisfied: 1},
			build: {Parents: 1, Children: 1, Runs: 1},
			ship:  {Parents: 2, Comments: 2},
		})
		equal(t, "parents", get(r.ParentsOf([]string{ship, build})), []kanban.Link{
			{Parent: plan, Child: build}, {Parent: plan, Child: ship}, {Parent: build, Child: ship, When: kanban.OnAny},
		})
		equal(t, "parents of none", get(r.ParentsOf(nil)), []kanban.Link(nil))
		equal(t, "children", pages(r, store.TaskQuery{Parent: plan, Sort: store.ByTitle}), []string{ship, build})
	})
}

func cardMovedAt(t *testing.T, s store.Store) {
	family(t, s)
	write(t, s, func(tx store.Tx) {
		for i, e := range []kanban.Event{
			{Task: plan, Kind: kanban.EvCreated},
			{Task: build, Kind: kanban.EvCreated},
			{Task: ship, Kind: kanban.EvCommented},
			{Task: build, Kind: kanban.EvCompleted},
			{Task: build, Kind: kanban.EvEdited},
			{Task: plan, Kind: kanban.EvHeartbeat},
		} {
			e.At = t0.Add(time.Duration(i) * 1500 * time.Millisecond)
			get(tx.AddEvent(e))
		}
	})
	read(t, s, func(r store.Reader) {
		equal(t, "moved", get(r.MovedAt([]string{build, plan, ship, "t_00000009"})), map[string]time.Time{plan: t0, build: t0.Add(4500 * time.Millisecond)})
		equal(t, "of none", get(r.MovedAt(nil)), map[string]time.Time{})
	})
}
