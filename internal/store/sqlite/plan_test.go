package sqlite

import (
	"context"
	"regexp"
	"slices"
	"testing"

	"github.com/ncruces/go-sqlite3"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// hotPaths are the queries whose cost must not grow with the board (S3), each
// with the step of its plan that finds the rows. Where that is a scan, it is of
// a partial index that holds open work only, or it stops at the page's end.
var hotPaths = []struct{ name, sql, step string }{
	{"claim", nextReady, "SEARCH tasks USING INDEX andon_ready (assignee=?)"},
	{"due", due, "SEARCH tasks USING INDEX andon_due (status=? AND andon_not_before_ms<?)"},
	{"next due", nextDue, "SEARCH tasks USING COVERING INDEX andon_due (status=? AND andon_not_before_ms>?)"},
	{"parents", parents, "SEARCH l USING INDEX andon_parents (child_id=?)"},
	{"children", children, "SEARCH l USING INDEX sqlite_autoindex_task_links_1 (parent_id=?)"},
	{"tenants", tenants, "SEARCH tasks USING COVERING INDEX idx_tasks_tenant (tenant>?)"},
	{"labels", labels, "SEARCH andon_labels USING COVERING INDEX sqlite_autoindex_andon_labels_1 (label>?)"},
	{"labels of a task", labelsOf, "SEARCH andon_labels USING COVERING INDEX andon_labels_task (task=?)"},
	{"end of labels", dropLabels, "SEARCH andon_labels USING INDEX andon_labels_task (task=?)"},
	{"made by", madeBy, "SEARCH tasks USING INDEX andon_made (andon_origin=?)"},
	{"promotable", promotable, "SEARCH t USING INDEX andon_by_status (status=?)"},
	{"live runs", liveRuns, "SCAN r USING INDEX andon_live_runs"},
	{"live count", liveCount, "SCAN r USING INDEX andon_live_runs"},
	{"live count of a tenant", liveCountOfTenant, "SCAN r USING INDEX andon_live_runs"},
	{"runs of a task", runsOfTask, "SEARCH r USING INDEX idx_runs_task (task_id=?)"},
	{"recent runs", recentRuns, "SEARCH r USING INDEX andon_recent_runs (profile=? AND outcome=?)"},
	{"last runs", lastRuns, "SCAN r"},
	{"last runs of a lane", lastRunsOfLane, "SEARCH r USING INDEX andon_recent_runs (profile=? AND outcome=? AND ended_at>?)"},
	{"comments", newestComments, "SEARCH task_comments USING INDEX idx_comments_task (task_id=?)"},
	{"listeners of a task", listeners, "SEARCH s USING INDEX andon_subscriptions_task (task=?)"},
	{"listeners by chain", listeners, "SEARCH t USING INDEX sqlite_autoindex_tasks_1 (id=?)"},
	{"listeners of the board", boardSubscriptions, "SEARCH s USING INDEX andon_subscriptions_task (task=?)"},
	{"muted", muted, "SEARCH m USING INDEX sqlite_autoindex_andon_mutes_1 (destination=? AND task=?)"},
	{"foreign subscriptions", foreignSubscriptions, "SEARCH kanban_notify_subs USING INDEX idx_notify_task (task_id=?)"},
	{"outbox, first of each", firstPending, "SEARCH andon_outbox USING COVERING INDEX andon_outbox_queue (destination>?)"},
	{"outbox of one", pendingOf, "SEARCH o USING INDEX andon_outbox_queue (destination=?)"},
	{"outbox of a subscription", pendingFor, "SEARCH o USING INDEX andon_outbox_queue (destination=?)"},
	{"places with a message of a task", postedAt, "SEARCH andon_posts USING COVERING INDEX andon_posts_task (task=?)"},
	{"places about to have one", pendingAt, "SEARCH o USING INDEX andon_outbox_open (event=?)"},
	{"the newest that asks or settles there", newestTurnAt, "SEARCH o USING INDEX andon_outbox_once (destination=? AND event=?)"},
	{"the newest told there", newestAt, "SEARCH o USING INDEX andon_outbox_once (destination=? AND event=?)"},
	{"what it took before", takenBefore, "SEARCH o USING INDEX andon_outbox_once (destination=? AND event=?)"},
	{"a digest", batchOf, "SEARCH o USING INDEX andon_outbox_batch (batch=?)"},
	{"delivery of an event", deliveryOf, "SEARCH o USING INDEX andon_outbox_once (destination=? AND event=?)"},
	{"first post", rootPost, "SEARCH andon_posts USING INDEX andon_posts_task (task=? AND destination=?)"},
	{"newest post", priorPost, "SEARCH andon_posts USING INDEX andon_posts_task (task=? AND destination=?)"},
	{"posted", posted, "SEARCH p USING INDEX sqlite_autoindex_andon_posts_1 (destination=? AND ref=?)"},
	{"end of subscriptions", endSubscriptions, "SEARCH andon_subscriptions USING INDEX andon_subscriptions_task (task=?)"},
	{"end of mutes", endMutes, "SEARCH andon_mutes USING INDEX andon_mutes_task (task=?)"},
	{"deliveries", deliveriesIn, "SEARCH o USING INDEX andon_outbox_state (state=?)"},
	{"spent", spent, "SEARCH r USING INDEX andon_runs_begun (started_at>?)"},
	{"effort", effort, "SEARCH r USING INDEX andon_runs_begun (started_at>? AND started_at<?)"},
	{"waits", waited, "SEARCH e USING INDEX andon_waits (created_at>? AND created_at<?)"},
	{"prune events", pruneEvents, "SEARCH e USING INDEX andon_events_age (created_at<?)"},
	{"prune posts", prunePosts, "SEARCH p USING INDEX andon_posts_age (at_ms<?)"},
	{"prune operations", pruneOperations, "SEARCH andon_operations USING INDEX andon_operations_age (at_ms<?)"},
	{"prune deliveries", pruneDeliveries, "SEARCH andon_outbox USING COVERING INDEX andon_outbox_done (done_ms<?)"},
	{"events since", eventSQL(store.EventQuery{}), "SEARCH task_events USING INTEGER PRIMARY KEY (rowid>?)"},
	{"events of a task", eventSQL(store.EventQuery{Task: "t"}), "SEARCH task_events USING INDEX andon_events_task (task_id=? AND id>?)"},
	{"last events of a task", eventSQL(store.EventQuery{Task: "t", Last: true}), "SEARCH task_events USING INDEX andon_events_task (task_id=? AND id>?)"},
	{"first event since", firstSince, "SEARCH task_events USING COVERING INDEX andon_events_age (created_at>?)"},
	{"foreign events", eventSQL(store.EventQuery{Foreign: true}), "SEARCH task_events USING INDEX andon_events_foreign (id>?)"},
	{"list", listSQL(store.TaskQuery{}, false), "SCAN tasks USING INDEX andon_list"},
	{"list, next page", listSQL(store.TaskQuery{}, true), "SEARCH tasks USING INDEX andon_list (<expr><?)"},
	{"list by age", listSQL(store.TaskQuery{Sort: store.ByCreated}, false), "SCAN tasks USING INDEX andon_by_age"},
	{"list by age, next page", listSQL(store.TaskQuery{Sort: store.ByCreated}, true), "SEARCH tasks USING INDEX andon_by_age (<expr>>?)"},
	{"list newest, next page", listSQL(store.TaskQuery{Sort: store.ByCreatedDesc}, true), "SEARCH tasks USING INDEX andon_by_age (<expr><?)"},
	{"column", listSQL(column, false), "SEARCH tasks USING INDEX andon_by_status (status=?)"},
	{"column, next page", listSQL(column, true), "SEARCH tasks USING INDEX andon_by_status (status=? AND <expr><?)"},
	{"column by age, next page", listSQL(byAge, true), "SEARCH tasks USING INDEX andon_by_status_age (status=? AND <expr><?)"},
	{"column by change", listSQL(byChange, false), "SEARCH tasks USING INDEX andon_over_by_change (status=?)"},
	{"column by change, next page", listSQL(byChange, true), "SEARCH tasks USING INDEX andon_over_by_change (status=? AND <expr><?)"},
	{"counts of a tenant", countSQL(store.TaskQuery{Tenant: "acme"}), "SEARCH tasks USING INDEX idx_tasks_tenant (tenant=?)"},
	{"counts of a label", countSQL(store.TaskQuery{Labels: []string{"bug"}}), "SEARCH andon_labels USING COVERING INDEX sqlite_autoindex_andon_labels_1 (label=?)"},
	{"counts, moved since", movedGroups, "SEARCH andon_meta USING INDEX sqlite_autoindex_andon_meta_1 (key>? AND key<?)"},
	{"beside, children", beside, "SEARCH l USING COVERING INDEX sqlite_autoindex_task_links_1 (parent_id=?)"},
	{"beside, comments", beside, "SEARCH m USING COVERING INDEX idx_comments_task (task_id=?)"},
	{"parents of a page", parentsOf, "SEARCH l USING INDEX andon_parents (child_id=?)"},
	{"moves of a page", movedAt, "SEARCH task_events USING INDEX andon_events_task (task_id=?)"},
	{"update of a task", updateTask, "SEARCH tasks USING INDEX sqlite_autoindex_tasks_1 (id=?)"},
	{"update of a run", updateRun, "SEARCH task_runs USING INTEGER PRIMARY KEY (rowid=?)"},
	{"update of a delivery", updateDelivery, "SEARCH andon_outbox USING INTEGER PRIMARY KEY (rowid=?)"},
}

var column = store.TaskQuery{Statuses: []kanban.Status{kanban.Done}}

// byAge is a column by age, youngest first.
var byAge = store.TaskQuery{Statuses: []kanban.Status{kanban.Done}, Sort: store.ByCreatedDesc}

// byChange is a column by last change, youngest first.
var byChange = store.TaskQuery{Statuses: []kanban.Status{kanban.Done}, Sort: store.ByUpdatedDesc}

func countSQL(q store.TaskQuery) string {
	sql, _ := countQuery(q)
	return sql
}

func eventSQL(q store.EventQuery) string {
	sql, _ := eventQuery(q)
	return sql
}

func listSQL(q store.TaskQuery, later bool) string {
	if q.Sort == "" {
		q.Sort = store.ByPriority
	}
	if later {
		q.Cursor = cursor{Sort: q.Sort}.String()
	}
	sql, _, err := listQuery(q, orders[q.Sort], 100)
	if err != nil {
		panic(err)
	}
	return sql
}

func TestS3_HotPathsScanNothing(t *testing.T) {
	s := openFresh(t).(*board)
	for _, path := range hotPaths {
		var steps []string
		err := s.db.view(context.Background(), func(c *conn) error {
			return c.query("EXPLAIN QUERY PLAN "+path.sql, nil, func(row *sqlite3.Stmt) error {
				steps = append(steps, row.ColumnText(3))
				return nil
			})
		})
		if err != nil {
			t.Errorf("%s: %v", path.name, err)
		}
		if !slices.Contains(steps, path.step) {
			t.Errorf("%s: no step %q", path.name, path.step)
		}
		for _, step := range steps {
			if step != path.step && (slow.MatchString(step) && !small.MatchString(step)) {
				t.Errorf("%s: %s", path.name, step)
			}
		}
	}
}

var (
	slow  = regexp.MustCompile(`^SCAN|TEMP B-TREE`)
	small = regexp.MustCompile(`^SCAN (json_each|due$|names$|up$|u$|CONSTANT ROW)|^USE TEMP B-TREE FOR GROUP BY$`) // of what a period has
)
