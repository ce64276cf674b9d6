package chaos

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// awaitQuiet waits until everything that was put on the lane has ended.
func (h *home) awaitQuiet(t *testing.T) {
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		out, err := h.command("list", "--status", "ready,running,todo", "--assignee", "busy", "-o", "name", "--limit", "1").Output()
		if err == nil && len(strings.TrimSpace(string(out))) == 0 {
			if h.sql(t, "select count(*) from task_runs where andon_live = 1") == "0" {
				return
			}
		}
		time.Sleep(100 * time.Millisecond) // the command's answer is what we wait for, not an event of ours
	}
	t.Errorf("work is left after a minute: %s", h.sql(t,
		"select id, status, andon_live_run, current_run_id from tasks where status in ('ready','running','todo') and assignee='busy' limit 5"))
}

// checkLedger compares what was acknowledged with what is there.
func (h *home) checkLedger(t *testing.T) {
	there := map[string]string{}
	for _, row := range strings.Split(h.sql(t, "select id || ' ' || status from tasks"), "\n") {
		id, status, _ := strings.Cut(row, " ")
		there[id] = status
	}
	for id := range h.created {
		if there[id] == "" {
			t.Errorf("G01: %s was acknowledged and is gone", id)
		}
	}
	for id := range h.completed {
		if there[id] != "done" {
			t.Errorf("G01: the completion of %s was acknowledged and it is %q", id, there[id])
		}
	}
	if len(h.created) == 0 || len(h.completed) == 0 {
		t.Errorf("nothing was acknowledged: %d creates, %d completions", len(h.created), len(h.completed))
	}
	if twice, err := os.ReadFile(filepath.Join(h.dir, "twice")); err == nil {
		t.Errorf("G12: tasks were worked on twice at once:\n%s", twice)
	}
}

// checkRows checks that rows do not contradict one another.
func (h *home) checkRows(t *testing.T) {
	if got := h.sql(t, "pragma integrity_check"); got != "ok" {
		t.Errorf("G02: integrity_check: %s", got)
	}
	for what, query := range map[string]string{
		"I1 a running task without an open run":    "select count(*) from tasks t where status = 'running' and not exists (select 1 from task_runs r where r.id = t.current_run_id and r.ended_at is null)",
		"I1 a claim on a task that is not running": "select count(*) from tasks where status <> 'running' and (claim_lock is not null or current_run_id is not null)",
		"I2 an open run that is nobody's":          "select count(*) from task_runs r where ended_at is null and not exists (select 1 from tasks t where t.current_run_id = r.id)",
		"G10 a task with two open runs":            "select count(*) from (select task_id from task_runs where ended_at is null group by task_id having count(*) > 1)",
		"I5 a run without its claimed event":       "select count(*) from task_runs r where started_at <> coalesce(ended_at, 0) and not exists (select 1 from task_events e where e.run_id = r.id and e.kind = 'claimed')",
		"a task that was completed twice":          "select count(*) from (select task_id from task_events where kind = 'completed' group by task_id having count(*) > 1)",
		"a done task without a completed event":    "select count(*) from tasks t where status = 'done' and not exists (select 1 from task_events e where e.task_id = t.id and e.kind = 'completed')",
	} {
		if got := h.sql(t, query); got != "0" {
			t.Errorf("%s: %s", what, got)
		}
	}
}

func (h *home) stopGateway(t *testing.T) {
	if out, err := h.command("gateway", "stop").CombinedOutput(); err != nil {
		t.Errorf("gateway stop: %v: %s", err, out)
	}
	_ = h.gateway.Wait()
}

// checkProcesses expects nothing to be left.
func (h *home) checkProcesses(t *testing.T) {
	for range 300 {
		if len(h.processes()) == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	for _, p := range h.processes() {
		t.Errorf("G12: process %d lives on: %s", p.pid, p.cmdline)
	}
}
