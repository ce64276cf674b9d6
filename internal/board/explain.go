package board

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
)

// Explanation says why a task is not running. No gate means that it runs, or
// that its lane takes it next or after more urgent ones.
type Explanation struct {
	Task  kanban.Task
	Gates []kanban.Gate
}

// Explain names every closed gate of a task, with what opens it.
func (b *Board) Explain(ctx context.Context, id string) (Explanation, error) {
	return store.View(ctx, b.store, func(r store.Reader) (Explanation, error) {
		t, err := r.Task(id)
		if err != nil {
			return Explanation{}, err
		}
		gates, err := b.gates(r, t)
		return Explanation{Task: t, Gates: gates}, err
	})
}

// gates lists all closed gates: the task's own, and for one that could run
// otherwise those of its lane, board and home.
func (b *Board) gates(r store.Reader, t kanban.Task) ([]kanban.Gate, error) {
	return b.gatesBy(b.ledger(r, b.spending()), r, t)
}

// spending is what the dispatcher knows of all boards together.
func (b *Board) spending() *Spending {
	if b.ports.Situation == nil {
		return nil
	}
	return b.ports.Situation().Spending
}

// gatesBy is gates for several tasks of one snapshot.
func (b *Board) gatesBy(l *ledger, r store.Reader, t kanban.Task) ([]kanban.Gate, error) {
	gates, err := b.taskGates(r, t)
	if err != nil || t.Status == kanban.Running || t.Status == kanban.Done || t.Status == kanban.Archived {
		return gates, err
	}
	if err := b.store.Latched(); err != nil {
		gates = append(gates, kanban.Gate{Kind: kanban.GateStore, Reason: err.Error(), Command: "andon boards reopen " + b.slug})
	}
	gates = append(gates, b.laneGates(t)...)
	caps, err := b.capGates(r, t)
	if err != nil {
		return nil, err
	}
	budgets, err := l.budgetGates(t)
	return append(append(gates, caps...), budgets...), err
}

// taskGates are those that the task's own rows close.
func (b *Board) taskGates(r store.Reader, t kanban.Task) ([]kanban.Gate, error) {
	var gates []kanban.Gate
	if g, closed := statusGate(t); closed {
		if t.Status == kanban.Triage {
			var err error
			if g, _, err = planGate(r, t, g); err != nil {
				return nil, err
			}
		}
		gates = append(gates, g)
	}
	if t.Status == kanban.Review {
		g, err := reviewGate(r, t)
		if err != nil {
			return nil, err
		}
		gates = append(gates, g)
	}
	if t.Status != kanban.Done && t.Status != kanban.Archived && t.Status != kanban.Running {
		open, err := openParents(r, t.ID)
		if err != nil {
			return nil, err
		}
		for _, e := range open {
			gates = append(gates, dependencyGate(t, e))
		}
		// What plain SQL left in todo is promoted within moments.
		if t.Status == kanban.Todo && len(open) == 0 {
			gates = append(gates, kanban.Gate{
				Kind: kanban.GateDependency, Reason: "its parents are satisfied; it is about to be promoted",
				Command: "andon promote " + t.ID,
			})
		}
	}
	if (t.Status == kanban.Ready || t.Status == kanban.Todo) && t.NotBefore.After(b.now()) {
		gates = append(gates, backoffGate(t))
	}
	if t.LiveRun != 0 && t.CurrentRun == 0 {
		gates = append(gates, treeGate(t))
	}
	return gates, nil
}

func backoffGate(t kanban.Task) kanban.Gate {
	g := kanban.Gate{
		Kind: kanban.GateBackoff, Until: t.NotBefore, Since: t.UpdatedAt, Command: "andon retry " + t.ID,
		Reason: "backoff: its last attempt was lost or told to come later",
	}
	if t.LastError != "" {
		g.Reason = fmt.Sprintf("backoff: %d attempts failed, the last with: %s", t.Failures, kanban.FirstLine(t.LastError, 120))
	}
	if t.Status == kanban.Todo {
		g.Command = "andon promote " + t.ID + " --force"
	}
	return g
}

func treeGate(t kanban.Task) kanban.Gate {
	return kanban.Gate{
		Kind:   kanban.GateTree,
		Reason: fmt.Sprintf("processes of run %d are not yet gone, or its work is still being kept", t.LiveRun),
	}
}

func statusGate(t kanban.Task) (kanban.Gate, bool) {
	switch t.Status {
	case kanban.Triage:
		return kanban.Gate{
			Kind: kanban.GateHuman, Reason: "it is in triage: somebody must say what is to be done", Since: t.CreatedAt,
			Command: "andon promote " + t.ID,
		}, true
	case kanban.Scheduled:
		if t.NotBefore.IsZero() {
			return kanban.Gate{Kind: kanban.GateSchedule, Reason: "it is parked without a time", Command: "andon unblock " + t.ID}, true
		}
		return kanban.Gate{Kind: kanban.GateSchedule, Reason: "it is scheduled", Until: t.NotBefore, Command: "andon unblock " + t.ID}, true
	case kanban.Blocked:
		return blockGate(t), true
	case kanban.Done:
		return kanban.Gate{Kind: kanban.GateEnded, Reason: "it is done", Since: t.CompletedAt, Command: "andon reopen " + t.ID}, true
	case kanban.Running:
		return kanban.Gate{
			Kind: kanban.GateHuman, Reason: "another program marked it as running, but no run is open",
			Command: "andon retry " + t.ID,
		}, t.CurrentRun == 0
	case kanban.Archived:
		if t.Closed == kanban.Deleted {
			return kanban.Gate{Kind: kanban.GateEnded, Reason: "it was deleted and goes with its last process"}, true
		}
		return kanban.Gate{
			Kind: kanban.GateEnded, Reason: "it is archived (" + orElse(t.Closed, "by another program") + ")",
			Command: "andon unarchive " + t.ID,
		}, true
	}
	return kanban.Gate{}, false
}

func blockGate(t kanban.Task) kanban.Gate {
	g := kanban.Gate{Kind: kanban.GateHuman, Since: t.BlockedAt, Command: "andon unblock " + t.ID}
	switch t.BlockKind {
	case kanban.BreakerOpen:
		g.Kind = kanban.GateBreaker
		g.Reason = fmt.Sprintf("breaker: %d attempts failed, the last with: %s", t.Failures, orElse(t.BlockReason, t.LastError))
		if t.LastError == "" {
			g.Reason = "breaker: it ended too often without a result: " + t.BlockReason
		}
	case kanban.BudgetSpent:
		g.Kind = kanban.GateBudget
		g.Reason = t.BlockReason
		g.Command = fmt.Sprintf("andon budget raise %s 5USD  or  andon unblock %s", t.ID, t.ID)
	case kanban.MergeConflict:
		g.Reason = "the branches of its parents do not merge: " + t.BlockReason
	case kanban.NeedsInput:
		g.Reason = "it asks: " + t.BlockReason
		g.Command = fmt.Sprintf("andon answer %s TEXT", t.ID)
	case "":
		g.Reason = "it is blocked"
		if t.LastError != "" {
			g.Reason += ": " + kanban.FirstLine(t.LastError, 200)
		}
	default:
		g.Reason = fmt.Sprintf("it is blocked (%s): %s", t.BlockKind, t.BlockReason)
	}
	return g
}

func dependencyGate(t kanban.Task, e openEdge) kanban.Gate {
	p := e.parent
	g := kanban.Gate{Kind: kanban.GateDependency, Since: t.CreatedAt, Command: fmt.Sprintf("andon promote %s --force --reason ...  starts it anyway", t.ID)}
	state := string(p.Status)
	if p.Status == kanban.Archived {
		state = putAway(p)
		g.Command = "andon unarchive " + p.ID + "  or  " + g.Command
	}
	g.Reason = fmt.Sprintf("it waits for %s (%s: %s)", awaited(e), state, kanban.FirstLine(p.Title, 60))
	return g
}

func putAway(t kanban.Task) string { return "archived, " + orElse(t.Closed, "never done") }

// awaited says what an edge waits for.
func awaited(e openEdge) string {
	switch e.When {
	case kanban.OnAny:
		return e.Parent + " to end, however"
	case kanban.OnFailed:
		return e.Parent + " to fail"
	}
	return e.Parent
}

func waitsFor(t kanban.Task, open []openEdge) error {
	words := make([]string, len(open))
	for i, e := range open {
		words[i] = fmt.Sprintf("%s (%s)", awaited(e), e.parent.Status)
	}
	return kanban.Errorf(kanban.Gated, "task %s waits for %s", t.ID, strings.Join(words, ", ")).In(t.Status).
		Hint("andon promote %s --force --reason ...  starts it anyway", t.ID)
}

// Barriers are the gates outside of a board's rows that keep every task of a
// lane from starting: the cord, a cool-down, a cap, the dispatcher. That nobody
// starts workers for the lane is none of them.
func (b *Board) Barriers(lane string) []kanban.Gate {
	gates := b.laneGates(kanban.Task{Assignee: lane})
	return slices.DeleteFunc(gates, func(g kanban.Gate) bool { return g.Kind == kanban.GateLane })
}

// laneGates are those outside the board: its lane, the cord, the dispatcher.
func (b *Board) laneGates(t kanban.Task) []kanban.Gate {
	var gates []kanban.Gate
	lane, known := b.settings().Lanes[t.Assignee]
	switch {
	case t.Assignee == "":
		gates = append(gates, kanban.Gate{Kind: kanban.GateLane, Reason: "nobody is assigned", Command: fmt.Sprintf("andon assign %s LANE", t.ID)})
	case !known:
		reason := fmt.Sprintf("there is no lane %q here; it waits for somebody to claim it", t.Assignee)
		if near := kanban.Nearest(t.Assignee, slices.Sorted(maps.Keys(b.settings().Lanes))); near != "" {
			reason += fmt.Sprintf(" (did you mean %s?)", near)
		}
		gates = append(gates, kanban.Gate{Kind: kanban.GateLane, Reason: reason, Command: fmt.Sprintf("andon assign %s LANE", t.ID)})
	case lane.External:
		gates = append(gates, kanban.Gate{
			Kind: kanban.GateLane, Reason: fmt.Sprintf("Andon starts no workers for lane %s; it waits for one that claims it", t.Assignee),
			Command: fmt.Sprintf("andon run --lane %s -- COMMAND", t.Assignee),
		})
	}
	if b.ports.Situation == nil {
		return gates
	}
	s := b.ports.Situation()
	if s.Closed != nil {
		gates = append(gates, *s.Closed)
	}
	for _, h := range s.Holds {
		if g, closed := holdGate(h, Held{b.slug, t.Assignee, lane.Account, t.Workspace.Source()}, b.now()); closed {
			gates = append(gates, g)
		}
	}
	gates = append(gates, capGate("home", s.HomeCap, s.HomeRunning)...)
	gates = append(gates, capGate("lane "+t.Assignee, lane.MaxParallel, s.LaneRunning[t.Assignee])...)
	if lane.Account != "" {
		gates = append(gates, capGate("account "+lane.Account, s.AccountCap[lane.Account], s.AccountRuns[lane.Account])...)
	}
	return gates
}

// Held is what a hold may concern: a lane on a board, with what it uses.
type Held struct{ Board, Lane, Account, Repo string }

// Holds reports whether a hold keeps work from starting at a time.
func Holds(h store.Hold, of Held, now time.Time) bool {
	if !h.Until.IsZero() && !h.Until.After(now) {
		return false
	}
	switch h.Scope {
	case "all", "board:" + of.Board, "lane:" + of.Lane:
		return true
	}
	return of.Account != "" && h.Scope == "account:"+of.Account || of.Repo != "" && h.Scope == "repo:"+of.Repo
}

func holdGate(h store.Hold, of Held, now time.Time) (kanban.Gate, bool) {
	if !Holds(h, of, now) {
		return kanban.Gate{}, false
	}
	g := kanban.Gate{Kind: kanban.GatePaused, Since: h.Since, Until: h.Until, Command: ResumeCommand(h.Scope)}
	switch h.Kind {
	case store.Cooldown:
		g.Kind, g.Reason = kanban.GateCooldown, fmt.Sprintf("%s cools down: %s", h.Scope, h.Reason)
	case store.Paused:
		g.Reason = fmt.Sprintf("%s is paused: %s", h.Scope, h.Reason)
	case store.Trial:
		g.Reason, g.Command = fmt.Sprintf("%s is %s", h.Scope, h.Reason), watchCommand(h)
	default:
		g.Reason = fmt.Sprintf("%s pulled the cord (%s): %s", orElse(h.By, "somebody"), h.Scope, orElse(h.Reason, "no reason given"))
	}
	return g, true
}

// HeldAltogether is the gate of the first hold that keeps all work of a home from
// starting; nil if some may.
func HeldAltogether(holds []store.Hold, now time.Time) *kanban.Gate {
	for _, h := range holds {
		if gate, held := holdGate(h, Held{}, now); held {
			return &gate
		}
	}
	return nil
}

// watchCommand shows the last run of the first task that a hold is about.
func watchCommand(h store.Hold) string {
	return "andon logs " + h.Tasks[0].Task + " --board " + h.Tasks[0].Board
}

// ResumeCommand is what a human types to end the holds of a scope.
func ResumeCommand(scope string) string {
	kind, name, found := strings.Cut(scope, ":")
	switch {
	case !found:
		return "andon resume --all"
	case kind == "repo":
		return "andon resume --repo " + quoted(name)
	}
	return "andon resume --" + kind + " " + name
}

// quoted is a word for a shell, as it stands if that is plain.
func quoted(word string) string {
	if !strings.ContainsFunc(word, func(c rune) bool {
		return !strings.ContainsRune("/._-+,@%:=", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c)
	}) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

func capGate(what string, limit, running int) []kanban.Gate {
	if policy.Room(limit, running) {
		return nil
	}
	return []kanban.Gate{{
		Kind: kanban.GateCap, Reason: fmt.Sprintf("cap: %s %d/%d", what, running, limit),
		Command: "raise max_parallel in andon.yaml, or wait for a run to end",
	}}
}

func (b *Board) capGates(r store.Reader, t kanban.Task) ([]kanban.Gate, error) {
	s := b.settings()
	var gates []kanban.Gate
	if s.BoardCap > 0 {
		n, err := r.LiveCount("")
		if err != nil {
			return nil, err
		}
		gates = append(gates, capGate("board "+b.slug, s.BoardCap, n)...)
	}
	if limit := s.TenantCap[t.Tenant]; limit > 0 && t.Tenant != "" {
		n, err := r.LiveCount(t.Tenant)
		if err != nil {
			return nil, err
		}
		gates = append(gates, capGate("tenant "+t.Tenant, limit, n)...)
	}
	return gates, nil
}
