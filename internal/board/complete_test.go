package board_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

// TestA6_HandoffOfATaskNobodyClaimed: it is kept in a run of no length.
func TestA6_HandoffOfATaskNobodyClaimed(t *testing.T) {
	h := newHouse(t)
	said, silent := h.add(t, "said"), h.add(t, "silent")
	meta := json.RawMessage(`{"files":["a.go"]}`)
	must(h.Complete(bg, ann, kanban.Lease{Task: said.ID}, kanban.Handoff{Summary: "by hand", Metadata: meta}))(t)
	runs := must(h.Runs(bg, said.ID))(t)
	if len(runs) != 1 || runs[0].Summary != "by hand" || string(runs[0].Metadata) != string(meta) || !runs[0].StartedAt.Equal(runs[0].EndedAt) {
		t.Errorf("runs: %+v", runs)
	}
	complete(t, h, silent.ID)
	same(t, "runs of a task done without a word", len(must(h.Runs(bg, silent.ID))(t)), 0)

	_, err := h.Complete(bg, ann, kanban.Lease{Task: h.add(t, "x").ID}, kanban.Handoff{Artifacts: []string{"a.txt"}})
	refused(t, err, kanban.Invalid, "need a run")
}

// TestA8_CardsThatNobodyCreated: a completion that claims cards which are not
// there is refused, on record, and the run goes on.
func TestA8_CardsThatNobodyCreated(t *testing.T) {
	h := newHouse(t)
	task := h.add(t, "plan")
	child, foreign := h.add(t, "child", after(task)), h.add(t, "somebody else's")
	w := h.start(t, task)
	made := must(h.Create(bg, w.Actor, board.NewTask{Title: "made by the run"}))(t).Task
	say := kanban.Handoff{Summary: "split it\nin two", Cards: []string{child.ID, "t_00000000", foreign.ID, child.ID, " ", made.ID}}
	_, err := h.Complete(bg, w.Actor, w.lease, say)
	refused(t, err, kanban.Invalid, "t_00000000", foreign.ID, "in-flight")
	if strings.Contains(err.Error(), child.ID) {
		t.Errorf("%q names a real card", err)
	}
	status(t, h, w.Task, kanban.Running)
	events := h.events(t, w.Task)
	last := events[len(events)-1]
	same(t, "event", last.Kind, kanban.EvPhantomCards)
	same(t, "run", last.Run, w.run.ID)
	same(t, "payload", last.Payload, map[string]any{
		"phantom_cards": []any{"t_00000000", foreign.ID}, "verified_cards": []any{child.ID, made.ID}, "summary_preview": "split it",
	})

	say.Cards = []string{child.ID, made.ID}
	say.Summary = "also see t_0badcafe"
	must(h.Complete(bg, w.Actor, w.lease, say))(t)
	status(t, h, child.ID, kanban.Ready)
	events = h.events(t, w.Task)
	last = events[len(events)-1]
	same(t, "advice", last.Kind, kanban.EvPhantomReferences)
	same(t, "unknown references", last.Payload["phantom_refs"], []any{"t_0badcafe"})
	same(t, "verified", events[len(events)-2].Payload["verified_cards"], []any{child.ID, made.ID})
}

// TestG19_HandoffIsKept: summary, metadata, result and declared files, with the
// commit of the work, before the task is done.
func TestG19_HandoffIsKept(t *testing.T) {
	h := newHouse(t)
	w := h.start(t, h.add(t, "work"))
	say := kanban.Handoff{Summary: " done ", Result: "42", Metadata: json.RawMessage(`{"b":1}`), Artifacts: []string{"gone.txt"}}
	_, err := h.Complete(bg, w.Actor, w.lease, say)
	refused(t, err, kanban.Invalid, "gone.txt")
	status(t, h, w.Task, kanban.Running)

	say.Artifacts = []string{"out.txt"}
	must(h.Complete(bg, w.Actor, w.lease, say))(t)
	d := must(h.Show(bg, w.Task))(t)
	if r := d.Runs[0]; r.Summary != "done" || string(r.Metadata) != `{"b":1}` || r.Outcome != kanban.Completed || r.EndedAt.IsZero() {
		t.Errorf("run: %+v", r)
	}
	same(t, "result", d.Task.Result, "42")
	if len(d.Artifacts) != 1 || d.Artifacts[0].Path != "out.txt" || d.Artifacts[0].Run != w.run.ID || d.Artifacts[0].Task != w.Task {
		t.Errorf("artifacts: %+v", d.Artifacts)
	}
	last := d.Events[len(d.Events)-1]
	same(t, "commit in the event", last.Payload["commit"], any("rev1"))
	same(t, "run of the event", last.Run, w.run.ID)
}

func TestHandoffThatCannotBeKept(t *testing.T) {
	h := newHouse(t)
	w := h.start(t, h.add(t, "work"))
	for name, say := range map[string]kanban.Handoff{
		"long summary":   {Summary: strings.Repeat("x", 40<<10)},
		"long metadata":  {Metadata: json.RawMessage(`{"x":"` + strings.Repeat("x", 70<<10) + `"}`)},
		"metadata list":  {Metadata: json.RawMessage(`[1]`)},
		"metadata null":  {Metadata: json.RawMessage(`null`)},
		"binary summary": {Summary: "a\x00"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.Complete(bg, w.Actor, w.lease, say)
			refused(t, err, kanban.Invalid)
		})
	}
	// Spaces alone are no summary, and no reason to lose finished work.
	must(h.Complete(bg, w.Actor, w.lease, kanban.Handoff{Summary: " \n "}))(t)
}

// TestHumanCompletesWhileAWorkerRuns: the run is closed with the human's word,
// its processes keep the place until they are gone, the worker is told.
func TestHumanCompletesWhileAWorkerRuns(t *testing.T) {
	h := newHouse(t)
	h.settings.BoardCap = 1
	task := h.add(t, "work")
	child := h.add(t, "child", after(task))
	w := h.start(t, task)
	_, err := h.Complete(bg, ann, kanban.Lease{Task: task.ID, Run: 99}, kanban.Handoff{})
	refused(t, err, kanban.NotFound)
	done := must(h.Complete(bg, ann, kanban.Lease{Task: task.ID}, kanban.Handoff{Summary: "I did it"}))(t)
	same(t, "live run", done.LiveRun, w.run.ID)
	same(t, "run", must(h.Run(bg, w.run.ID))(t).Summary, "I did it")
	_, err = h.Complete(bg, w.Actor, w.lease, kanban.Handoff{Summary: "no, I"})
	refused(t, err, kanban.Stale, "completed")

	same(t, "gates of the child", h.gates(t, child.ID), []kanban.GateKind{kanban.GateCap})
	reopen(t, h, task.ID)
	same(t, "gates of the task", h.gates(t, task.ID), []kanban.GateKind{kanban.GateCap, kanban.GateTree})
	ok(t, h.Settle(bg, w.run.ID, ""))
	same(t, "gates", h.gates(t, task.ID), []kanban.GateKind{})
}

// TestWorkIsFiledUnderItsOwnRun: files that were kept of one run are not handed
// on as another's that took its place meanwhile.
func TestWorkIsFiledUnderItsOwnRun(t *testing.T) {
	h := newHouse(t)
	w := h.start(t, h.add(t, "work"))
	h.work.during = func() {
		must(h.Reclaim(bg, ann, w.Task, ""))(t)
		ok(t, h.Settle(bg, w.run.ID, ""))
		h.next(t, "builder")
	}
	for name, end := range map[string]func(say kanban.Handoff) error{
		"complete": func(say kanban.Handoff) error {
			_, err := h.Complete(bg, ann, kanban.Lease{Task: w.Task}, say)
			return err
		},
		"block": func(say kanban.Handoff) error {
			_, err := h.Block(bg, ann, kanban.Lease{Task: w.Task}, "", "wait", say)
			return err
		},
		"review": func(say kanban.Handoff) error {
			_, err := h.Review(bg, ann, kanban.Lease{Task: w.Task}, say)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w = hand{run: must(h.Run(bg, must(h.Task(bg, w.Task))(t).CurrentRun))(t), Actor: w.Actor}
			refused(t, end(kanban.Handoff{Artifacts: []string{"out.txt"}}), kanban.Conflict, "changed while")
			status(t, h, w.Task, kanban.Running)
		})
	}
}

// TestGoodEndingsForgetFailures: failures count in a row.
func TestGoodEndingsForgetFailures(t *testing.T) {
	for name, end := range map[string]func(h *house, w hand) error{
		"complete": func(h *house, w hand) error {
			_, err := h.Complete(bg, w.Actor, w.lease, kanban.Handoff{})
			return err
		},
		"review":  func(h *house, w hand) error { _, err := h.Review(bg, w.Actor, w.lease, kanban.Handoff{}); return err },
		"reclaim": func(h *house, w hand) error { _, err := h.Reclaim(bg, ann, w.Task, ""); return err },
		"reassign": func(h *house, w hand) error {
			_, err := h.Assign(bg, ann, w.Task, board.Assignment{Lane: "tester", Reclaim: true})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.settings.Retry.MaxAttempts = 5
			task := h.add(t, "flaky")
			h.end(t, h.start(t, task), kanban.Crashed, "exit status 1")
			h.pass(time.Hour)
			h.end(t, h.start(t, task), kanban.Lost, "")
			h.pass(time.Hour)
			ok(t, end(h, h.start(t, task)))
			if got := must(h.Task(bg, task.ID))(t); got.Failures != 0 || got.Losses != 0 || got.LastError != "" {
				t.Errorf("%d failures, %d losses, last %q", got.Failures, got.Losses, got.LastError)
			}
		})
	}
	t.Run("assign while it waits", func(t *testing.T) {
		h := newHouse(t)
		task := h.add(t, "flaky")
		h.end(t, h.start(t, task), kanban.Crashed, "exit status 1")
		got := must(h.Assign(bg, ann, task.ID, board.Assignment{Lane: "tester"}))(t).Task
		if got.Failures != 0 || !got.NotBefore.IsZero() {
			t.Errorf("%d failures; it waits until %s", got.Failures, got.NotBefore)
		}
	})
}

// TestReviewAndVerdict: what was submitted is judged by a human; the verdict
// carries the worker's words on.
func TestReviewAndVerdict(t *testing.T) {
	h := newHouse(t)
	task := h.add(t, "work")
	child := h.add(t, "child", after(task))
	w := h.start(t, task)
	must(h.Review(bg, w.Actor, w.lease, kanban.Handoff{Summary: "first try"}))(t)
	ok(t, h.Settle(bg, w.run.ID, ""))
	status(t, h, child.ID, kanban.Todo)
	_, err := h.Reject(bg, ann, task.ID, " ")
	refused(t, err, kanban.Invalid, "reason")
	must(h.Reject(bg, ann, task.ID, "add a test"))(t)
	if text := must(h.Context(bg, task.ID))(t); !strings.Contains(text, "> add a test") || !strings.Contains(text, "Attempt 1 — review") {
		t.Errorf("the next run does not read the verdict:\n%s", text)
	}
	w = h.start(t, task)
	must(h.Review(bg, w.Actor, w.lease, kanban.Handoff{Summary: "with a test"}))(t)
	ok(t, h.Settle(bg, w.run.ID, ""))
	must(h.Approve(bg, ann, task.ID, "thanks", ""))(t)
	status(t, h, child.ID, kanban.Ready)
	events := h.events(t, task.ID)
	last := events[len(events)-1]
	if last.Kind != kanban.EvCompleted || last.Payload["summary"] != "with a test" || last.Run != w.run.ID {
		t.Errorf("last event: %+v", last)
	}
	same(t, "commits", h.work.commits, []string{task.ID, task.ID})
	same(t, "rounds", must(h.Task(bg, task.ID))(t).ReviewRounds, 1)
	reopen(t, h, task.ID)
	same(t, "rounds after a reopen", must(h.Task(bg, task.ID))(t).ReviewRounds, 0)
}

// TestA3_BlockAndGoOn: a question reaches the human, the answer the next run.
func TestA3_BlockAndGoOn(t *testing.T) {
	h := newHouse(t)
	task := h.add(t, "work")
	w := h.start(t, task)
	_, err := h.Block(bg, w.Actor, w.lease, "", " ", kanban.Handoff{})
	refused(t, err, kanban.Invalid, "reason is empty")
	_, err = h.Block(bg, w.Actor, w.lease, "because", "x", kanban.Handoff{})
	refused(t, err, kanban.Invalid, "because")
	got := must(h.Block(bg, w.Actor, w.lease, "", "which port?", kanban.Handoff{Artifacts: []string{"notes.txt"}}))(t)
	same(t, "kind", got.BlockKind, kanban.NeedsInput)
	same(t, "unfinished work on the branch", h.work.commits, []string{})
	same(t, "files", h.work.kept, []string{"notes.txt"})
	g := must(h.Explain(bg, task.ID))(t).Gates[0]
	same(t, "reason", g.Reason, "it asks: which port?")
	same(t, "way out", g.Command, "andon answer "+task.ID+" TEXT")

	ok(t, h.Settle(bg, w.run.ID, ""))
	must(h.Answer(bg, ann, task.ID, "8080"))(t)
	text := must(h.Context(bg, task.ID))(t)
	for _, want := range []string{"Attempt 1 — blocked", "> which port?", "Comment from `ann`", "> 8080"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	h.done(t, got, kanban.Handoff{Summary: "ok"})
	same(t, "runs", h.outcomes(t, task.ID), []kanban.Outcome{kanban.BlockedOut, kanban.Completed})
	_, err = h.Answer(bg, ann, task.ID, "late")
	refused(t, err, kanban.Conflict, "waits for no answer")
}

func TestReclaimAndStop(t *testing.T) {
	h := newHouse(t)
	task := h.add(t, "work")
	w := h.start(t, task)
	_, err := h.Assign(bg, ann, task.ID, board.Assignment{Lane: "tester"})
	refused(t, err, kanban.Conflict, "running")
	must(h.Retry(bg, ann, task.ID, "stuck", ""))(t)
	same(t, "gates", h.gates(t, task.ID), []kanban.GateKind{kanban.GateTree})
	same(t, "error", must(h.Run(bg, w.run.ID))(t).Error, "manual_reclaim: stuck")
	ok(t, h.Settle(bg, w.run.ID, ""))

	w = h.start(t, task)
	got := must(h.Stop(bg, ann, task.ID, ""))(t)
	same(t, "reason", got.BlockReason, "stopped by ann")
	same(t, "kind", got.BlockKind, kanban.Operator)
	same(t, "failures", got.Failures, 0)
	same(t, "runs", h.outcomes(t, task.ID), []kanban.Outcome{kanban.Reclaimed, kanban.Stopped})
	_, err = h.Reclaim(bg, ann, task.ID, "")
	refused(t, err, kanban.Conflict)
}
