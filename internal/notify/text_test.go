package notify

import (
	"strings"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
)

func TestText(t *testing.T) {
	task := Task{ID: "t_1f3a9c20", Title: "Fix the login", Assignee: "builder"}
	for _, c := range []struct {
		board   string
		task    Task
		kind    kanban.EventKind
		payload map[string]any
		want    string
	}{
		{
			task: task, kind: kanban.EvCompleted, payload: map[string]any{"summary": "All tests pass\nand more"},
			want: `t_1f3a9c20 "Fix the login" (builder) is done: All tests pass. See it: andon show t_1f3a9c20`,
		},
		{
			task: task, kind: kanban.EvCompleted, payload: map[string]any{"approved": true, "summary": ""},
			want: `t_1f3a9c20 "Fix the login" (builder) was approved and is done. See it: andon show t_1f3a9c20`,
		},
		{
			task: task, kind: kanban.EvBlocked, payload: map[string]any{"kind": "needs_input", "reason": "Which port?"},
			want: `t_1f3a9c20 "Fix the login" (builder) asks: Which port? Answer it: andon answer t_1f3a9c20 TEXT`,
		},
		{
			task: task, kind: kanban.EvUnblocked, payload: map[string]any{"by": "ann (phone)", "comment": "8080\nplease"},
			want: `t_1f3a9c20 "Fix the login" (builder) was answered, by ann (phone): 8080.`,
		},
		{
			task: task, kind: kanban.EvUnblocked, payload: map[string]any{"status": "ready"},
			want: `t_1f3a9c20 "Fix the login" (builder) was let go on.`,
		},
		{
			task: task, kind: kanban.EvStopped, payload: map[string]any{"by": "andon", "reason": "the cord"},
			want: `t_1f3a9c20 "Fix the login" (builder) was stopped: the cord. Let it go on: andon unblock t_1f3a9c20`,
		},
		{ // as the reference system writes it
			task: task, kind: kanban.EvBlocked, payload: map[string]any{"reason": "no access"},
			want: `t_1f3a9c20 "Fix the login" (builder) is blocked: no access. Answer it: andon answer t_1f3a9c20 TEXT. Or let it go on: andon unblock t_1f3a9c20`,
		},
		{
			board: "release", task: task, kind: kanban.EvReview, payload: map[string]any{"summary": "ready to look at."},
			want: `t_1f3a9c20 "Fix the login" (builder) waits for your review: ready to look at. ` +
				`See it: andon --board release show t_1f3a9c20. Then: andon --board release approve t_1f3a9c20, or andon --board release reject t_1f3a9c20 REASON`,
		},
		{
			task: task, kind: kanban.EvGaveUp, payload: map[string]any{"error": "exit status 3", "failures": 2.0},
			want: `t_1f3a9c20 "Fix the login" (builder) failed too often and is held: exit status 3. ` +
				`See why: andon logs t_1f3a9c20. Let it run again: andon unblock t_1f3a9c20`,
		},
		{
			task: task, kind: kanban.EvPaused, payload: map[string]any{"scope": "lane:builder", "reason": "3 tasks in a row", "command": "andon resume --lane builder"},
			want: `t_1f3a9c20 "Fix the login" (builder) failed like others before it, and lane builder is paused: 3 tasks in a row. ` +
				`Once the cause is mended: andon resume --lane builder`,
		},
		{
			task: task, kind: kanban.EvPaused, payload: map[string]any{"kind": "refused"},
			want: `t_1f3a9c20 "Fix the login" (builder) was refused by its provider, and its lane or repository is paused. Once the cause is mended: andon inbox`,
		},
		{
			task: task, kind: kanban.EvPlanProposed, payload: map[string]any{"plan": map[string]any{"children": []any{map[string]any{"title": "Look"}, map[string]any{"title": "Draw"}}}},
			want: `t_1f3a9c20 "Fix the login" (builder) has a plan that waits for you: 2 tasks: Look, Draw. ` +
				`See it: andon plan show t_1f3a9c20. Then: andon plan approve t_1f3a9c20, or andon plan reject t_1f3a9c20 REASON`,
		},
		{
			task: task, kind: kanban.EvCrashed, payload: map[string]any{"error": 7},
			want: `t_1f3a9c20 "Fix the login" (builder) crashed. It is tried again after a pause. See why: andon logs t_1f3a9c20`,
		},
		{
			task: Task{ID: "t_00000001", Title: "Say \x1b[31mred\u202e"}, kind: kanban.EvDeleted,
			want: `t_00000001 "Say  [31mred" was deleted.`,
		},
		{
			task: Task{ID: "t_00000001", Title: strings.Repeat("ä", 200)}, kind: kanban.EvArchived,
			want: `t_00000001 "` + strings.Repeat("ä", 120) + `…" was archived.`,
		},
		{task: Task{ID: "t_00000001"}, kind: "from_the_future", want: `t_00000001, a task that is gone, reports from_the_future.`},
	} {
		board := kanban.DefaultBoard
		if c.board != "" {
			board = c.board
		}
		m := Message{Board: board, Task: c.task, Event: Event{Kind: c.kind, Payload: c.payload}}
		m.describe()
		if m.Text != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.kind, m.Text, c.want)
		}
	}
}

// TestWhatOffersSomethingAsks: else it would be offered for ever.
func TestWhatOffersSomethingAsks(t *testing.T) {
	for _, table := range []map[string][]string{urgent, offers} {
		for key, acts := range table {
			kind, _, _ := strings.Cut(key, "/")
			if len(acts) > 0 && !kanban.Asks(kanban.EventKind(kind)) {
				t.Errorf("%s offers %v and asks for nothing", key, acts)
			}
		}
	}
}

func TestEveryKindOfEventHasItsWords(t *testing.T) {
	for _, kind := range kanban.EventKinds {
		if _, known := lines[string(kind)]; !known {
			t.Errorf("no words for %s", kind)
		}
	}
}
