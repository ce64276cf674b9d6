package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
)

// statuses says what each status means.
var statuses = map[kanban.Status]string{
	kanban.Triage:    "an idea that nobody has specified yet",
	kanban.Todo:      "specified; waits for its parents",
	kanban.Scheduled: "waits for a time, or for a human if none is set",
	kanban.Ready:     "may be started",
	kanban.Running:   "a run is open; exactly one",
	kanban.Blocked:   "waits for a human: a question, a breaker, a hold",
	kanban.Review:    "worked on; waits for a human's verdict",
	kanban.Done:      "finished; satisfies its children",
	kanban.Archived:  "out of sight; it remembers what it was, or that it was cancelled",
}

// actions says what each action means, in the order of a task's life.
var actions = []struct {
	action kanban.Action
	what   string
	how    string // the command of a human, or who else does it
}{
	{kanban.Promote, "nothing is missing any more: its last parent was satisfied, or triage ended", "by itself; `andon promote`"},
	{kanban.Demote, "a parent is unsatisfied again", "by itself"},
	{kanban.Start, "open parents are waived, on record", "`andon start --force`"},
	{kanban.Claim, "a run opens", "the dispatcher; `andon claim`"},
	{kanban.Complete, "the work is done", "the worker; `andon complete`"},
	{kanban.Submit, "the work is done and a human is to look at it", "the worker; `andon review`"},
	{kanban.Block, "a human is needed", "the worker; `andon block`"},
	{kanban.Fail, "the attempt failed, which costs one", "the dispatcher"},
	{kanban.Release, "the attempt ended without fault, which costs none", "the dispatcher; `andon retry`"},
	{kanban.Stop, "the attempt is ended and the task held", "`andon stop`"},
	{kanban.Schedule, "not before a time", "`andon defer --until`"},
	{kanban.Wake, "that time has come", "by itself"},
	{kanban.Unblock, "the gate opens, with all attempts again", "`andon unblock`, `andon answer`"},
	{kanban.Approve, "what was submitted is accepted", "`andon approve`"},
	{kanban.Reject, "it is sent back with a reason", "`andon reject`"},
	{kanban.Cancel, "it is never to be done", "`andon cancel`"},
	{kanban.Archive, "out of sight", "`andon archive`"},
	{kanban.Unarchive, "back where it was", "`andon unarchive`"},
	{kanban.Reopen, "it was done, but not well enough", "`andon reopen`"},
	{kanban.HandIn, "the work is done, and its verification is to say so", "the worker; `andon complete` where something verifies"},
	{kanban.Drop, "the failure that it was for did not come about, or its verdict is not needed any more", "by itself"},
}

// facts says when a row of the table applies.
var facts = []struct {
	fact kanban.Facts
	what string
}{
	{kanban.Waits, "a parent is unsatisfied"},
	{kanban.NoAttempts, "no attempt or round of review is left"},
	{kanban.WasDone, "it was done"},
	{kanban.WasHeld, "it waited for a human"},
}

// render returns the document.
func render() []byte {
	var b bytes.Buffer
	b.WriteString(`<!-- Written by go generate from internal/kanban/transitions.go. Change that and run it again. -->

# How a task moves

A task has one of nine statuses. The table below is the program's own: every change of status, by whomever and through whatever surface, is a row of it, and what is not in it is
refused, in words that name the way out.

## Statuses
| status | meaning |
| --- | --- |
`)
	for _, s := range kanban.Statuses {
		fmt.Fprintf(&b, "| %s | %s |\n", s, statuses[s])
	}
	b.WriteString(`
A new task is ` + "`ready`, `todo` while a parent is unsatisfied, or, if asked for, `triage`, `scheduled` or `blocked`" + `.

## The picture
Left out: archive and cancel, which lead to ` + "`archived` from any status (cancel not from `done`), and unarchive, which leads back" + `.

` + "```mermaid\n")
	diagram(&b)
	b.WriteString("```\n\n## Actions\n| action | meaning | who or how |\n| --- | --- | --- |\n")
	for _, a := range actions {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", a.action, a.what, a.how)
	}
	b.WriteString(`
## The table
Of several rows with the same status and action, the first that applies counts. A run is its worker and everything in its process tree; only a human opens a human's gate.

| from | action | by | when | to |
| --- | --- | --- | --- | --- |
`)
	for _, t := range kanban.Transitions() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", t.From, t.Action, actors(t.By), conditions(t.When), t.To)
	}
	return b.Bytes()
}

// diagram draws an arrow for each pair of statuses, with all its actions.
func diagram(b *bytes.Buffer) {
	type arrow struct{ from, to kanban.Status }
	var order []arrow
	labels := map[arrow][]string{}
	for _, t := range kanban.Transitions() {
		a := arrow{t.From, t.To}
		if t.From == t.To || t.From == kanban.Archived || t.To == kanban.Archived {
			continue
		}
		if labels[a] == nil {
			order = append(order, a)
		}
		if !slices.Contains(labels[a], string(t.Action)) {
			labels[a] = append(labels[a], string(t.Action))
		}
	}
	b.WriteString("stateDiagram-v2\n")
	for _, a := range order {
		fmt.Fprintf(b, "    %s --> %s : %s\n", a.from, a.to, strings.Join(labels[a], ", "))
	}
}

func actors(by kanban.ActorKind) string {
	var names []string
	for _, k := range []kanban.ActorKind{kanban.Human, kanban.Worker, kanban.Reviewer, kanban.Dispatcher} {
		if by&k != 0 {
			names = append(names, k.String())
		}
	}
	return strings.Join(names, ", ")
}

func conditions(when kanban.Facts) string {
	var all []string
	for _, f := range facts {
		if when&f.fact != 0 {
			all = append(all, f.what)
		}
	}
	return strings.Join(all, "; ")
}
