package storetest

import (
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

func fullTask(id string) kanban.Task {
	return kanban.Task{
		ID: id, Title: "Fix the login ☂", Body: "It\nfails 'often' \x1b[0m", Assignee: "builder", Status: kanban.Blocked, Priority: -3,
		Tenant: "acme", Labels: []string{"bug", "größe"}, CreatedBy: "ann", Origin: "t_0000000f", CreatedAt: t0, StartedAt: t0.Add(1 * time.Millisecond),
		CompletedAt: t0.Add(2 * time.Millisecond), UpdatedAt: t0.Add(3 * time.Second), Version: 1,
		Workspace: kanban.Workspace{Kind: kanban.Worktree, Path: "/w", Branch: "b", Repo: "/r"},
		Result:    "a <result> & more", IdempotencyKey: "key", MaxRuntime: 1500 * time.Millisecond, MaxAttempts: 7,
		Skills: []string{"über", "go"}, Model: "large", SessionID: "s1",
		NotBefore: t0.Add(4 * time.Millisecond), BlockKind: kanban.NeedsInput, BlockReason: "which one?",
		BlockedAt: t0.Add(5 * time.Millisecond), Closed: kanban.Cancelled,
		Failures: 1, LastError: "exit 3", Losses: 2, ReviewRounds: 3,
		CurrentRun: 11, LiveRun: 12, ClaimLock: "host:1:ab", ClaimEnds: t0.Add(6 * time.Millisecond), WorkerPID: 13,
		Heartbeat: t0.Add(7 * time.Millisecond),
		Verify:    [][]string{{"make", "tést"}, {"true"}}, Reviewer: "critic", MaxRounds: 4, Reviews: "t_0000000e", Revision: "c0ffee",
		OnRetry: kanban.Fresh, Budget: kanban.Budget{Cost: 1 << 40, Tokens: 5},
	}
}

func taskEveryField(t *testing.T, s store.Store) {
	want := fullTask("t_00000001")
	filled(t, want)
	filled(t, want.Workspace)
	filled(t, want.Budget)
	write(t, s, func(tx store.Tx) {
		do(tx.InsertTask(want))
		do(tx.InsertTask(task("t_00000002")))
	})
	read(t, s, func(r store.Reader) { equal(t, "inserted", get(r.Task("t_00000001")), want) })
	want.ID, want.Version = "t_00000002", 2
	write(t, s, func(tx store.Tx) { do(tx.UpdateTask(want)) })
	read(t, s, func(r store.Reader) { equal(t, "updated", get(r.Task("t_00000002")), want) })
}

func taskZeroFields(t *testing.T, s store.Store) {
	want := kanban.Task{ID: "t_00000001", Title: "bare", Status: kanban.Todo, Version: 1}
	write(t, s, func(tx store.Tx) {
		do(tx.InsertTask(want))
		full := fullTask("t_00000002")
		do(tx.InsertTask(full))
		do(tx.UpdateTask(kanban.Task{ID: full.ID, Title: "bare", Status: kanban.Todo}))
	})
	read(t, s, func(r store.Reader) {
		equal(t, "inserted", get(r.Task("t_00000001")), want)
		want.ID, want.Version = "t_00000002", 2
		equal(t, "emptied", get(r.Task("t_00000002")), want)
	})
}

func taskSkills(t *testing.T, s store.Store) {
	write(t, s, func(tx store.Tx) {
		do(tx.InsertTask(task("t_00000001", func(k *kanban.Task) { k.Skills = nil })))
		do(tx.InsertTask(task("t_00000002", func(k *kanban.Task) { k.Skills = []string{} })))
	})
	read(t, s, func(r store.Reader) {
		if got := get(r.Task("t_00000001")).Skills; got != nil {
			t.Errorf("the lane's own skills came back as %#v", got)
		}
		if got := get(r.Task("t_00000002")).Skills; got == nil || len(got) != 0 {
			t.Errorf("no skills came back as %#v", got)
		}
	})
}

func taskVerify(t *testing.T, s store.Store) {
	write(t, s, func(tx store.Tx) {
		do(tx.InsertTask(task("t_00000001", func(k *kanban.Task) { k.Verify = nil })))
		do(tx.InsertTask(task("t_00000002", func(k *kanban.Task) { k.Verify = [][]string{} })))
	})
	read(t, s, func(r store.Reader) {
		if got := get(r.Task("t_00000001")).Verify; got != nil {
			t.Errorf("the lane's own verification came back as %#v", got)
		}
		if got := get(r.Task("t_00000002")).Verify; got == nil || len(got) != 0 {
			t.Errorf("no verification came back as %#v", got)
		}
	})
}

func taskCodes(t *testing.T, s store.Store) {
	write(t, s, func(tx store.Tx) {
		do(tx.InsertTask(task("t_00000001")))
		wantCode(t, "insert twice", tx.InsertTask(task("t_00000001", status(kanban.Done))), kanban.Conflict)
		wantCode(t, "update", tx.UpdateTask(task("t_0000000f")), kanban.NotFound)
		wantCode(t, "note", tx.NoteTask(task("t_0000000f")), kanban.NotFound)
		wantCode(t, "delete", tx.DeleteTask("t_0000000f"), kanban.NotFound)
		_, err := tx.Task("t_0000000f")
		wantCode(t, "read", err, kanban.NotFound)
		equal(t, "the first one stays", get(tx.Task("t_00000001")).Status, kanban.Ready)
	})
}

func taskVersionGrows(t *testing.T, s store.Store) {
	write(t, s, func(tx store.Tx) {
		k := task("t_00000001")
		do(tx.InsertTask(k))
		for want := int64(2); want < 5; want++ {
			do(tx.UpdateTask(k)) // whatever version the caller holds
			equal(t, "version", get(tx.Task(k.ID)).Version, want)
		}
		k.LiveRun = 7
		do(tx.NoteTask(k))
		equal(t, "version of what was only noted", get(tx.Task(k.ID)).Version, int64(4))
		equal(t, "what was noted", get(tx.Task(k.ID)).LiveRun, int64(7))
	})
}

func taskIDsByPrefix(t *testing.T, s store.Store) {
	write(t, s, func(tx store.Tx) {
		for _, id := range []string{"t_00000002", "t_00000001", "t_10000000"} {
			do(tx.InsertTask(task(id)))
		}
	})
	read(t, s, func(r store.Reader) {
		equal(t, "two", get(r.TaskIDs("t_0", 5)), []string{"t_00000001", "t_00000002"})
		equal(t, "limit", get(r.TaskIDs("t_0", 1)), []string{"t_00000001"})
		equal(t, "whole", get(r.TaskIDs("t_10000000", 5)), []string{"t_10000000"})
		equal(t, "none", get(r.TaskIDs("t_2", 5)), []string{})
		equal(t, "no wildcards", get(r.TaskIDs("t%", 5)), []string{})
	})
}

func taskDelete(t *testing.T, s store.Store) {
	write(t, s, func(tx store.Tx) {
		for n, id := range []string{"t_00000001", "t_00000002", "t_00000003"} {
			do(tx.InsertTask(task(id)))
			get(tx.InsertRun(kanban.Run{Task: id, StartedAt: t0, Attempt: 1}))
			get(tx.AddComment(kanban.Comment{Task: id, Author: "ann", Body: "hm", At: t0}))
			get(tx.AddEvent(kanban.Event{Task: id, Kind: kanban.EvCreated, At: t0}))
			do(tx.PutArtifacts([]kanban.Artifact{{Task: id, Run: 1, Path: "a", SHA256: "sha-" + id}}))
			do(tx.PutKey("key-"+id, id))
			_, _, err := tx.PutSubscription(store.Subscription{Task: id, Sink: "ops"})
			do(err)
			room := get(tx.PutDestination("ops", "", ""))
			get(tx.AddDelivery(store.Delivery{Destination: room, Event: kanban.Event{ID: int64(n + 1)}, State: store.Pending}))
			do(tx.PutMute(store.Mute{Destination: room, Task: id}))
			do(tx.PutPost(store.Post{Destination: room, Task: id, Ref: id, At: t0}))
		}
		do(tx.PutLink(kanban.Link{Parent: "t_00000001", Child: "t_00000002"}))
		do(tx.PutLink(kanban.Link{Parent: "t_00000002", Child: "t_00000003"}))
		do(tx.DeleteTask("t_00000002"))
	})
	write(t, s, func(tx store.Tx) {
		do(tx.InsertTask(task("t_00000002"))) // another one, to which nothing belongs
		equal(t, "runs", len(get(tx.Runs("t_00000002"))), 0)
		equal(t, "comments", len(get(tx.Comments("t_00000002", 0))), 0)
		equal(t, "artifacts", len(get(tx.Artifacts("t_00000002"))), 0)
		equal(t, "kept content", get(tx.ArtifactKept("sha-t_00000002")), false)
		equal(t, "subscriptions", len(get(tx.Subscriptions("t_00000002"))), 0)
		equal(t, "key", get(tx.TaskByKey("key-t_00000002")), "")
		equal(t, "parents", len(get(tx.Parents("t_00000002"))), 0)
		equal(t, "children", len(get(tx.Children("t_00000001"))), 0)
		equal(t, "parents of the child", len(get(tx.Parents("t_00000003"))), 0)
		equal(t, "events stay", len(get(tx.Events(store.EventQuery{Task: "t_00000002"}))), 1)
		equal(t, "others' runs stay", len(get(tx.Runs("t_00000001"))), 1)
		equal(t, "deliveries stay", len(get(tx.Pending(1, 0))), 3)
		equal(t, "mutes", len(get(tx.Mutes())), 2)
		equal(t, "posts", get(tx.Posted("ops", "t_00000002")).Task, "")
		equal(t, "others' posts stay", get(tx.Posted("ops", "t_00000001")).Task, "t_00000001")
	})
}

func taskKeys(t *testing.T, s store.Store) {
	key := func(k *kanban.Task) { k.IdempotencyKey = "key" }
	write(t, s, func(tx store.Tx) {
		equal(t, "unknown", get(tx.TaskByKey("key")), "")
		do(tx.InsertTask(task("t_00000001", key)))
		do(tx.PutKey("key", "t_00000001"))
		do(tx.PutKey("key", "t_00000001"))
		equal(t, "reserved", get(tx.TaskByKey("key")), "t_00000001")
		do(tx.InsertTask(task("t_00000002")))
		wantCode(t, "taken", tx.PutKey("key", "t_00000002"), kanban.Conflict)

		do(tx.UpdateTask(task("t_00000001", key, status(kanban.Done))))
		equal(t, "a done task is open", get(tx.TaskByKey("key")), "t_00000001")
		do(tx.UpdateTask(task("t_00000001", key, status(kanban.Archived))))
		equal(t, "an archived one is not", get(tx.TaskByKey("key")), "")
		do(tx.PutKey("key", "t_00000002")) // archived without a release, as others do
		equal(t, "taken over", get(tx.TaskByKey("key")), "t_00000002")
		do(tx.ReleaseKeys("t_00000002"))
		equal(t, "released", get(tx.TaskByKey("key")), "")
	})
	write(t, s, func(tx store.Tx) { // as a foreign writer may do
		do(tx.InsertTask(task("t_00000003", key)))
		do(tx.InsertTask(task("t_00000004", key, func(k *kanban.Task) { k.CreatedAt = t0.Add(time.Minute) })))
		do(tx.InsertTask(task("t_00000005", key)))
		equal(t, "newest", get(tx.TaskByKey("key")), "t_00000004")
	})
}

func stats(t *testing.T, s store.Store) {
	at := func(d time.Duration) func(*kanban.Task) {
		return func(k *kanban.Task) { k.UpdatedAt = t0.Add(d) }
	}
	write(t, s, func(tx store.Tx) {
		do(tx.InsertTask(task("t_00000001", at(2*time.Minute))))
		do(tx.InsertTask(task("t_00000002", at(1*time.Minute))))
		do(tx.InsertTask(task("t_00000003", status(kanban.Done))))
		do(tx.InsertTask(task("t_00000004", status(kanban.Archived))))
		do(tx.InsertTask(task("t_00000005", status(kanban.Triage), func(k *kanban.Task) { k.Assignee = "" })))
	})
	read(t, s, func(r store.Reader) {
		equal(t, "stats", get(r.Stats()), store.Stats{
			ByStatus: map[kanban.Status]int{kanban.Ready: 2, kanban.Done: 1, kanban.Triage: 1},
			ByLane: map[string]map[kanban.Status]int{
				"builder": {kanban.Ready: 2, kanban.Done: 1},
				"":        {kanban.Triage: 1},
			},
			OldestReady: t0.Add(time.Minute),
		})
	})
}

func taskTenants(t *testing.T, s store.Store) {
	of := func(tenant string) func(*kanban.Task) { return func(k *kanban.Task) { k.Tenant = tenant } }
	read(t, s, func(r store.Reader) { equal(t, "at first", get(r.Tenants(0)), []string(nil)) })
	write(t, s, func(tx store.Tx) {
		do(tx.InsertTask(task("t_00000001", of("globex"))))
		do(tx.InsertTask(task("t_00000002", of("acme"))))
		do(tx.InsertTask(task("t_00000003", of("globex"), status(kanban.Done))))
		do(tx.InsertTask(task("t_00000004", of("Zürich"), status(kanban.Archived))))
		do(tx.InsertTask(task("t_00000005")))
	})
	read(t, s, func(r store.Reader) {
		equal(t, "all", get(r.Tenants(0)), []string{"Zürich", "acme", "globex"})
		equal(t, "some", get(r.Tenants(2)), []string{"Zürich", "acme"})
	})
}

func taskLabels(t *testing.T, s store.Store) {
	of := func(labels ...string) func(*kanban.Task) { return func(k *kanban.Task) { k.Labels = labels } }
	read(t, s, func(r store.Reader) { equal(t, "at first", get(r.Labels(0)), []string(nil)) })
	write(t, s, func(tx store.Tx) {
		do(tx.InsertTask(task("t_00000001", of("bug", "ui"))))
		do(tx.InsertTask(task("t_00000002", of("bug"), status(kanban.Done))))
		do(tx.InsertTask(task("t_00000003", of("größe"), status(kanban.Archived))))
		do(tx.InsertTask(task("t_00000004", of("gone"))))
		do(tx.InsertTask(task("t_00000005")))
		wantCode(t, "insert twice", tx.InsertTask(task("t_00000001", of("other"))), kanban.Conflict)
		do(tx.DeleteTask("t_00000004"))
	})
	read(t, s, func(r store.Reader) {
		equal(t, "all", get(r.Labels(0)), []string{"bug", "größe", "ui"})
		equal(t, "some", get(r.Labels(2)), []string{"bug", "größe"})
		equal(t, "of one", get(r.Task("t_00000001")).Labels, []string{"bug", "ui"})
		equal(t, "of none", get(r.Task("t_00000005")).Labels, []string(nil))
	})
	write(t, s, func(tx store.Tx) {
		do(tx.UpdateTask(task("t_00000001", of("docs", "ui"))))
		do(tx.UpdateTask(task("t_00000002")))
		do(tx.NoteTask(task("t_00000003", of("größe"))))
	})
	read(t, s, func(r store.Reader) {
		equal(t, "after changes", get(r.Labels(0)), []string{"docs", "größe", "ui"})
		equal(t, "of one, changed", get(r.Task("t_00000001")).Labels, []string{"docs", "ui"})
		equal(t, "of one, taken away", get(r.Task("t_00000002")).Labels, []string(nil))
	})
}

func taskMadeBy(t *testing.T, s store.Store) {
	by := func(origin string, after time.Duration) func(*kanban.Task) {
		return func(t *kanban.Task) { t.Origin, t.CreatedAt = origin, t0.Add(after) }
	}
	write(t, s, func(tx store.Tx) {
		do(tx.InsertTask(task("t_00000004", by("t_00000001", 0))))
		do(tx.InsertTask(task("t_00000003", by("t_00000001", time.Millisecond))))
		do(tx.InsertTask(task("t_00000002", by("t_00000001", 2*time.Millisecond), status(kanban.Archived))))
		do(tx.InsertTask(task("t_00000005", by("t_00000003", 0))))
		do(tx.InsertTask(task("t_00000001")))
	})
	read(t, s, func(r store.Reader) {
		equal(t, "all", get(r.MadeBy("t_00000001", time.Time{}, 0)), []string{"t_00000002", "t_00000003", "t_00000004"})
		equal(t, "since", get(r.MadeBy("t_00000001", t0.Add(time.Millisecond), 0)), []string{"t_00000002", "t_00000003"})
		equal(t, "some", get(r.MadeBy("t_00000001", time.Time{}, 1)), []string{"t_00000002"})
		equal(t, "by nobody", get(r.MadeBy("", time.Time{}, 0)), []string(nil))
	})
}
