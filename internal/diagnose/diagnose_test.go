package diagnose_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/diagnose"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// ago is a time before now.
func ago(d time.Duration) time.Time { return now.Add(-d) }

func happened(kind kanban.EventKind, d time.Duration, payload map[string]any) kanban.Event {
	return kanban.Event{Kind: kind, At: ago(d), Payload: payload}
}

func ran(o kanban.Outcome, started bool, d time.Duration) kanban.Run {
	return kanban.Run{Outcome: o, Started: started, EndedAt: ago(d)}
}

// verdict is what the table looks at of a finding.
type verdict struct {
	Kind, Severity, Suggested string
	Since                     time.Time
}

const day = 24 * time.Hour

func TestJudge(t *testing.T) {
	const minute, hour = time.Minute, time.Hour
	for name, c := range map[string]struct {
		subject diagnose.Subject
		want    []verdict
	}{
		"a healthy task has no findings": {
			diagnose.Subject{Task: kanban.Task{ID: "t_1", Status: kanban.Ready, Assignee: "builder", CreatedAt: ago(day)}}, nil,
		},

		"a message that was given up": {
			diagnose.Subject{
				Task:   kanban.Task{ID: "t_1", Status: kanban.Done},
				Untold: []store.Delivery{{ID: 58, Error: "gone", Event: happened(kanban.EvCompleted, hour, nil)}, {ID: 31, Event: happened(kanban.EvBlocked, 2*hour, nil)}},
			},
			[]verdict{{"told_nobody", "error", "andon notify retry 58", ago(2 * hour)}},
		},
		"one failure is not repeated": {
			diagnose.Subject{Task: kanban.Task{ID: "t_1", Status: kanban.Ready, Failures: 1}}, nil,
		},
		"two failures, and the log tells": {
			diagnose.Subject{
				Task: kanban.Task{ID: "t_1", Status: kanban.Ready, Assignee: "builder", Failures: 2},
				Runs: []kanban.Run{
					ran(kanban.Crashed, true, 9*hour), ran(kanban.Completed, true, 8*hour),
					ran(kanban.Crashed, true, 3*hour), ran(kanban.Stopped, true, 2*hour), ran(kanban.TimedOut, true, hour),
				},
			},
			[]verdict{{"repeated_failures", "error", "andon logs t_1", ago(3 * hour)}},
		},
		"what never started has no log": {
			diagnose.Subject{
				Task: kanban.Task{ID: "t_1", Status: kanban.Ready, Failures: 4},
				Runs: []kanban.Run{ran(kanban.SpawnFailed, false, hour)},
			},
			[]verdict{{"repeated_failures", "critical", "andon config check", ago(hour)}},
		},

		"a question of this morning is not stuck": {
			diagnose.Subject{Task: kanban.Task{ID: "t_1", Status: kanban.Blocked, BlockKind: kanban.NeedsInput, BlockedAt: ago(23 * hour)}}, nil,
		},
		"a question of yesterday is": {
			diagnose.Subject{Task: kanban.Task{ID: "t_1", Status: kanban.Blocked, BlockKind: kanban.NeedsInput, BlockedAt: ago(25 * hour)}},
			[]verdict{{"stuck_in_blocked", "warning", "andon answer t_1 TEXT", ago(25 * hour)}},
		},
		"somebody has spoken about it since": {
			diagnose.Subject{
				Task:   kanban.Task{ID: "t_1", Status: kanban.Blocked, BlockedAt: ago(3 * day)},
				Events: []kanban.Event{happened(kanban.EvCommented, hour, nil)},
			}, nil,
		},
		"but that is long ago too": {
			diagnose.Subject{
				Task:   kanban.Task{ID: "t_1", Status: kanban.Blocked, BlockedAt: ago(3 * day)},
				Events: []kanban.Event{happened(kanban.EvCommented, 2*day, nil)},
			},
			[]verdict{{"stuck_in_blocked", "warning", "andon unblock t_1", ago(3 * day)}},
		},
		"the breaker's block of the reference system counts": {
			diagnose.Subject{
				Task:   kanban.Task{ID: "t_1", Status: kanban.Blocked},
				Events: []kanban.Event{happened(kanban.EvGaveUp, 2*day, nil)},
			},
			[]verdict{{"stuck_in_blocked", "warning", "andon unblock t_1", ago(2 * day)}},
		},
		"a breaker's block is stuck and failed": {
			diagnose.Subject{
				Task: kanban.Task{ID: "t_1", Status: kanban.Blocked, BlockKind: kanban.BreakerOpen, BlockedAt: ago(2 * day), Failures: 2},
				Runs: []kanban.Run{ran(kanban.Crashed, true, 3*day), ran(kanban.GaveUp, true, 2*day)},
			},
			[]verdict{{"repeated_failures", "error", "andon logs t_1", ago(3 * day)}, {"stuck_in_blocked", "warning", "andon unblock t_1", ago(2 * day)}},
		},

		"a lane that nobody runs is told at once": {
			diagnose.Subject{Task: kanban.Task{ID: "t_1", Status: kanban.Todo, Assignee: "ghost", CreatedAt: ago(hour)}},
			[]verdict{{"unknown_lane", "warning", "andon reassign t_1 LANE", ago(hour)}},
		},
		"ready for half an hour": {
			diagnose.Subject{Task: kanban.Task{ID: "t_1", Status: kanban.Ready, Assignee: "ghost", CreatedAt: ago(30 * minute)}},
			[]verdict{{"stranded_in_ready", "warning", "andon reassign t_1 LANE", ago(30 * minute)}},
		},
		"ready for an hour": {
			diagnose.Subject{Task: kanban.Task{ID: "t_1", Status: kanban.Ready, Assignee: "ghost", CreatedAt: ago(hour)}},
			[]verdict{{"stranded_in_ready", "error", "andon reassign t_1 LANE", ago(hour)}},
		},
		"ready for three hours": {
			diagnose.Subject{Task: kanban.Task{ID: "t_1", Status: kanban.Ready, Assignee: "ghost", CreatedAt: ago(3 * hour)}},
			[]verdict{{"stranded_in_ready", "critical", "andon reassign t_1 LANE", ago(3 * hour)}},
		},
		"created long ago, but back from a crash just now": {
			diagnose.Subject{
				Task:   kanban.Task{ID: "t_1", Status: kanban.Ready, Assignee: "ghost", CreatedAt: ago(3 * day)},
				Events: []kanban.Event{happened(kanban.EvCrashed, minute, nil)},
			},
			[]verdict{{"unknown_lane", "warning", "andon reassign t_1 LANE", ago(3 * day)}},
		},
		"a backoff is no waiting": {
			diagnose.Subject{Task: kanban.Task{ID: "t_1", Status: kanban.Ready, Assignee: "ghost", CreatedAt: ago(day), NotBefore: ago(minute)}},
			[]verdict{{"unknown_lane", "warning", "andon reassign t_1 LANE", ago(day)}},
		},
		"nobody is assigned: that is the board's to show": {
			diagnose.Subject{Task: kanban.Task{ID: "t_1", Status: kanban.Ready, CreatedAt: ago(day)}}, nil,
		},
		"a lane that runs is only busy": {
			diagnose.Subject{Task: kanban.Task{ID: "t_1", Status: kanban.Ready, Assignee: "builder", CreatedAt: ago(day)}}, nil,
		},
		"what is done needs no lane": {
			diagnose.Subject{Task: kanban.Task{ID: "t_1", Status: kanban.Done, Assignee: "ghost", CreatedAt: ago(day)}}, nil,
		},

		"claimed cards that are none": {
			diagnose.Subject{
				Task:   kanban.Task{ID: "t_1", Status: kanban.Running, Assignee: "builder"},
				Events: []kanban.Event{happened(kanban.EvPhantomCards, hour, map[string]any{"phantom_cards": []any{"t_x"}})},
			},
			[]verdict{{"hallucinated_cards", "error", "andon show t_1", ago(hour)}},
		},
		"and completed properly afterwards": {
			diagnose.Subject{
				Task:   kanban.Task{ID: "t_1", Status: kanban.Done},
				Events: []kanban.Event{happened(kanban.EvPhantomCards, hour, nil), happened(kanban.EvCompleted, minute, nil)},
			}, nil,
		},
		"a handoff's own advice follows its completion": {
			diagnose.Subject{
				Task:   kanban.Task{ID: "t_1", Status: kanban.Done},
				Events: []kanban.Event{happened(kanban.EvCompleted, hour, nil), happened(kanban.EvPhantomReferences, hour, map[string]any{"phantom_refs": []any{"t_x"}})},
			},
			[]verdict{{"prose_phantom_refs", "warning", "andon edit t_1 --summary TEXT", ago(hour)}},
		},
		"until somebody corrects it": {
			diagnose.Subject{
				Task:   kanban.Task{ID: "t_1", Status: kanban.Done},
				Events: []kanban.Event{happened(kanban.EvPhantomReferences, hour, nil), happened(kanban.EvEdited, minute, nil)},
			}, nil,
		},

		"refs moved while it ran": {
			diagnose.Subject{
				Task:   kanban.Task{ID: "t_1", Status: kanban.Done, Workspace: kanban.Workspace{Repo: "/src"}},
				Events: []kanban.Event{happened(kanban.EvCompleted, hour, nil), happened(kanban.EvRefsMoved, hour, map[string]any{"refs": []any{"refs/heads/main a..b"}})},
			},
			[]verdict{{"refs_moved", "warning", "git -C /src reflog show REF", ago(hour)}},
		},
		"and somebody said a word about it": {
			diagnose.Subject{
				Task:   kanban.Task{ID: "t_1", Status: kanban.Done},
				Events: []kanban.Event{happened(kanban.EvRefsMoved, hour, nil), happened(kanban.EvCommented, minute, nil)},
			}, nil,
		},

		"a cancelled parent releases nobody": {
			diagnose.Subject{
				Task:    kanban.Task{ID: "t_1", Status: kanban.Todo, Assignee: "builder"},
				Parents: []kanban.Task{{ID: "t_0", Status: kanban.Archived, Closed: kanban.Cancelled, UpdatedAt: ago(hour)}},
			},
			[]verdict{{"waiting_on_cancelled_parent", "error", "andon promote t_1 --force --reason TEXT", ago(hour)}},
		},
		"a parent that was done and put away does": {
			diagnose.Subject{
				Task:    kanban.Task{ID: "t_1", Status: kanban.Todo, Assignee: "builder"},
				Parents: []kanban.Task{{ID: "t_0", Status: kanban.Archived, Closed: string(kanban.Done)}, {ID: "t_2", Status: kanban.Running}},
			}, nil,
		},

		"the worst first": {
			diagnose.Subject{
				Task:    kanban.Task{ID: "t_1", Status: kanban.Todo, Assignee: "ghost", Failures: 5, CreatedAt: ago(day)},
				Parents: []kanban.Task{{ID: "t_0", Status: kanban.Archived, Closed: kanban.Cancelled, UpdatedAt: ago(hour)}},
				Runs:    []kanban.Run{ran(kanban.Crashed, true, hour)},
			},
			[]verdict{
				{"repeated_failures", "critical", "andon logs t_1", ago(hour)},
				{"waiting_on_cancelled_parent", "error", "andon promote t_1 --force --reason TEXT", ago(hour)},
				{"unknown_lane", "warning", "andon reassign t_1 LANE", ago(day)},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []verdict
			for _, f := range diagnose.Judge(c.subject, now, func(lane string) bool { return lane == "builder" }) {
				got = append(got, verdict{f.Kind, f.Severity.String(), f.Actions[0], f.Since})
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}
