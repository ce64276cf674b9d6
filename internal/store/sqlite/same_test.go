package sqlite

import (
	"encoding/json"
	"os/exec"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// wantSameThroughPort compares what a reader sees with what another SQLite reads
// from the same file.
func wantSameThroughPort(t *testing.T, s store.Store, file string) {
	t.Helper()
	view(t, s, func(r store.Reader) error {
		sameStatuses(t, r, file)
		tasks := everyTask(t, r)
		sameTasks(t, tasks, file)
		sameLinks(t, r, tasks, file)
		sameComments(t, r, tasks, file)
		sameRuns(t, r, tasks, file)
		sameEvents(t, r, file)
		sameSubscriptions(t, r, file)
		return nil
	})
}

type statusRow struct {
	Status string
	N      int
}

func sameStatuses(t *testing.T, r store.Reader, file string) {
	stats, err := r.Stats()
	must(t, err)
	var rows []statusRow
	for _, status := range kanban.Statuses {
		if n := stats.ByStatus[status]; n > 0 {
			rows = append(rows, statusRow{string(status), n})
		}
	}
	compareRows(t, file, "SELECT status AS Status, count(*) AS N FROM tasks WHERE status <> 'archived' GROUP BY 1", rows)
}

type taskRow struct {
	ID, Title, Body, Assignee, Status string
	Priority                          int
	Created                           int64
	Result                            string
	Failures                          int
	Error                             string
	Run                               int64
}

func sameTasks(t *testing.T, tasks []kanban.Task, file string) {
	var rows []taskRow
	for _, k := range tasks {
		rows = append(rows, taskRow{
			k.ID, k.Title, k.Body, k.Assignee, string(k.Status), k.Priority, k.CreatedAt.Unix(),
			k.Result, k.Failures, k.LastError, k.CurrentRun,
		})
	}
	compareRows(t, file, `SELECT id AS ID, title AS Title, ifnull(body, '') AS Body, ifnull(assignee, '') AS Assignee, status AS Status,
		priority AS Priority, created_at AS Created, ifnull(result, '') AS Result, consecutive_failures AS Failures,
		ifnull(last_failure_error, '') AS Error, ifnull(current_run_id, 0) AS Run FROM tasks`, rows)
}

type linkRow struct{ Parent, Child string }

func sameLinks(t *testing.T, r store.Reader, tasks []kanban.Task, file string) {
	var rows []linkRow
	for _, k := range tasks {
		parents, err := r.Parents(k.ID)
		must(t, err)
		for _, l := range parents {
			rows = append(rows, linkRow{l.Parent, l.Child})
		}
	}
	compareRows(t, file, `SELECT parent_id AS Parent, child_id AS Child FROM task_links
		CROSS JOIN tasks p ON p.id = parent_id CROSS JOIN tasks c ON c.id = child_id`, rows)
}

type commentRow struct {
	ID                 int64
	Task, Author, Body string
	At                 int64
}

func sameComments(t *testing.T, r store.Reader, tasks []kanban.Task, file string) {
	var rows []commentRow
	for _, k := range tasks {
		comments, err := r.Comments(k.ID, 0)
		must(t, err)
		for _, c := range comments {
			rows = append(rows, commentRow{c.ID, c.Task, c.Author, c.Body, c.At.Unix()})
		}
	}
	compareRows(t, file, "SELECT id AS ID, task_id AS Task, author AS Author, body AS Body, created_at AS At FROM task_comments", rows)
}

type runRow struct {
	ID                                  int64
	Task, Lane, Outcome, Summary, Error string
	Started                             int64
	Metadata                            string
	PID                                 int
}

func sameRuns(t *testing.T, r store.Reader, tasks []kanban.Task, file string) {
	var rows []runRow
	for _, k := range tasks {
		runs, err := r.Runs(k.ID)
		must(t, err)
		for _, run := range runs {
			rows = append(rows, runRow{
				run.ID, run.Task, run.Lane, string(run.Outcome), run.Summary, run.Error,
				run.StartedAt.Unix(), string(run.Metadata), run.WorkerPID,
			})
		}
	}
	compareRows(t, file, `SELECT id AS ID, task_id AS Task, ifnull(profile, '') AS Lane, ifnull(outcome, '') AS Outcome,
		ifnull(summary, '') AS Summary, ifnull(error, '') AS Error, started_at AS Started, ifnull(metadata, '') AS Metadata,
		ifnull(worker_pid, 0) AS PID FROM task_runs`, rows)
}

type eventRow struct {
	ID      int64
	Task    string
	Run     int64
	Kind    string
	Payload payload
	At      int64
}

// payload reads a JSON object that stands in JSON as text.
type payload map[string]any

func (p *payload) UnmarshalJSON(data []byte) error {
	var text *string
	if err := json.Unmarshal(data, &text); err != nil || text == nil {
		return err
	}
	return json.Unmarshal([]byte(*text), (*map[string]any)(p))
}

func sameEvents(t *testing.T, r store.Reader, file string) {
	var rows []eventRow
	for _, e := range everyEvent(t, r) {
		if !e.Foreign {
			t.Errorf("event %d is taken for ours", e.ID)
		}
		rows = append(rows, eventRow{e.ID, e.Task, e.Run, string(e.Kind), e.Payload, e.At.Unix()})
	}
	compareRows(t, file, `SELECT id AS ID, task_id AS Task, ifnull(run_id, 0) AS Run, kind AS Kind, json(payload) AS Payload,
		created_at AS At FROM task_events`, rows)
}

type subscriptionRow struct {
	Task, Sink, Target, Thread, User string
	At                               int64
}

func sameSubscriptions(t *testing.T, r store.Reader, file string) {
	all, err := r.Subscriptions("")
	must(t, err)
	var rows []subscriptionRow
	for _, x := range all {
		if !x.Foreign || x.ID >= 0 {
			t.Errorf("subscription %+v is taken for ours", x)
		}
		rows = append(rows, subscriptionRow{x.Task, x.Sink, x.Target, x.Thread, x.CreatedBy, x.CreatedAt.Unix()})
	}
	compareRows(t, file, `SELECT task_id AS Task, platform AS Sink, chat_id AS Target, thread_id AS Thread,
		ifnull(user_id, '') AS User, created_at AS At FROM kanban_notify_subs`, rows)
}

// compareRows wants the rows of a query by the sqlite3 CLI, in any order.
func compareRows[T any](t *testing.T, file, sql string, got []T) {
	t.Helper()
	var want []T
	out, err := exec.Command("sqlite3", "-json", file, sql).Output()
	must(t, err)
	if len(out) > 0 {
		must(t, json.Unmarshal(out, &want))
	}
	if diff := cmp.Diff(sortedJSON(t, want), sortedJSON(t, got)); diff != "" {
		t.Errorf("%T (-CLI +port): %s", got, diff)
	}
}

func sortedJSON[T any](t *testing.T, rows []T) []string {
	t.Helper()
	lines := make([]string, len(rows))
	for i, row := range rows {
		line, err := json.Marshal(row)
		must(t, err)
		lines[i] = string(line)
	}
	slices.Sort(lines)
	return lines
}

func everyTask(t *testing.T, r store.Reader) (all []kanban.Task) {
	t.Helper()
	q := store.TaskQuery{Archived: true, Full: true, Limit: 1000}
	for {
		page, next, err := r.Tasks(q)
		must(t, err)
		all = append(all, page...)
		if next == "" {
			return all
		}
		q.Cursor = next
	}
}

func everyEvent(t *testing.T, r store.Reader) (all []kanban.Event) {
	t.Helper()
	for after := int64(0); ; after = all[len(all)-1].ID {
		page, err := r.Events(store.EventQuery{After: after, Limit: 10000})
		must(t, err)
		if len(page) == 0 {
			return all
		}
		all = append(all, page...)
	}
}
