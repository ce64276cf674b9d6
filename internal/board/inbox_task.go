package board

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
)

// ofTask says what a task asks of a human, if anything.
func (v *view) ofTask(t kanban.Task) (Waiting, bool, error) {
	w := Waiting{Board: v.b.slug, Task: t, Since: t.UpdatedAt}
	gate, _ := statusGate(t)
	w.Reason, w.Commands = gate.Reason, strings.Split(gate.Command, "  or  ")
	if !gate.Since.IsZero() {
		w.Since = gate.Since
	}
	switch t.Status {
	case kanban.Triage:
		if err := v.ofTriage(&w, t, gate); err != nil {
			return w, false, err
		}
	case kanban.Review:
		gate, err := reviewGate(v, t)
		if err != nil || gate.Kind == kanban.GateReview { // a lane's, which may take its time
			return w, false, err
		}
		last, err := v.lastRun(t.ID)
		if err != nil {
			return w, false, err
		}
		w.Kind, w.Reason, w.Since = WaitReview, orElse(last.Summary, gate.Reason), gate.Since
		w.Commands = []string{"andon approve " + t.ID, "andon reject " + t.ID + " REASON"}
	case kanban.Blocked:
		if err := v.ofBlocked(&w, t); err != nil {
			return w, false, err
		}
	case kanban.Scheduled:
		if w.Kind = WaitDeferred; !t.NotBefore.IsZero() {
			return w, false, nil
		}
	case kanban.Running:
		if w.Kind = WaitBlocked; t.CurrentRun != 0 {
			return w, false, nil
		}
	case kanban.Todo:
		open, err := openParents(v, t.ID)
		for _, e := range open {
			if e.parent.Status == kanban.Archived {
				v.dead = append(v.dead, e)
			}
		}
		return w, false, err
	case kanban.Ready:
		gates, err := v.ledger.budgetGates(t)
		i := slices.IndexFunc(gates, func(g kanban.Gate) bool { return g.Until.IsZero() }) // else the next day opens it
		if err != nil || i < 0 {
			return w, false, err
		}
		w.Kind, w.Reason, w.Commands = WaitBudget, gates[i].Reason, strings.Split(gates[i].Command, "  or  ")
	default:
		return w, false, nil
	}
	n, err := v.behind(t.ID)
	w.Behind = n
	return w, true, err
}

func (v *view) ofTriage(w *Waiting, t kanban.Task, gate kanban.Gate) error {
	gate, state, err := planGate(v, t, gate)
	if err != nil {
		return err
	}
	w.Kind, w.Reason, w.Since, w.Commands = WaitTriage, gate.Reason, gate.Since, strings.Split(gate.Command, "  or  ")
	if state == PlanProposed {
		w.Kind = WaitPlan
		w.Commands = []string{"andon plan show " + t.ID, "andon plan approve " + t.ID, "andon plan reject " + t.ID + " REASON"}
	}
	return nil
}

func (v *view) ofBlocked(w *Waiting, t kanban.Task) error {
	switch t.BlockKind {
	case kanban.NeedsInput:
		w.Kind, w.Reason = WaitQuestion, orElse(t.BlockReason, w.Reason)
	case kanban.BreakerOpen:
		w.Kind, w.Commands = WaitGivenUp, []string{"andon unblock " + t.ID, "andon logs " + t.ID}
	case kanban.MergeConflict:
		w.Kind = WaitConflict
	case kanban.BudgetSpent:
		w.Kind = WaitBudget
	default:
		w.Kind = WaitBlocked
	}
	last, err := v.lastRun(t.ID)
	var said struct{ Options []string }
	if json.Unmarshal(last.Metadata, &said) == nil && w.Kind == WaitQuestion { // a handoff may hold anything
		w.Options = said.Options
	}
	return err
}

// lastRun is zero if there was none.
func (v *view) lastRun(task string) (kanban.Run, error) {
	runs, err := v.Runs(task)
	if err != nil || len(runs) == 0 {
		return kanban.Run{}, err
	}
	return runs[len(runs)-1], nil
}
