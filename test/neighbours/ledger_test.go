package neighbours

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// ledger is what was acknowledged, outside of the database.
type ledger struct {
	mu   sync.Mutex
	rows map[string]string // status by task, "" for any

	first chan struct{} // closed by the first entry
	once  sync.Once
}

func newLedger() *ledger { return &ledger{rows: map[string]string{}, first: make(chan struct{})} }

func (l *ledger) note(id, status string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows[id] = status
	l.once.Do(func() { close(l.first) })
}

// lasting ends as long after the first entry, and what else must have begun, as
// a storm lasts: a busy machine may take seconds to start what writes.
func (l *ledger) lasting(ctx context.Context, begun ...<-chan struct{}) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, *duration+time.Minute)
	go func() {
		for _, b := range append(begun, l.first) {
			select {
			case <-b:
			case <-ctx.Done():
				return
			}
		}
		time.AfterFunc(*duration, cancel)
	}()
	return ctx, cancel
}

func (l *ledger) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.rows)
}

// verdict is what became of a board.
type verdict struct {
	acknowledged int
	lost         []string // acknowledged and not there, or not as it was
	contradicts  []string // what the rows say of each other, and SQLite of the file
}

func (v verdict) ok() bool { return len(v.lost)+len(v.contradicts) == 0 }

func (v verdict) String() string {
	some := v.lost[:min(len(v.lost), 5)]
	return fmt.Sprintf("%d acknowledged, %d lost %v, contradictions: %v", v.acknowledged, len(v.lost), some, v.contradicts)
}

// judge opens a database as its last user does, and compares.
func (l *ledger) judge(db string) (v verdict) {
	l.mu.Lock()
	defer l.mu.Unlock()
	v.acknowledged = len(l.rows)
	ask := func(query string) []string {
		out, err := exec.Command("sqlite3", "-cmd", ".timeout 10000", db, query).CombinedOutput()
		if err != nil {
			v.contradicts = append(v.contradicts, fmt.Sprintf("%v: %.200s", err, out))
			return nil
		}
		return strings.Split(strings.TrimSpace(string(out)), "\n")
	}
	there := map[string]string{}
	for _, row := range ask("SELECT id, status FROM tasks") {
		id, status, _ := strings.Cut(row, "|")
		there[id] = status
	}
	for id, want := range l.rows {
		if got := there[id]; got == "" || want != "" && got != want {
			v.lost = append(v.lost, fmt.Sprintf("%s (%q)", id, got))
		}
	}
	for what, query := range contradictions {
		for _, got := range ask(query) {
			if got != "" && got != "ok" && got != "0" {
				v.contradicts = append(v.contradicts, fmt.Sprintf("%s: %.200s", what, got))
			}
		}
	}
	return v
}

var contradictions = map[string]string{
	"integrity":                       "PRAGMA integrity_check",
	"foreign keys":                    "PRAGMA foreign_key_check",
	"tasks of ours without an event":  "SELECT count(*) FROM tasks t WHERE created_by <> '' AND NOT EXISTS (SELECT 1 FROM task_events e WHERE e.task_id = t.id AND kind = 'created')",
	"done without a completed event":  "SELECT count(*) FROM tasks t WHERE status = 'done' AND created_by <> '' AND NOT EXISTS (SELECT 1 FROM task_events e WHERE e.task_id = t.id AND kind = 'completed')",
	"events of tasks that are absent": "SELECT count(*) FROM task_events WHERE task_id NOT IN (SELECT id FROM tasks)",
	"open runs that are nobody's":     "SELECT count(*) FROM task_runs r WHERE ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.current_run_id = r.id)",
}
