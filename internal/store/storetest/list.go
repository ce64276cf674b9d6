package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// pages reads a whole list, page by page.
func pages(r store.Reader, q store.TaskQuery) []string { return ids(get(everyPage(r, q))) }

// everyPage ends with an error when the cursors lead round in circles.
func everyPage(r store.Reader, q store.TaskQuery) (all []kanban.Task, err error) {
	const enough = 100 // pages; no list here is that long
	for range enough {
		page, next, err := r.Tasks(q)
		all = append(all, page...)
		if next == "" || err != nil {
			return all, err
		}
		q.Cursor = next
	}
	return nil, fmt.Errorf("list %+v does not end", q)
}

func listOrders(t *testing.T, s store.Store) {
	const a, b, c, d, e = "t_00000005", "t_00000004", "t_00000003", "t_00000002", "t_00000001" // inserted in this order
	insert := []kanban.Task{
		{ID: a, Title: "d", Status: kanban.Todo, Assignee: "y", Priority: 0, CreatedAt: t0.Add(2 * time.Second)},
		{ID: b, Title: "b", Status: kanban.Done, Assignee: "", Priority: 9, CreatedAt: t0},
		{ID: c, Title: "e", Status: kanban.Ready, Assignee: "x", Priority: 0, CreatedAt: t0},
		{ID: d, Title: "b", Status: kanban.Ready, Assignee: "x", Priority: -9, CreatedAt: t0.Add(1 * time.Second)},
		{ID: e, Title: "b", Status: kanban.Blocked, Assignee: "x", Priority: 0, CreatedAt: t0.Add(1 * time.Second)},
	}
	write(t, s, func(tx store.Tx) {
		for i, k := range insert {
			k.UpdatedAt = t0.Add(time.Hour - time.Duration(i/2)*time.Millisecond)
			do(tx.InsertTask(k))
		}
	})
	want := map[store.Sort][]string{
		"":                  {b, c, e, a, d},
		store.ByPriority:    {b, c, e, a, d},
		store.ByCreated:     {b, c, d, e, a},
		store.ByCreatedDesc: {a, e, d, c, b},
		store.ByUpdatedDesc: {a, b, d, c, e},
		store.ByStatus:      {e, b, c, d, a},
		store.ByAssignee:    {b, c, d, e, a},
		store.ByTitle:       {b, d, e, a, c},
	}
	read(t, s, func(r store.Reader) {
		for by, order := range want {
			for limit := 1; limit <= 6; limit++ {
				equal(t, fmt.Sprintf("%q by %d", by, limit), pages(r, store.TaskQuery{Sort: by, Limit: limit}), order)
			}
		}
	})
}

func listFilters(t *testing.T, s store.Store) {
	write(t, s, func(tx store.Tx) {
		do(tx.InsertTask(task("t_00000001", func(k *kanban.Task) { k.Tenant, k.Labels = "acme", []string{"bug", "ui"} })))
		do(tx.InsertTask(task("t_00000002", status(kanban.Done), func(k *kanban.Task) { k.SessionID, k.Labels = "s1", []string{"bug", "ui2"} })))
		do(tx.InsertTask(task("t_00000003", status(kanban.Archived))))
		do(tx.InsertTask(task("t_00000004", status(kanban.Todo), func(k *kanban.Task) { k.Assignee = "painter" })))
	})
	for name, c := range map[string]struct {
		q    store.TaskQuery
		want []string
	}{
		"all":              {store.TaskQuery{}, []string{"t_00000001", "t_00000002", "t_00000004"}},
		"archived too":     {store.TaskQuery{Archived: true}, []string{"t_00000001", "t_00000002", "t_00000003", "t_00000004"}},
		"archived only":    {store.TaskQuery{Statuses: []kanban.Status{kanban.Archived}}, []string{"t_00000003"}},
		"one status":       {store.TaskQuery{Statuses: []kanban.Status{kanban.Done}}, []string{"t_00000002"}},
		"two statuses":     {store.TaskQuery{Statuses: []kanban.Status{kanban.Todo, kanban.Done}}, []string{"t_00000002", "t_00000004"}},
		"assignee":         {store.TaskQuery{Assignee: "painter"}, []string{"t_00000004"}},
		"tenant":           {store.TaskQuery{Tenant: "acme"}, []string{"t_00000001"}},
		"label":            {store.TaskQuery{Labels: []string{"bug"}}, []string{"t_00000001", "t_00000002"}},
		"labels":           {store.TaskQuery{Labels: []string{"bug", "ui"}}, []string{"t_00000001"}},
		"no such label":    {store.TaskQuery{Labels: []string{"u"}}, nil},
		"session":          {store.TaskQuery{Session: "s1"}, []string{"t_00000002"}},
		"ids":              {store.TaskQuery{IDs: []string{"t_00000004", "t_00000003", "t_0000000f"}}, []string{"t_00000004"}},
		"ids and archived": {store.TaskQuery{IDs: []string{"t_00000004", "t_00000003"}, Archived: true}, []string{"t_00000003", "t_00000004"}},
		"both":             {store.TaskQuery{Assignee: "builder", Statuses: []kanban.Status{kanban.Todo}}, nil},
	} {
		read(t, s, func(r store.Reader) {
			equal(t, name, pages(r, c.q), c.want)
			c.q.Limit = 1
			equal(t, name+", page by page", pages(r, c.q), c.want)
		})
	}
}

func listText(t *testing.T, s store.Store) {
	write(t, s, func(tx store.Tx) {
		for id, texts := range map[string][2]string{
			"t_00000001": {"Fix the Login", "It fails at 50% of the tries"},
			"t_00000002": {"Übersetzung des Logins", "C:\\temp\\a_b"},
			"t_00000003": {"fifty", ""},
		} {
			do(tx.InsertTask(task(id, func(k *kanban.Task) { k.Title, k.Body = texts[0], texts[1] })))
		}
	})
	for text, want := range map[string][]string{
		"login":       {"t_00000001", "t_00000002"},
		"LOGIN":       {"t_00000001", "t_00000002"},
		"fails login": {"t_00000001"},
		"login none":  nil,
		"50%":         {"t_00000001"},
		"5%0":         nil,
		"a_b":         {"t_00000002"},
		"fi_ty":       nil,
		`c:\temp`:     {"t_00000002"},
		"übersetzung": {"t_00000002"},
		"ÜBERSETZUNG": {"t_00000002"},
		" ":           {"t_00000001", "t_00000002", "t_00000003"},
	} {
		read(t, s, func(r store.Reader) {
			got := pages(r, store.TaskQuery{Text: text})
			slices.Sort(got)
			equal(t, text, got, want)
		})
	}
}

func listFull(t *testing.T, s store.Store) {
	write(t, s, func(tx store.Tx) { do(tx.InsertTask(fullTask("t_00000001"))) })
	read(t, s, func(r store.Reader) {
		want := fullTask("t_00000001")
		tasks, _, err := r.Tasks(store.TaskQuery{Full: true})
		do(err)
		equal(t, "full", tasks, []kanban.Task{want})
		want.Body, want.Result = "", ""
		tasks, _, err = r.Tasks(store.TaskQuery{})
		do(err)
		equal(t, "short", tasks, []kanban.Task{want})
	})
}

// listCursorOverChanges: rows that come, go or move between two pages change
// nothing about the others: none is skipped, none comes twice.
func listCursorOverChanges(t *testing.T, s store.Store) {
	at := func(priority int) func(*kanban.Task) { return func(k *kanban.Task) { k.Priority = priority } }
	write(t, s, func(tx store.Tx) {
		for i := range 6 {
			do(tx.InsertTask(task(fmt.Sprintf("t_%08x", i), at(-i))))
		}
	})
	var first []kanban.Task
	var next string
	read(t, s, func(r store.Reader) {
		var err error
		first, next, err = r.Tasks(store.TaskQuery{Limit: 3})
		do(err)
	})
	equal(t, "first page", ids(first), []string{"t_00000000", "t_00000001", "t_00000002"})
	write(t, s, func(tx store.Tx) {
		do(tx.DeleteTask("t_00000002")) // the one that the cursor names
		do(tx.DeleteTask("t_00000000"))
		do(tx.InsertTask(task("t_0000000a", at(9)))) // before the cursor
		do(tx.InsertTask(task("t_0000000b", at(-4))))
	})
	read(t, s, func(r store.Reader) {
		equal(t, "the rest", pages(r, store.TaskQuery{Limit: 2, Cursor: next}),
			[]string{"t_00000003", "t_00000004", "t_0000000b", "t_00000005"})
	})
}

func listRefusals(t *testing.T, s store.Store) {
	write(t, s, func(tx store.Tx) {
		do(tx.InsertTask(task("t_00000001")))
		do(tx.InsertTask(task("t_00000002")))
	})
	read(t, s, func(r store.Reader) {
		_, next, err := r.Tasks(store.TaskQuery{Limit: 1})
		do(err)
		_, _, err = r.Tasks(store.TaskQuery{Limit: 1, Cursor: next, Sort: store.ByTitle})
		wantCode(t, "cursor of another order", err, kanban.Invalid)
		_, _, err = r.Tasks(store.TaskQuery{Cursor: "nonsense"})
		wantCode(t, "no cursor", err, kanban.Invalid)
		_, _, err = r.Tasks(store.TaskQuery{Sort: "size"})
		wantCode(t, "unknown order", err, kanban.Invalid)
	})
}
