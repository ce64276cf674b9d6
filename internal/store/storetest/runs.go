package storetest

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

func fullRun(task string) kanban.Run {
	zero := 0
	return kanban.Run{
		Task: task, Lane: "builder", Attempt: 2, Outcome: kanban.Crashed,
		StartedAt: t0, EndedAt: t0.Add(1 * time.Millisecond), Heartbeat: t0.Add(2 * time.Millisecond),
		Progress: t0.Add(3 * time.Millisecond), MaxRuntime: 90 * time.Second,
		Summary: "half done", Metadata: json.RawMessage(`{"files":["é.go"],"n":1}`), Error: "exit 3",
		ClaimLock: "host:1:ab", ClaimEnds: t0.Add(4 * time.Millisecond), TokenHash: "ab12", WorkerPID: 7,
		Supervisor: kanban.Process{Boot: "b", PIDNS: 1 << 40, PID: 6, Start: 1 << 50}, Live: true, Started: true,
		ExitCode: &zero, Signal: "killed", Workspace: "/w", Branch: "andon/x", Base: "c0ffee", Snapshot: "refs/andon/x/1",
		Revision: "facade", Account: "max", Model: "large", Session: "s-1",
		Usage:    kanban.Usage{Input: 1 << 40, Output: 2, CacheRead: 3, CacheWrite: 4, Turns: 5, Cost: 1 << 50},
		Reserved: kanban.Budget{Cost: 6, Tokens: 7}, Pending: json.RawMessage(`{"summary":"ready"}`),
	}
}

func runEveryField(t *testing.T, s store.Store) {
	want := fullRun("t_00000001")
	bare := kanban.Run{Task: "t_00000001", Attempt: 3}
	write(t, s, func(tx store.Tx) {
		want.ID = get(tx.InsertRun(want))
		bare.ID = get(tx.InsertRun(bare))
		filled(t, want)
		filled(t, want.Supervisor)
		filled(t, want.Usage)
		filled(t, want.Reserved)
	})
	read(t, s, func(r store.Reader) {
		equal(t, "inserted", get(r.Run(want.ID)), want)
		equal(t, "bare", get(r.Run(bare.ID)), bare)
		equal(t, "both, oldest first", get(r.Runs("t_00000001")), []kanban.Run{bare, want})
	})
	write(t, s, func(tx store.Tx) {
		want.ID, bare.ID = bare.ID, want.ID
		do(tx.UpdateRun(want))
		do(tx.UpdateRun(bare))
	})
	read(t, s, func(r store.Reader) {
		equal(t, "updated", get(r.Run(want.ID)), want)
		equal(t, "emptied", get(r.Run(bare.ID)), bare)
	})
}

func runCodes(t *testing.T, s store.Store) {
	write(t, s, func(tx store.Tx) {
		_, err := tx.Run(1)
		wantCode(t, "read", err, kanban.NotFound)
		wantCode(t, "update", tx.UpdateRun(kanban.Run{ID: 1}), kanban.NotFound)
		equal(t, "of no task", len(get(tx.Runs("t_00000001"))), 0)
	})
}

func runLive(t *testing.T, s store.Store) {
	write(t, s, func(tx store.Tx) {
		do(tx.InsertTask(task("t_00000001", func(k *kanban.Task) { k.Tenant = "acme" })))
		do(tx.InsertTask(task("t_00000002")))
		open := get(tx.InsertRun(kanban.Run{Task: "t_00000001", Attempt: 1, StartedAt: t0}))
		ending := get(tx.InsertRun(kanban.Run{Task: "t_00000002", Attempt: 1, StartedAt: t0, EndedAt: t0, Outcome: kanban.Stopped, Live: true}))
		get(tx.InsertRun(kanban.Run{Task: "t_00000001", Attempt: 2, StartedAt: t0, EndedAt: t0, Outcome: kanban.Completed}))
		var live []int64
		for _, r := range get(tx.LiveRuns()) {
			live = append(live, r.ID)
		}
		equal(t, "live", live, []int64{open, ending})
		equal(t, "count", get(tx.LiveCount("")), 2)
		equal(t, "of acme", get(tx.LiveCount("acme")), 1)
		equal(t, "of nobody", get(tx.LiveCount("x")), 0)

		gone := get(tx.Run(ending))
		gone.Live = false
		do(tx.UpdateRun(gone))
		equal(t, "after the tree is gone", get(tx.LiveCount("")), 1)
	})
}

func runRecent(t *testing.T, s store.Store) {
	ended := func(task, lane string, o kanban.Outcome, after time.Duration) kanban.Run {
		return kanban.Run{Task: task, Lane: lane, Attempt: 1, Outcome: o, StartedAt: t0, EndedAt: t0.Add(after)}
	}
	write(t, s, func(tx store.Tx) {
		for _, id := range []string{"t_00000001", "t_00000002", "t_00000003"} {
			do(tx.InsertTask(task(id)))
		}
		do(tx.InsertTask(task("t_00000004", func(k *kanban.Task) { k.Tenant = "acme" })))
		get(tx.InsertRun(ended("t_00000001", "builder", kanban.Completed, 3*time.Second)))
		newest := get(tx.InsertRun(ended("t_00000002", "builder", kanban.Completed, 9*time.Second)))
		oldest := get(tx.InsertRun(ended("t_00000003", "builder", kanban.Completed, 1*time.Second)))
		get(tx.InsertRun(ended("t_00000003", "builder", kanban.Crashed, 5*time.Second)))
		get(tx.InsertRun(ended("t_00000003", "painter", kanban.Completed, 5*time.Second)))
		acme := get(tx.InsertRun(ended("t_00000004", "builder", kanban.Completed, 5*time.Second)))
		recent := func(tenant string, limit int) (found []int64) {
			for _, r := range get(tx.RecentRuns("builder", tenant, "t_00000001", limit)) {
				found = append(found, r.ID)
			}
			return found
		}
		last := func(lane string, limit int) (found []string) {
			for _, r := range get(tx.LastRuns(lane, limit)) {
				found = append(found, fmt.Sprintf("%s %s %s", r.Task, r.Lane, r.Outcome))
			}
			return found
		}
		open := get(tx.InsertRun(kanban.Run{Task: "t_00000002", Lane: "builder", StartedAt: t0}))
		equal(t, "the last of each outcome", last("builder", 1), []string{"t_00000002 builder completed", "t_00000003 builder crashed"})
		equal(t, "the last of any lane", last("", 2), []string{"t_00000004 builder completed", "t_00000003 painter completed"})
		equal(t, "of a lane without any", len(last("nobody", 5)), 0)
		do(tx.UpdateRun(kanban.Run{ID: open, Task: "t_00000002", Lane: "builder", StartedAt: t0, Outcome: kanban.Crashed, EndedAt: t0.Add(time.Minute)}))
		equal(t, "what ended last is first", last("builder", 1), []string{"t_00000002 builder crashed", "t_00000002 builder completed"})
		equal(t, "newest first", recent("", 5), []int64{newest, oldest})
		equal(t, "limit", recent("", 1), []int64{newest})
		equal(t, "of another tenant", recent("acme", 5), []int64{acme})
	})
}

func artifacts(t *testing.T, s store.Store) {
	one := kanban.Artifact{Task: "t_00000001", Run: 1, Path: "out/ä.txt", SHA256: "aa", Size: 5, Type: "text/plain"}
	filled(t, one)
	two := kanban.Artifact{Task: "t_00000001", Run: 2, Path: "out/ä.txt", SHA256: "bb", Size: 6, Type: "text/plain"}
	write(t, s, func(tx store.Tx) {
		do(tx.InsertTask(task("t_00000001")))
		do(tx.PutArtifacts([]kanban.Artifact{one, two}))
		one.SHA256, one.Size = "cc", 7
		do(tx.PutArtifacts([]kanban.Artifact{one}))
	})
	read(t, s, func(r store.Reader) {
		equal(t, "artifacts", get(r.Artifacts("t_00000001")), []kanban.Artifact{one, two})
		equal(t, "replaced", get(r.ArtifactKept("aa")), false)
		equal(t, "kept", get(r.ArtifactKept("cc")), true)
		equal(t, "of another task", len(get(r.Artifacts("t_00000002"))), 0)
	})
}
