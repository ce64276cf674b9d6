package storetest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// ran is a run of a task in lane builder that began so long after t0, took a
// minute and cost so much.
func ran(task string, after time.Duration, cost int64, change ...func(*kanban.Run)) kanban.Run {
	r := kanban.Run{
		Task: task, Lane: "builder", Attempt: 1, Outcome: kanban.Completed, StartedAt: t0.Add(after), EndedAt: t0.Add(after + time.Minute),
		Usage: kanban.Usage{Input: 10, Output: 20, CacheRead: 400, CacheWrite: 50, Turns: 1, Cost: cost},
	}
	for _, c := range change {
		c(&r)
	}
	return r
}

func reserved(cost, tokens int64) func(*kanban.Run) {
	return func(r *kanban.Run) { r.Reserved = kanban.Budget{Cost: cost, Tokens: tokens} }
}

func stillOpen(r *kanban.Run) { r.Outcome, r.EndedAt = "", time.Time{} }

func usageSpent(t *testing.T, s store.Store) {
	write(t, s, func(tx store.Tx) {
		do(tx.InsertTask(task("t_00000001")))
		do(tx.InsertTask(task("t_00000002", func(k *kanban.Task) { k.Tenant = "acme" })))
		for _, r := range []kanban.Run{
			ran("t_00000001", -time.Hour, 1000, stillOpen, reserved(5000, 0)), // of the day before
			ran("t_00000001", 0, 1, reserved(99, 99)),                         // ended: nothing is reserved any more
			ran("t_00000001", time.Hour, 2, stillOpen, reserved(7, 100)),
			ran("t_00000001", time.Hour, 30, stillOpen, reserved(10, 10)), // used more than it should
			ran("t_00000001", time.Hour, 4, reserved(10, 80), func(r *kanban.Run) { r.Live = true }),
			ran("t_00000001", time.Hour, 5, func(r *kanban.Run) { r.Account = "max" }),
			ran("t_00000002", 48*time.Hour, 6), // the clock was set back: it counts
			ran("t_0000dead", time.Hour, 7, func(r *kanban.Run) { r.Lane = "" }),
		} {
			get(tx.InsertRun(r))
		}
	})
	read(t, s, func(r store.Reader) {
		equal(t, "spent", get(r.Spent(t0)), []store.Spent{
			{Used: kanban.Budget{Cost: 7, Tokens: 80}},
			{Lane: "builder", Used: kanban.Budget{Cost: 37, Tokens: 320}, Reserved: kanban.Budget{Cost: 5 + 6, Tokens: 20}},
			{Lane: "builder", Tenant: "acme", Used: kanban.Budget{Cost: 6, Tokens: 80}},
			{Lane: "builder", Account: "max", Used: kanban.Budget{Cost: 5, Tokens: 80}},
		})
		equal(t, "later", get(r.Spent(t0.Add(47*time.Hour))), []store.Spent{{Lane: "builder", Tenant: "acme", Used: kanban.Budget{Cost: 6, Tokens: 80}}})
		equal(t, "nothing", len(get(r.Spent(t0.Add(49*time.Hour)))), 0)
	})
}

func usageEffort(t *testing.T, s store.Store) {
	failed := func(o kanban.Outcome, metadata string) func(*kanban.Run) {
		return func(r *kanban.Run) { r.Outcome, r.Metadata = o, json.RawMessage(metadata) }
	}
	write(t, s, func(tx store.Tx) {
		do(tx.InsertTask(task("t_00000001")))
		do(tx.InsertTask(task("t_00000002", func(k *kanban.Task) { k.Tenant = "acme" })))
		for _, r := range []kanban.Run{
			ran("t_00000001", -time.Second, 1000),
			ran("t_00000001", 0, 1),
			ran("t_00000001", time.Hour, 2, failed(kanban.Crashed, "")),
			ran("t_00000001", time.Hour, 3, failed(kanban.GaveUp, `{"trigger_outcome":"crashed"}`)),
			ran("t_00000001", time.Hour, 4, failed(kanban.GaveUp, `{}`)),
			ran("t_00000001", time.Hour, 5, stillOpen),
			ran("t_00000001", time.Hour, 6, func(r *kanban.Run) { r.EndedAt = t0 }), // the clock was set back
			ran("t_00000002", time.Hour, 7),
			ran("t_00000002", 2*time.Hour, 1000),
		} {
			get(tx.InsertRun(r))
		}
	})
	p := store.Period{From: t0, To: t0.Add(2 * time.Hour), Now: t0.Add(90 * time.Minute)}
	row := func(tenant, task string, o kanban.Outcome, runs int64, cost int64, running time.Duration) store.Effort {
		return store.Effort{
			Lane: "builder", Tenant: tenant, Task: task, Outcome: o, Runs: int(runs), Running: running,
			Usage: kanban.Usage{Input: 10 * runs, Output: 20 * runs, CacheRead: 400 * runs, CacheWrite: 50 * runs, Turns: runs, Cost: cost},
		}
	}
	read(t, s, func(r store.Reader) {
		equal(t, "effort", get(r.Effort(p)), []store.Effort{
			row("", "", "", 1, 5, 30*time.Minute),
			row("", "", kanban.Completed, 2, 7, time.Minute),
			row("", "", kanban.Crashed, 2, 5, 2*time.Minute),
			row("", "", kanban.GaveUp, 1, 4, time.Minute),
			row("acme", "", kanban.Completed, 1, 7, time.Minute),
		})
		p.ByTask, p.From = true, t0.Add(time.Second)
		equal(t, "by task", get(r.Effort(p))[3:], []store.Effort{
			row("", "t_00000001", kanban.GaveUp, 1, 4, time.Minute),
			row("acme", "t_00000002", kanban.Completed, 1, 7, time.Minute),
		})
		equal(t, "without end", len(get(r.Effort(store.Period{From: t0.Add(2 * time.Hour), Now: t0}))), 1)
	})
}

func usageWaits(t *testing.T, s store.Store) {
	happens := func(tx store.Tx, task string, run int64, kind kanban.EventKind, after time.Duration) {
		get(tx.AddEvent(kanban.Event{Task: task, Run: run, Kind: kind, At: t0.Add(after)}))
	}
	write(t, s, func(tx store.Tx) {
		do(tx.InsertTask(task("t_00000001", status(kanban.Review))))
		do(tx.InsertTask(task("t_00000002", func(k *kanban.Task) { k.Tenant, k.Status = "acme", kanban.Done })))
		do(tx.InsertTask(task("t_00000003"))) // somebody moved it without a word
		run := get(tx.InsertRun(ran("t_00000001", 0, 1, func(r *kanban.Run) { r.Lane, r.Account = "tester", "max" })))
		happens(tx, "t_00000001", 0, kanban.EvBlocked, -time.Minute)
		happens(tx, "t_00000001", run, kanban.EvBlocked, time.Minute)
		happens(tx, "t_00000001", 0, kanban.EvCommented, 2*time.Minute)
		happens(tx, "t_00000002", 0, kanban.EvReview, 2*time.Minute)
		happens(tx, "t_00000001", 0, kanban.EvUnblocked, 3*time.Minute)
		happens(tx, "t_00000002", 0, kanban.EvBlocked, 4*time.Minute) // begins anew
		happens(tx, "t_00000002", 0, kanban.EvCompleted, 5*time.Minute)
		happens(tx, "t_00000003", 0, kanban.EvBlocked, 5*time.Minute)
		happens(tx, "t_00000001", run, kanban.EvReview, 50*time.Minute)
		happens(tx, "t_00000001", run, kanban.EvBlocked, time.Hour)
	})
	p := store.Period{From: t0, To: t0.Add(time.Hour), Now: t0.Add(2 * time.Hour)}
	read(t, s, func(r store.Reader) {
		equal(t, "waits", get(r.Waits(p)), []store.Wait{
			{Lane: "builder", Times: 1},
			{Lane: "builder", Tenant: "acme", Times: 2, Waited: 3 * time.Minute},
			{Lane: "tester", Account: "max", Times: 2, Waited: 2*time.Minute + 10*time.Minute},
		})
		p.To, p.ByTask = time.Time{}, true
		equal(t, "with one that goes on", get(r.Waits(p))[2], store.Wait{
			Lane: "tester", Account: "max", Task: "t_00000001", Times: 3, Open: 1, Waited: 12*time.Minute + time.Hour,
		})
	})
}
