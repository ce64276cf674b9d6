package httpapi

import (
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// each translates a list.
func each[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	for i, a := range in {
		out[i] = f(a)
	}
	return out
}

// when is a time that may be unset.
func when(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// since is a time that a caller may leave out.
func since(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func wireTask(t kanban.Task) client.Task {
	w := client.Task{
		ID: t.ID, Title: t.Title, Status: string(t.Status), Assignee: t.Assignee, Priority: t.Priority, CreatedAt: t.CreatedAt,
		Body: t.Body, Tenant: t.Tenant, Labels: t.Labels, CreatedBy: t.CreatedBy, Origin: t.Origin,
		StartedAt: when(t.StartedAt), CompletedAt: when(t.CompletedAt), UpdatedAt: when(t.UpdatedAt), Version: t.Version,
		WorkspaceKind: t.Workspace.Kind, WorkspacePath: t.Workspace.Path, Branch: t.Workspace.Branch, Repo: t.Workspace.Repo,
		Result: t.Result, IdempotencyKey: t.IdempotencyKey, MaxAttempts: t.MaxAttempts, Skills: t.Skills, Model: t.Model,
		SessionID: t.SessionID, NotBefore: when(t.NotBefore), BlockKind: string(t.BlockKind), BlockReason: t.BlockReason, Closed: t.Closed,
		Failures: t.Failures, LastError: t.LastError, ReviewRounds: t.ReviewRounds, CurrentRun: t.CurrentRun,
		LeaseEnds: when(t.ClaimEnds), Heartbeat: when(t.Heartbeat), WorkerPID: t.WorkerPID,
		Verify: t.Verify, Reviewer: t.Reviewer, MaxRounds: t.MaxRounds, Reviews: t.Reviews, Revision: t.Revision, OnRetry: t.OnRetry,
		Budget: wireBudget(t.Budget),
	}
	if t.MaxRuntime > 0 {
		w.MaxRuntime = t.MaxRuntime.String()
	}
	return w
}

// Task is a task as the API shows it, with the gates that keep it.
// Task is a task with its gates, as the API shows it.
func Task(e board.Explanation) client.Task {
	w := wireTask(e.Task)
	w.Gates = each(e.Gates, wireGate)
	return w
}

func wireGate(g kanban.Gate) client.Gate {
	return client.Gate{Kind: string(g.Kind), Reason: g.Reason, Since: when(g.Since), Until: when(g.Until), Command: g.Command}
}

func wireCreated(c board.Created) client.TaskCreated {
	w := client.TaskCreated{Task: wireTask(c.Task), Created: c.Created, Warnings: c.Warning, VerifiedBy: c.Verify, ReviewedBy: c.Reviewer}
	if c.Subscription != nil {
		s := wireSubscription(*c.Subscription)
		w.Subscription = &s
	}
	return w
}

func wireDetails(d board.Details) client.Details {
	return client.Details{
		Task:    Task(board.Explanation{Task: d.Task, Gates: d.Gates}),
		Parents: each(d.Parents, wireLink), Children: each(d.Children, wireLink), Comments: each(d.Comments, wireComment),
		Runs: each(d.Runs, wireRun), Artifacts: each(d.Artifacts, wireArtifact), Events: each(d.Events, wireEvent),
		VerifiedBy: d.Verify, OwnVerify: d.Task.Verify != nil, ReviewedBy: d.Reviewer, HeldAfter: d.HeldAfter,
	}
}

func wireLink(l kanban.Link) client.Link {
	return client.Link{Parent: l.Parent, Child: l.Child, Waived: l.Waived, WaivedBy: l.WaivedBy, WaivedReason: l.WaivedReason, When: string(l.When)}
}

func wireComment(c kanban.Comment) client.Comment {
	return client.Comment{ID: c.ID, Task: c.Task, Author: c.Author, Body: c.Body, CreatedAt: c.At}
}

func wireRun(r kanban.Run) client.Run {
	return client.Run{
		ID: r.ID, Task: r.Task, Lane: r.Lane, Attempt: r.Attempt, Outcome: string(r.Outcome), StartedAt: r.StartedAt, EndedAt: when(r.EndedAt),
		Heartbeat: when(r.Heartbeat), Progress: when(r.Progress), LeaseEnds: when(r.ClaimEnds), Summary: r.Summary, Metadata: r.Metadata,
		Error: r.Error, ExitCode: r.ExitCode, Signal: r.Signal, WorkerPID: r.WorkerPID, Live: r.Live,
		Workspace: r.Workspace, Branch: r.Branch, Base: r.Base, Snapshot: r.Snapshot, Revision: r.Revision,
		Account: r.Account, Model: r.Model, Session: r.Session, Usage: wireUsage(r.Usage), Reserved: wireBudget(r.Reserved),
		Verifying: len(r.Pending) > 0 && r.Open(),
	}
}

func wireUsage(u kanban.Usage) client.Usage {
	return client.Usage{
		Input: u.Input, Output: u.Output, CacheRead: u.CacheRead, CacheWrite: u.CacheWrite, Turns: u.Turns, CostUSD: kanban.Dollars(u.Cost),
	}
}

func readUsage(w client.Usage) (kanban.Usage, error) {
	cost, err := kanban.MicroDollars(w.CostUSD)
	return kanban.Usage{Input: w.Input, Output: w.Output, CacheRead: w.CacheRead, CacheWrite: w.CacheWrite, Turns: w.Turns, Cost: cost}, err
}

func wireBudget(b kanban.Budget) client.Budget {
	return client.Budget{CostUSD: kanban.Dollars(b.Cost), Tokens: b.Tokens}
}

func readBudget(w client.Budget) (kanban.Budget, error) {
	cost, err := kanban.MicroDollars(w.CostUSD)
	return kanban.Budget{Cost: cost, Tokens: w.Tokens}, err
}

func wireArtifact(a kanban.Artifact) client.Artifact {
	return client.Artifact{Task: a.Task, Run: a.Run, Path: a.Path, SHA256: a.SHA256, Size: a.Size, Type: a.Type}
}

func wireEvent(e kanban.Event) client.Event {
	return client.Event{ID: e.ID, Task: e.Task, Run: e.Run, Kind: string(e.Kind), Payload: e.Payload, At: e.At}
}

func wireSubscription(s store.Subscription) client.Subscription {
	return client.Subscription{
		ID: s.ID, Task: s.Task, Lane: s.Lane, Tenant: s.Tenant, Creator: s.Creator, Labels: s.Labels, Alone: s.Alone,
		Sink: s.Sink, Target: s.Target, Thread: s.Thread, CreatedBy: s.CreatedBy, CreatedAt: s.CreatedAt, Foreign: s.Foreign,
		Kinds: each(s.Kinds, func(k kanban.EventKind) string { return string(k) }),
	}
}

func wireMessage(m board.Message) client.Delivery {
	return client.Delivery{
		ID: m.ID, Sink: m.Place.Sink, Target: m.Place.Target, Thread: m.Place.Thread, Subscription: m.Subscription, Event: wireEvent(m.Event),
		State: string(m.State), Attempts: m.Attempts, NextAt: when(m.NextAt), Error: m.Error, Digest: max(m.Batch, 0),
	}
}

func wirePlace(d store.Destination) client.Place {
	return client.Place{Sink: d.Sink, Target: d.Target, Thread: d.Thread}
}

func wireMute(m board.Muted) client.Mute {
	return client.Mute{Place: wirePlace(m.Place), Task: m.Task, Until: when(m.Until), By: m.By, At: when(m.At)}
}

func wireHold(h store.Hold) client.Hold {
	return client.Hold{Scope: h.Scope, Kind: string(h.Kind), Reason: h.Reason, By: h.By, Since: h.Since, Until: when(h.Until), Tasks: each(h.Tasks, wireRef)}
}

func wireRef(r store.TaskRef) client.TaskRef { return client.TaskRef(r) }

func wireCounts(counts map[kanban.Status]int) map[string]int {
	out := make(map[string]int, len(counts))
	for status, n := range counts {
		out[string(status)] = n
	}
	return out
}
