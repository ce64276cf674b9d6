package diagnose

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
)

// hallucinatedCards: a run claimed tasks that it did not create, and was
// refused. A later completion or correction settles it.
func hallucinatedCards(s Subject, _ facts) (Finding, bool) {
	events := unsettled(s.Events, kanban.EvPhantomCards)
	if len(events) == 0 {
		return Finding{}, false
	}
	f := Finding{
		Kind: HallucinatedCards, Severity: Error, Title: "a run claimed tasks that it did not create", Count: len(events), Since: events[0].At,
		Detail:  "refused: " + strings.Join(words(events, "phantom_cards"), ", "),
		Data:    map[string]any{"phantom_ids": words(events, "phantom_cards")},
		Actions: []string{"andon show " + s.Task.ID, fmt.Sprintf("andon comment %s TEXT", s.Task.ID)},
	}
	if s.Task.Status == kanban.Running {
		f.Actions = append(f.Actions, "andon retry "+s.Task.ID)
	}
	return f, true
}

// prosePhantomRefs: a handoff names tasks that do not exist; its readers will
// look for them in vain.
func prosePhantomRefs(s Subject, _ facts) (Finding, bool) {
	events := unsettled(s.Events, kanban.EvPhantomReferences)
	if len(events) == 0 {
		return Finding{}, false
	}
	return Finding{
		Kind: ProsePhantomRefs, Severity: Warning, Title: "its handoff names tasks that do not exist", Count: len(events), Since: events[0].At,
		Detail:  "unknown: " + strings.Join(words(events, "phantom_refs"), ", "),
		Data:    map[string]any{"phantom_refs": words(events, "phantom_refs")},
		Actions: []string{fmt.Sprintf("andon edit %s --summary TEXT", s.Task.ID), "andon show " + s.Task.ID},
	}, true
}

// refsMoved: while the last run worked in a work tree, branches, tags or the
// stash of the repository moved that were not its to move. A correction or a word
// about it settles it.
func refsMoved(s Subject, _ facts) (Finding, bool) {
	var events []kanban.Event
	for _, e := range s.Events {
		switch e.Kind {
		case kanban.EvRefsMoved:
			events = append(events, e)
		case kanban.EvEdited, kanban.EvCommented, kanban.EvClaimed:
			events = nil
		}
	}
	if len(events) == 0 {
		return Finding{}, false
	}
	refs := words(events, "refs")
	return Finding{
		Kind: RefsMoved, Severity: Warning, Title: "refs that are not its own moved while it ran", Count: len(refs), Since: events[0].At,
		Detail:  strings.Join(refs, ", "),
		Data:    map[string]any{"refs": refs},
		Actions: []string{"git -C " + orElse(s.Task.Workspace.Repo, "REPOSITORY") + " reflog show REF", fmt.Sprintf("andon comment %s TEXT", s.Task.ID)},
	}, true
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// unsettled returns the events of a kind that no later completion or correction
// has settled. A handoff's own advice follows its completion.
func unsettled(events []kanban.Event, kind kanban.EventKind) []kanban.Event {
	var open []kanban.Event
	for _, e := range events {
		switch e.Kind {
		case kind:
			open = append(open, e)
		case kanban.EvCompleted, kanban.EvEdited:
			open = nil
		}
	}
	return open
}

// words collects the strings of one field of several payloads, each once.
func words(events []kanban.Event, field string) []string {
	out := []string{}
	add := func(v any) {
		if w, ok := v.(string); ok && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	for _, e := range events {
		switch v := e.Payload[field].(type) {
		case []string:
			for _, w := range v {
				add(w)
			}
		case []any:
			for _, w := range v {
				add(w)
			}
		}
	}
	return out
}

func waitingOnCancelledParent(s Subject, _ facts) (Finding, bool) {
	if s.Task.Status != kanban.Todo && s.Task.Status != kanban.Scheduled {
		return Finding{}, false
	}
	for _, p := range s.Parents {
		if p.Status != kanban.Archived || p.Satisfies() {
			continue
		}
		return Finding{
			Kind: WaitingOnCancelledParent, Severity: Error, Since: p.UpdatedAt,
			Title:  fmt.Sprintf("it waits for %s, which will never be done", p.ID),
			Detail: fmt.Sprintf("%s was put away unfinished: %s", p.ID, p.Title),
			Data:   map[string]any{"parent": p.ID},
			Actions: []string{
				fmt.Sprintf("andon promote %s --force --reason TEXT", s.Task.ID), fmt.Sprintf("andon unlink %s %s", p.ID, s.Task.ID),
				"andon unarchive " + p.ID, "andon cancel " + s.Task.ID,
			},
		}, true
	}
	return Finding{}, false
}

func repeatedFailures(s Subject, _ facts) (Finding, bool) {
	t := s.Task
	if t.Failures < manyFailures || t.Status == kanban.Archived {
		return Finding{}, false
	}
	f := Finding{
		Kind: RepeatedFailures, Severity: Error, Title: fmt.Sprintf("it failed %d times in a row: %s", t.Failures, kanban.FirstLine(t.LastError, 160)),
		Detail: kanban.Clip(t.LastError, 500), Count: t.Failures, Data: map[string]any{"failures": t.Failures},
	}
	if t.Failures >= 2*manyFailures {
		f.Severity = Critical
	}
	failed := slices.DeleteFunc(slices.Clone(s.Runs), func(r kanban.Run) bool {
		return r.Outcome != kanban.GaveUp && policy.CostOf(r.Outcome) == policy.Free
	})
	f.Actions = []string{"andon logs " + t.ID}
	if n := len(failed); n > 0 {
		f.Since = failed[max(0, n-t.Failures)].EndedAt
		f.Data["most_recent_outcome"] = string(failed[n-1].Outcome)
		if !failed[n-1].Started { // there is no log to look into
			f.Actions = []string{"andon config check"}
		}
	}
	f.Actions = append(f.Actions, "andon retry "+t.ID, fmt.Sprintf("andon reassign %s LANE", t.ID))
	return f, true
}

// stuckInBlocked: what a human is to do has waited long, and nobody has said a
// word about it for as long. The breaker's blocks count too.
func stuckInBlocked(s Subject, known facts) (Finding, bool) {
	t := s.Task
	if t.Status != kanban.Blocked {
		return Finding{}, false
	}
	blocked := t.BlockedAt
	if blocked.IsZero() {
		blocked = newest(s.Events, t.CreatedAt, kanban.EvBlocked, kanban.EvGaveUp)
	}
	if known.now.Sub(newest(s.Events, blocked, kanban.EvCommented)) < longBlocked {
		return Finding{}, false
	}
	f := Finding{
		Kind: StuckInBlocked, Severity: Warning, Since: blocked,
		Title:   fmt.Sprintf("it has waited for a human for %s", hours(known.now.Sub(blocked))),
		Detail:  kanban.Clip(t.BlockReason, 500),
		Data:    map[string]any{"block_kind": string(t.BlockKind), "age_hours": int(known.now.Sub(blocked).Hours())},
		Actions: []string{"andon unblock " + t.ID, fmt.Sprintf("andon comment %s TEXT", t.ID)},
	}
	if t.BlockKind == kanban.NeedsInput {
		f.Actions[0] = fmt.Sprintf("andon answer %s TEXT", t.ID)
	}
	return f, true
}

// madeReady are the events that leave a task ready, and an assignment, from
// which on its lane could have taken it.
var madeReady = []kanban.EventKind{
	kanban.EvCreated, kanban.EvPromoted, kanban.EvPromotedManual, kanban.EvUnblocked, kanban.EvWoken, kanban.EvRejected, kanban.EvReopened,
	kanban.EvUnarchived, kanban.EvReclaimed, kanban.EvCrashed, kanban.EvTimedOut, kanban.EvStalled, kanban.EvSpawnFailed, kanban.EvRateLimited,
	kanban.EvLost, kanban.EvAssigned,
}

// strandedInReady: it could run, but nobody runs its lane and nobody claims it.
func strandedInReady(s Subject, known facts) (Finding, bool) {
	t := s.Task
	if t.Status != kanban.Ready || t.Assignee == "" || known.served(t.Assignee) {
		return Finding{}, false
	}
	ready := newest(s.Events, t.CreatedAt, madeReady...)
	if t.NotBefore.After(ready) {
		ready = t.NotBefore
	}
	age := known.now.Sub(ready)
	if age < longReady {
		return Finding{}, false
	}
	f := Finding{
		Kind: StrandedInReady, Severity: Warning, Since: ready,
		Title:   fmt.Sprintf("it has been ready for %s, but nobody runs lane %s", hours(age), t.Assignee),
		Data:    map[string]any{"assignee": t.Assignee, "age_seconds": int(age.Seconds())},
		Actions: laneActions(t),
	}
	switch {
	case age >= 6*longReady:
		f.Severity = Critical
	case age >= 2*longReady:
		f.Severity = Error
	}
	return f, true
}

// unknownLane warns of the same while there is still time.
func unknownLane(s Subject, known facts) (Finding, bool) {
	t := s.Task
	waits := slices.Contains([]kanban.Status{kanban.Triage, kanban.Todo, kanban.Scheduled, kanban.Ready}, t.Status)
	if !waits || t.Assignee == "" || known.served(t.Assignee) {
		return Finding{}, false
	}
	if _, stranded := strandedInReady(s, known); stranded {
		return Finding{}, false
	}
	return Finding{
		Kind: UnknownLane, Severity: Warning, Since: newest(s.Events, t.CreatedAt, kanban.EvAssigned),
		Title:   fmt.Sprintf("there is no lane %s", t.Assignee),
		Detail:  "it will wait until somebody claims it or the lane is added to andon.yaml",
		Data:    map[string]any{"assignee": t.Assignee},
		Actions: laneActions(t),
	}, true
}

func laneActions(t kanban.Task) []string {
	return []string{fmt.Sprintf("andon reassign %s LANE", t.ID), "andon lanes", "andon claim " + t.ID}
}

// newest returns the time of the newest event of some kinds, at least floor.
func newest(events []kanban.Event, floor time.Time, kinds ...kanban.EventKind) time.Time {
	for _, e := range events {
		if slices.Contains(kinds, e.Kind) && e.At.After(floor) {
			floor = e.At
		}
	}
	return floor
}

// hours is a length of time for people.
func hours(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d minutes", int(d.Minutes()))
}

// toldNobody: somebody asked to be told, and was not.
func toldNobody(s Subject, _ facts) (Finding, bool) {
	if len(s.Untold) == 0 {
		return Finding{}, false
	}
	oldest := s.Untold[len(s.Untold)-1]
	f := Finding{
		Kind: ToldNobody, Severity: Error, Count: len(s.Untold), Since: oldest.Event.At,
		Title:   "told nobody: a message about it was given up",
		Detail:  s.Untold[0].Error,
		Data:    map[string]any{"message": s.Untold[0].ID, "error": s.Untold[0].Error},
		Actions: []string{fmt.Sprintf("andon notify retry %d", s.Untold[0].ID), "andon notify parked"},
	}
	if n := len(s.Untold); n > 1 {
		f.Title = fmt.Sprintf("told nobody: %d messages about it were given up", n)
	}
	return f, true
}
