package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

func readyOrder(t *testing.T, s store.Store) {
	with := func(priority int, age time.Duration) func(*kanban.Task) {
		return func(k *kanban.Task) { k.Priority, k.CreatedAt = priority, t0.Add(-age) }
	}
	write(t, s, func(tx store.Tx) {
		// Ids are random: they must not decide.
		do(tx.InsertTask(task("t_00000009", with(1, time.Hour))))
		do(tx.InsertTask(task("t_00000008", with(5, time.Minute))))
		do(tx.InsertTask(task("t_00000007", with(5, time.Hour))))
		do(tx.InsertTask(task("t_00000006", with(5, time.Hour))))
		do(tx.InsertTask(task("t_00000005", with(-1, 0))))
	})
	for _, want := range []string{"t_00000007", "t_00000006", "t_00000008", "t_00000009", "t_00000005", ""} {
		write(t, s, func(tx store.Tx) {
			equal(t, "next", get(tx.NextReady("builder", t0, store.Skip{})), want)
			if want != "" {
				do(tx.UpdateTask(task(want, status(kanban.Running))))
			}
		})
	}
}

func readyConditions(t *testing.T, s store.Store) {
	cases := []struct {
		name   string
		change func(*kanban.Task)
		skip   store.Skip
		runs   bool
	}{
		{"plain", func(*kanban.Task) {}, store.Skip{}, true},
		{"of another lane", func(k *kanban.Task) { k.Assignee = "painter" }, store.Skip{}, false},
		{"of nobody", func(k *kanban.Task) { k.Assignee = "" }, store.Skip{}, false},
		{"its time comes now", func(k *kanban.Task) { k.NotBefore = t0 }, store.Skip{}, true},
		{"its time comes", func(k *kanban.Task) { k.NotBefore = t0.Add(time.Millisecond) }, store.Skip{}, false},
		{"an earlier run lives", func(k *kanban.Task) { k.LiveRun = 3 }, store.Skip{}, false},
		{"its tenant has no room", func(k *kanban.Task) { k.Tenant = "acme" }, store.Skip{Tenants: []string{"x", "acme"}}, false},
		{"another tenant has no room", func(k *kanban.Task) { k.Tenant = "acme" }, store.Skip{Tenants: []string{"x"}}, true},
		{"those without tenant have no room", func(*kanban.Task) {}, store.Skip{Tenants: []string{""}}, false},
		{"its repository is held", worktreeOf("/r"), store.Skip{Repos: []string{"/x", "/r"}}, false},
		{"another repository is held", worktreeOf("/r"), store.Skip{Repos: []string{"/x"}}, true},
		{
			"the source of its first run is held", func(k *kanban.Task) { k.Workspace = kanban.Workspace{Kind: kanban.Worktree, Path: "/r"} },
			store.Skip{Repos: []string{"/r"}},
			false,
		},
		{
			"a folder of that name is no repository", func(k *kanban.Task) { k.Workspace = kanban.Workspace{Kind: kanban.Dir, Path: "/r"} },
			store.Skip{Repos: []string{"/r"}},
			true,
		},
	}
	for _, other := range kanban.Statuses {
		if other != kanban.Ready {
			cases = append(cases, struct {
				name   string
				change func(*kanban.Task)
				skip   store.Skip
				runs   bool
			}{string(other), status(other), store.Skip{}, false})
		}
	}
	for i, c := range cases {
		id := fmt.Sprintf("t_%08x", i)
		write(t, s, func(tx store.Tx) {
			do(tx.InsertTask(task(id, c.change)))
			want := ""
			if c.runs {
				want = id
			}
			equal(t, c.name, get(tx.NextReady("builder", t0, c.skip)), want)
			do(tx.DeleteTask(id))
		})
	}
}

func worktreeOf(repo string) func(*kanban.Task) {
	return func(k *kanban.Task) {
		k.Workspace = kanban.Workspace{Kind: kanban.Worktree, Repo: repo, Path: "/trees/" + k.ID}
	}
}

func dueTasks(t *testing.T, s store.Store) {
	at := func(d time.Duration) func(*kanban.Task) {
		return func(k *kanban.Task) { k.NotBefore = t0.Add(d) }
	}
	write(t, s, func(tx store.Tx) {
		equal(t, "next of nothing", get(tx.NextDue(t0)), time.Time{})
		do(tx.InsertTask(task("t_00000001", status(kanban.Scheduled), at(-time.Second))))
		do(tx.InsertTask(task("t_00000002", status(kanban.Scheduled), at(-time.Minute))))
		do(tx.InsertTask(task("t_00000003", status(kanban.Scheduled), at(0))))
		do(tx.InsertTask(task("t_00000004", status(kanban.Scheduled), at(5*time.Second))))
		do(tx.InsertTask(task("t_00000005", status(kanban.Scheduled))))      // a human wakes it
		do(tx.InsertTask(task("t_00000006", at(3*time.Second))))             // ready, in backoff
		do(tx.InsertTask(task("t_00000007", status(kanban.Blocked), at(1)))) // not by time alone
		do(tx.InsertTask(task("t_00000008", at(-time.Hour))))                // ready, its time long come
		equal(t, "due", get(tx.Due(t0, 10)), []string{"t_00000002", "t_00000001", "t_00000003"})
		equal(t, "limit", get(tx.Due(t0, 1)), []string{"t_00000002"})
		equal(t, "next", get(tx.NextDue(t0)), t0.Add(3*time.Second))
		equal(t, "next but one", get(tx.NextDue(t0.Add(3*time.Second))), t0.Add(5*time.Second))
		equal(t, "last", get(tx.NextDue(t0.Add(5*time.Second))), time.Time{})
	})
}

// promotableSatisfaction holds the store's rule against kanban.Link.Satisfied,
// for every state of a parent and every edge (G17).
func promotableSatisfaction(t *testing.T, s store.Store) {
	n := 0
	var edges []kanban.Link
	for _, when := range kanban.Conditions {
		edges = append(edges, kanban.Link{When: when}, kanban.Link{When: when}, kanban.Link{When: when, Waived: true})
	}
	for _, st := range kanban.Statuses {
		for _, closed := range []string{"", string(kanban.Done), string(kanban.Todo), kanban.Cancelled, kanban.NotNeeded} {
			for _, completed := range []time.Time{{}, t0} {
				for _, edge := range edges {
					n++
					parent := task(fmt.Sprintf("t_%08x", 2*n), status(st), func(k *kanban.Task) {
						k.Closed, k.CompletedAt = closed, completed
						if n%2 == 0 {
							k.BlockKind = kanban.BreakerOpen
						}
					})
					child := task(fmt.Sprintf("t_%08x", 2*n+1), status(kanban.Todo))
					write(t, s, func(tx store.Tx) {
						do(tx.InsertTask(parent))
						do(tx.InsertTask(child))
						edge.Parent, edge.Child = parent.ID, child.ID
						do(tx.PutLink(edge))
						want := []string{}
						if edge.Satisfied(parent) {
							want = []string{child.ID}
						}
						name := fmt.Sprintf("parent %s, closed %q, blocked %q, completed %v, when %q, waived %v",
							st, closed, parent.BlockKind, !completed.IsZero(), edge.When, edge.Waived)
						got := get(tx.Promotable(0))
						if st == kanban.Todo { // the parent itself waits for nobody
							want = append([]string{parent.ID}, want...)
						}
						equal(t, name, got, want)
						do(tx.DeleteTask(parent.ID))
						do(tx.DeleteTask(child.ID))
					})
				}
			}
		}
	}
}

func links(t *testing.T, s store.Store) {
	write(t, s, func(tx store.Tx) {
		for _, id := range []string{"t_00000001", "t_00000002", "t_00000003"} {
			do(tx.InsertTask(task(id, status(kanban.Todo))))
		}
		waived := kanban.Link{Parent: "t_00000001", Child: "t_00000003", Waived: true, WaivedBy: "ann", WaivedReason: "now", When: kanban.OnAny}
		filled(t, waived)
		do(tx.PutLink(kanban.Link{Parent: "t_00000002", Child: "t_00000003"}))
		do(tx.PutLink(kanban.Link{Parent: "t_00000001", Child: "t_00000003"}))
		do(tx.PutLink(waived))
		do(tx.PutLink(kanban.Link{Parent: "t_0000000e", Child: "t_00000003"})) // dangling
		do(tx.PutLink(kanban.Link{Parent: "t_00000003", Child: "t_0000000f"}))
		equal(t, "parents", get(tx.Parents("t_00000003")), []kanban.Link{waived, {Parent: "t_00000002", Child: "t_00000003"}})
		equal(t, "children", get(tx.Children("t_00000001")), []kanban.Link{waived})
		equal(t, "dangling", len(get(tx.Children("t_00000003"))), 0)
		equal(t, "promotable", get(tx.Promotable(1)), []string{"t_00000001"})
		do(tx.DeleteLink("t_00000002", "t_00000003"))
		wantCode(t, "no such edge", tx.DeleteLink("t_00000002", "t_00000003"), kanban.NotFound)
		equal(t, "one left", get(tx.Parents("t_00000003")), []kanban.Link{waived})
		equal(t, "all free", len(get(tx.Promotable(0))), 3)
	})
}
