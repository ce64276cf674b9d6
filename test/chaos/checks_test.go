//go:build linux

package chaos

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/andon-dev/andon/client"
)

// quietWithin is how long all that can end may take once nothing is broken.
const quietWithin = 90 * time.Second

// pending is what has not ended yet: tasks that are no human's, processes of
// runs, messages.
const pending = `select
	(select count(*) from tasks where status in ('ready', 'running', 'todo') and assignee <> '') || ' tasks, ' ||
	(select count(*) from task_runs where andon_live = 1) || ' live runs, ' ||
	(select count(*) from andon_outbox where state = 'pending') || ' messages'`

// awaitQuiet waits until everything has ended that can, from event to event.
func (h *home) awaitQuiet() {
	limit := time.Now().Add(quietWithin)
	for time.Now().Before(limit) {
		if h.sql(pending) == "0 tasks, 0 live runs, 0 messages" {
			return
		}
		last, _ := strconv.ParseInt(h.sql("select coalesce(max(id), 0) from task_events"), 10, 64)
		if _, err := h.api.Events(context.Background(), board, client.EventQuery{After: last, Wait: time.Second}); err != nil {
			h.Error(err)
			return
		}
	}
	h.Errorf("left after %s: %s:\n%s\n%s", quietWithin, h.sql(pending), h.sql(
		`select id, assignee, status, andon_live_run, current_run_id, andon_not_before_ms from tasks
		where status in ('ready', 'running', 'todo') and assignee <> '' limit 5`),
		h.sql("select * from andon_outbox where state = 'pending' limit 5"))
}

// checkDescriptors expects that work leaves no descriptor behind: after a second
// portion of it the gateway has as many as after the first.
func (h *home) checkDescriptors() {
	h.moreWork()
	before := h.settled(nil)
	h.moreWork()
	after := h.settled(before)
	h.tally.add("seen descriptors at rest", len(before))
	h.tally.add("seen descriptors after more work", len(after))
	if len(after) > len(before) {
		h.Errorf("G03: the gateway had descriptors of %v, and after more work of %v", before, after)
	}
	open := 0
	for _, target := range descriptors(h.gatewayPID()) {
		if target == h.database {
			open++
		}
	}
	if open > mostConnections {
		h.Errorf("G03: the gateway has %d connections to one board", open)
	}
	if z := h.zombies(); len(z) > 0 {
		h.Errorf("G12: zombies of the gateway: %v", z)
	}
}

func (h *home) moreWork() {
	for range 30 {
		if _, err := h.api.CreateTask(context.Background(), board, client.TaskCreate{Title: "quiet", Assignee: busy}); err != nil {
			h.Error(err)
			return
		}
	}
	h.awaitQuiet()
}

// restWithin is how long idle connections of the gateway may stay open.
const restWithin = 3 * time.Second

// mostConnections of a gateway to one board: a writer, and readers on demand.
const mostConnections = 5

// settled lists the gateway's descriptors at rest, but for those of the board,
// whose number has a bound of its own: the fewest within a time, or as soon as
// there are no more than enough.
func (h *home) settled(enough []string) []string {
	var least []string
	for limit := time.Now().Add(restWithin); time.Now().Before(limit); wait(100 * time.Millisecond) { // idleness has no event
		now := slices.Sorted(maps.Values(descriptors(h.gatewayPID())))
		now = slices.DeleteFunc(now, func(target string) bool { return strings.HasPrefix(target, h.database) })
		if least == nil || len(now) < len(least) {
			least = now
		}
		if len(least) <= len(enough) {
			break
		}
	}
	return least
}

// checkLedgers compares everything that was ever acknowledged.
func (h *home) checkLedgers() {
	h.comparison.whole()
	h.compare()
	status := map[string]string{}
	for row := range strings.Lines(h.sql("select id || ' ' || status from tasks")) {
		id, s, _ := strings.Cut(strings.TrimSpace(row), " ")
		status[id] = s
	}
	for _, o := range h.comparison.done {
		if status[o.task] != "done" {
			h.condemn("lost", "the completion of "+o.task+", which is "+status[o.task])
		}
	}
	for _, kind := range []string{"create", "comment", "block", "unblock", "complete"} {
		if h.comparison.total[kind] == 0 {
			h.Errorf("no %s was acknowledged", kind)
		}
	}
	if twice, err := os.ReadFile(filepath.Join(h.notes, "twice")); err == nil {
		h.condemn("doubled", "tasks that were worked on twice at once:\n"+string(twice))
	}
}

// contradictions must find nothing.
var contradictions = map[string]string{
	"I1 a running task without an open run":    "select id from tasks t where status = 'running' and not exists (select 1 from task_runs r where r.id = t.current_run_id and r.ended_at is null)",
	"I1 a claim on a task that is not running": "select id from tasks where status <> 'running' and (claim_lock is not null or current_run_id is not null)",
	"I2 an open run that is nobody's":          "select id from task_runs r where ended_at is null and not exists (select 1 from tasks t where t.current_run_id = r.id)",
	"G10 a task with two open runs":            "select task_id from task_runs where ended_at is null group by task_id having count(*) > 1",
	"I5 a run without its claimed event":       "select id from task_runs r where andon_supervisor <> '' and not exists (select 1 from task_events e where e.run_id = r.id and e.kind = 'claimed')",
	"a task that was completed twice":          "select task_id from task_events where kind = 'completed' group by task_id having count(*) > 1",
	"a done task without a completed event":    "select id from tasks t where status = 'done' and not exists (select 1 from task_events e where e.task_id = t.id and e.kind = 'completed')",
}

// checkRows checks the database, and that rows do not contradict one another.
func (h *home) checkRows() {
	if got := h.sql("pragma integrity_check"); got != "ok" {
		h.condemn("corrupt", got)
	}
	for what, query := range contradictions {
		if got := h.sql(query + " limit 3"); got != "" {
			h.condemn("corrupt", what+": "+strings.ReplaceAll(got, "\n", ", "))
		}
	}
	if out, err := h.command("verify").CombinedOutput(); err != nil {
		h.condemn("corrupt", fmt.Sprintf("andon verify: %v: %s", err, out))
	}
}

// tries counts for each task of the crashing lane the attempts that failed.
const tries = `select t.id, t.status, t.andon_losses, (select count(*) from task_runs r where r.task_id = t.id
	and r.outcome in ('crashed', 'spawn_failed', 'timed_out', 'stalled', 'gave_up')) from tasks t where assignee = 'crash'`

// checkLanes expects the tasks of the crashing lane to be a human's after
// exactly so many attempts, and each run of any lane to have been started once.
func (h *home) checkLanes() {
	for row := range strings.Lines(h.sql(tries)) {
		f := strings.Split(strings.TrimSpace(row), "|")
		if len(f) < 4 {
			continue
		}
		h.tally.add("seen tasks that always crash", 1)
		if lost, _ := strconv.Atoi(f[2]); f[1] != "blocked" || f[3] != strconv.Itoa(crashAttempts) && lost < mostLosses {
			h.Errorf("G14: %s is %s after %s failed attempts of %d and %s losses", f[0], f[1], f[3], crashAttempts, f[2])
		}
	}
	text, _ := os.ReadFile(filepath.Join(h.notes, "starts"))
	starts := strings.Split(strings.TrimSpace(string(text)), "\n")
	h.tally.add("seen workers started", len(starts))
	slices.Sort(starts)
	for i, start := range starts[1:] {
		if start == starts[i] {
			h.condemn("doubled", "the start of task and run "+start)
		}
	}
}

// checkVerified expects each run that was believed to have been verified first.
func (h *home) checkVerified() {
	text, _ := os.ReadFile(filepath.Join(h.notes, "checked"))
	checked := strings.Fields(string(text))
	believed := strings.Fields(h.sql("select r.id from task_runs r join tasks t on t.id = r.task_id where t.assignee = 'proven' and r.outcome = 'completed'"))
	h.tally.add("seen runs that were verified", len(believed))
	for _, run := range believed {
		if !slices.Contains(checked, run) {
			h.Errorf("G14: run %s was believed unverified", run)
		}
	}
}

// mostLosses is how often a run may be lost without its worker's fault before a
// human must look.
const mostLosses = 20

func (h *home) stopGateway() {
	h.running.Lock()
	h.over = true
	h.running.Unlock()
	if out, err := h.command("gateway", "stop").CombinedOutput(); err != nil {
		h.Errorf("gateway stop: %v: %s", err, out)
	}
	select {
	case <-h.gateway.gone:
	case <-time.After(10 * time.Second):
		h.Error("the gateway does not stop")
	}
}

// checkProcesses expects nothing to be left.
func (h *home) checkProcesses() {
	for range 300 {
		if len(h.processes()) == 0 {
			return
		}
		wait(10 * time.Millisecond) // processes that are not our children end without an event
	}
	for _, p := range h.processes() {
		h.condemn("orphaned", "process "+strconv.Itoa(p.pid)+" ("+p.state+") at the end: "+p.cmdline)
	}
}
