package sqlite

import (
	"embed"
	"maps"
	"slices"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// steps is the ladder of a board's file; PRAGMA user_version counts the rungs
// climbed. A rung that was released never changes.
var steps = []step{
	{"the reference's schema, new or brought up to date", referenceSchema},
	{"our columns, tables and indexes", andonSchema},
	{"a column of the board by age", columnByAge},
	{"verification, review, usage and budgets", agentSchema},
	{"columns of the board by their last change", columnByChange},
	{"a queue for each destination", destinationSchema},
	{"labels", labelSchema},
}

//go:embed schema/*.sql
var schema embed.FS

// lateColumns are those which earlier versions of the reference did not have.
var lateColumns = map[string][]string{
	"tasks": {
		"tenant TEXT", "result TEXT", "branch_name TEXT", "idempotency_key TEXT",
		"consecutive_failures INTEGER NOT NULL DEFAULT 0", "worker_pid INTEGER", "last_failure_error TEXT",
		"max_runtime_seconds INTEGER", "last_heartbeat_at INTEGER", "current_run_id INTEGER",
		"workflow_template_id TEXT", "current_step_key TEXT", "skills TEXT", "max_retries INTEGER",
		"model_override TEXT", "session_id TEXT",
	},
	"task_events":        {"run_id INTEGER"},
	"kanban_notify_subs": {"notifier_profile TEXT"},
}

// renamedColumns are filled from their forerunners when they are added.
var renamedColumns = map[string]string{
	"consecutive_failures": "spawn_failures",
	"last_failure_error":   "last_spawn_error",
}

// ourColumns extend the reference's tables. Their defaults mean "as the
// reference wrote it". Times are in milliseconds beside its seconds.
var ourColumns = map[string][]string{
	"tasks": {
		"andon_version INTEGER NOT NULL DEFAULT 1",
		"andon_created_ms INTEGER NOT NULL DEFAULT 0", "andon_started_ms INTEGER NOT NULL DEFAULT 0",
		"andon_completed_ms INTEGER NOT NULL DEFAULT 0", "andon_updated_ms INTEGER NOT NULL DEFAULT 0",
		"andon_claim_ends_ms INTEGER NOT NULL DEFAULT 0", "andon_heartbeat_ms INTEGER NOT NULL DEFAULT 0",
		"andon_max_runtime_ms INTEGER NOT NULL DEFAULT 0",
		"andon_origin TEXT NOT NULL DEFAULT ''", "andon_repo TEXT NOT NULL DEFAULT ''",
		"andon_not_before_ms INTEGER NOT NULL DEFAULT 0",
		"andon_block_kind TEXT NOT NULL DEFAULT ''", "andon_block_reason TEXT NOT NULL DEFAULT ''",
		"andon_blocked_ms INTEGER NOT NULL DEFAULT 0", "andon_closed TEXT NOT NULL DEFAULT ''",
		"andon_losses INTEGER NOT NULL DEFAULT 0", "andon_review_rounds INTEGER NOT NULL DEFAULT 0",
		"andon_live_run INTEGER NOT NULL DEFAULT 0",
	},
	"task_links": {
		"andon_waived INTEGER NOT NULL DEFAULT 0", "andon_waived_by TEXT NOT NULL DEFAULT ''",
		"andon_waived_reason TEXT NOT NULL DEFAULT ''",
	},
	"task_comments": {"andon_ms INTEGER NOT NULL DEFAULT 0"},
	"task_events":   {"andon_ms INTEGER NOT NULL DEFAULT 0"},
	"task_runs": {
		"andon_started_ms INTEGER NOT NULL DEFAULT 0", "andon_ended_ms INTEGER NOT NULL DEFAULT 0",
		"andon_claim_ends_ms INTEGER NOT NULL DEFAULT 0", "andon_heartbeat_ms INTEGER NOT NULL DEFAULT 0",
		"andon_max_runtime_ms INTEGER NOT NULL DEFAULT 0", "andon_progress_ms INTEGER NOT NULL DEFAULT 0",
		"andon_attempt INTEGER NOT NULL DEFAULT 0", "andon_token_hash TEXT NOT NULL DEFAULT ''",
		"andon_supervisor TEXT NOT NULL DEFAULT ''", "andon_live INTEGER NOT NULL DEFAULT 0",
		"andon_started INTEGER NOT NULL DEFAULT 0",
		"andon_exit_code INTEGER", // nullable: 0 is an exit code
		"andon_signal TEXT NOT NULL DEFAULT ''", "andon_workspace TEXT NOT NULL DEFAULT ''",
		"andon_branch TEXT NOT NULL DEFAULT ''", "andon_base TEXT NOT NULL DEFAULT ''",
		"andon_snapshot TEXT NOT NULL DEFAULT ''",
	},
}

// agentColumns are those of work that is verified, reviewed and paid for. Costs
// are in micro-dollars.
var agentColumns = map[string][]string{
	"tasks": {
		"andon_verify TEXT", // nullable: an empty list is one
		"andon_reviewer TEXT NOT NULL DEFAULT ''", "andon_max_rounds INTEGER NOT NULL DEFAULT 0",
		"andon_reviews TEXT NOT NULL DEFAULT ''", "andon_revision TEXT NOT NULL DEFAULT ''",
		"andon_on_retry TEXT NOT NULL DEFAULT ''",
		"andon_budget_cost INTEGER NOT NULL DEFAULT 0", "andon_budget_tokens INTEGER NOT NULL DEFAULT 0",
	},
	"task_links": {"andon_when TEXT NOT NULL DEFAULT ''"},
	"task_runs": {
		"andon_revision TEXT NOT NULL DEFAULT ''", "andon_account TEXT NOT NULL DEFAULT ''",
		"andon_model TEXT NOT NULL DEFAULT ''", "andon_session TEXT NOT NULL DEFAULT ''",
		"andon_tokens_in INTEGER NOT NULL DEFAULT 0", "andon_tokens_out INTEGER NOT NULL DEFAULT 0",
		"andon_cache_read INTEGER NOT NULL DEFAULT 0", "andon_cache_write INTEGER NOT NULL DEFAULT 0",
		"andon_turns INTEGER NOT NULL DEFAULT 0", "andon_cost INTEGER NOT NULL DEFAULT 0",
		"andon_reserved_cost INTEGER NOT NULL DEFAULT 0", "andon_reserved_tokens INTEGER NOT NULL DEFAULT 0",
		"andon_pending TEXT", // a JSON object
	},
}

func referenceSchema(c *conn) error {
	if err := script(c, "reference.sql"); err != nil {
		return err
	}
	if err := addAll(c, lateColumns); err != nil {
		return err
	}
	if err := script(c, "reference_indexes.sql"); err != nil {
		return err
	}
	return script(c, "reference_upgrade.sql")
}

func andonSchema(c *conn) error {
	if err := addAll(c, ourColumns); err != nil {
		return err
	}
	return script(c, "andon.sql")
}

// destinationSchema makes a table again that is told apart by a column: a file
// that went through a dump has it already.
func destinationSchema(c *conn) error {
	if err := script(c, "destinations.sql"); err != nil {
		return err
	}
	if err := addColumns(c, "andon_outbox", []string{"destination INTEGER NOT NULL DEFAULT 0", "batch INTEGER NOT NULL DEFAULT 0"}); err != nil {
		return err
	}
	have, err := columnsOf(c, "andon_subscriptions")
	if err != nil {
		return err
	}
	if !have["destination"] {
		if err := script(c, "destinations_move.sql"); err != nil {
			return err
		}
	}
	return script(c, "destinations_indexes.sql")
}

// labelSchema is like destinationSchema.
func labelSchema(c *conn) error {
	if err := script(c, "labels.sql"); err != nil {
		return err
	}
	have, err := columnsOf(c, "andon_subscriptions")
	if err != nil || have["labels"] {
		return err
	}
	return script(c, "labels_move.sql")
}

func agentSchema(c *conn) error {
	if err := addAll(c, agentColumns); err != nil {
		return err
	}
	return script(c, "agents.sql")
}

// addAll adds columns to several tables.
func addAll(c *conn, tables map[string][]string) error {
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		if err := addColumns(c, table, tables[table]); err != nil {
			return err
		}
	}
	return nil
}

// columnByAge finds the index in the files of some, which made it one rung too
// early.
func columnByAge(c *conn) error {
	return c.exec("CREATE INDEX IF NOT EXISTS andon_by_status_age ON tasks(status, CAST(created_at AS INTEGER))")
}

// columnByChange is for what is over: open tasks change too often to keep it.
func columnByChange(c *conn) error {
	return c.exec("CREATE INDEX IF NOT EXISTS andon_over_by_change ON tasks(status, " + changed + ", " + born + ") WHERE " + isOver)
}

// addColumns adds to a table the columns that it does not have yet.
func addColumns(c *conn, table string, columns []string) error {
	have, err := columnsOf(c, table)
	if err != nil {
		return err
	}
	for _, column := range columns {
		name, _, _ := strings.Cut(column, " ")
		if have[name] {
			continue
		}
		if err := c.exec("ALTER TABLE " + table + " ADD COLUMN " + column); err != nil {
			return err
		}
		if old := renamedColumns[name]; have[old] {
			if err := c.exec("UPDATE " + table + " SET " + name + " = " + old + " WHERE " + old + " IS NOT NULL"); err != nil {
				return err
			}
		}
	}
	return nil
}

func columnsOf(c *conn, table string) (map[string]bool, error) {
	have := map[string]bool{}
	return have, c.query("SELECT lower(name) FROM pragma_table_xinfo(?)", []any{table}, func(s *sqlite3.Stmt) error {
		have[s.ColumnText(0)] = true
		return nil
	})
}

// script runs the statements of an embedded file, none of which holds a
// semicolon of its own.
func script(c *conn, name string) error {
	text, err := schema.ReadFile("schema/" + name)
	if err != nil {
		return err
	}
	for _, statement := range strings.SplitAfter(string(text), ";\n") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if err := c.exec(strings.TrimSpace(statement)); err != nil {
			return err
		}
	}
	return nil
}
