package board

import (
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// NewTask is what a caller says of a task to be made.
type NewTask struct {
	Title       string
	Body        string
	Assignee    string
	Parents     []string // ids, each with its condition if it has one: t_1f3a9c20:any
	Priority    int
	Tenant      string
	Labels      []string // in any spelling and order
	Workspace   kanban.Workspace
	Registered  string // the board's own repository, which a worker may name; "" = none
	Key         string // idempotency among open tasks
	Triage      bool
	Held        bool // starts blocked, for a human to release
	NotBefore   time.Time
	MaxRuntime  time.Duration
	MaxAttempts int
	Skills      []string
	Model       string
	SessionID   string
	OnRetry     string // Continue, Fresh, or "" = the lane's
	CreatedBy   string // "" = the actor
	Budget      kanban.Budget
	Verify      [][]string // argv each; nil = the lane's, empty = explicitly none
	Reviewer    string     // a lane, kanban.ReviewedByHuman, or "" = the lane's
	MaxRounds   int        // so often changes requested lead to a new run; 0 = the lane's

	Tell *store.Subscription // what is to be told of it where; its task is set. Humans only
}

// Created is the answer to Create.
type Created struct {
	Task    kanban.Task
	Created bool     // false: an open task had the key already
	Warning []string // for example an unknown lane

	Subscription *store.Subscription // as asked for with Tell, or the one that there was

	// Of Assign: what verifies and who reviews the task now, its lane's included.
	Verify   [][]string
	Reviewer string
}

// Create puts a task on the board. It is ready, or todo while a parent is
// unsatisfied. With a key that an open task has, that task is the answer and
// nothing changes but that it, too, is told of as asked.
//
// Errors: invalid for what cannot be stored, unknown parents included; stale
// for a worker whose run has ended; unauthorized for one that names what it may
// not see, or has something told; exhausted once its run has created
// Settings.MaxChildren.
func (b *Board) Create(ctx context.Context, a kanban.Actor, n NewTask) (Created, error) {
	t, err := b.draft(a, n)
	if err == nil && a.Kind != kanban.Worker && b.ports.Usable != nil { // a worker is not told what there is on the machine
		t.Workspace, err = b.ports.Usable(ctx, t.Workspace)
	}
	if err != nil {
		return Created{}, err
	}
	return mutate(ctx, b, "create", t.Title, func(tx store.Tx) (Created, error) { return b.create(tx, a, t, n) })
}

// create puts a draft on the board, or finds the open task that has its key. Who
// is to be told of it hears of what follows.
func (b *Board) create(tx store.Tx, a kanban.Actor, t kanban.Task, n NewTask) (Created, error) {
	c, err := b.makeOrFind(tx, a, t, n)
	if err != nil || n.Tell == nil {
		return c, err
	}
	if err := onlyHuman(a, "having a task told"); err != nil {
		return c, err
	}
	s := *n.Tell
	s.Task = c.Task.ID
	if err := cleanSubscription(&s); err != nil {
		return c, err
	}
	sub, _, err := b.subscribe(tx, a, s)
	c.Subscription = &sub
	if warning := b.SinkWarning(sub.Sink); warning != "" {
		c.Warning = append(c.Warning, warning)
	}
	return c, err
}

func (b *Board) makeOrFind(tx store.Tx, a kanban.Actor, t kanban.Task, n NewTask) (Created, error) {
	if err := b.writing(tx, a); err != nil {
		return Created{}, err
	}
	if t.IdempotencyKey != "" {
		if id, err := tx.TaskByKey(t.IdempotencyKey); err != nil {
			return Created{}, err
		} else if id != "" {
			return b.existing(tx, a, id, t)
		}
	}
	made, err := b.insert(tx, a, t, n)
	return Created{Task: made, Created: true, Warning: append(b.laneWarning(made.Assignee, "the task"), b.ReviewerWarning(made)...)}, err
}

// existing is the answer to whoever names the key of an open task that he may
// see.
func (b *Board) existing(tx store.Tx, a kanban.Actor, id string, want kanban.Task) (Created, error) {
	old, err := tx.Task(id)
	if err != nil {
		return Created{}, err
	}
	if b.mayRead(tx, a, old) != nil {
		return Created{}, kanban.Errorf(kanban.Conflict, "the key %s belongs to another task", kanban.Quote(want.IdempotencyKey)).Hint("choose another idempotency key")
	}
	return Created{Task: old, Warning: b.differences(old, want)}, nil
}

// insert writes a checked draft with its links and its event.
func (b *Board) insert(tx store.Tx, a kanban.Actor, t kanban.Task, n NewTask) (kanban.Task, error) {
	parents, err := b.knownParents(tx, n.Parents)
	if err != nil {
		return t, err
	}
	for _, p := range parents {
		if err := b.mayRead(tx, a, p.parent); err != nil {
			return t, err
		}
	}
	if err := b.mayCreate(tx, a, n, t.Workspace); err != nil {
		return t, err
	}
	t.Status = firstStatus(t, n, parents)
	if t.Status == kanban.Blocked {
		t.BlockKind, t.BlockReason, t.BlockedAt = kanban.Operator, "created on hold", t.CreatedAt
	}
	if t, err = b.insertUnique(tx, t); err != nil {
		return t, err
	}
	for _, e := range parents {
		e.Child = t.ID
		if err := tx.PutLink(e.Link); err != nil {
			return t, err
		}
	}
	if t.IdempotencyKey != "" {
		if err := tx.PutKey(t.IdempotencyKey, t.ID); err != nil {
			return t, err
		}
	}
	if err := b.recordCreation(tx, a, t, parents); err != nil {
		return t, err
	}
	return tx.Task(t.ID)
}

func (b *Board) recordCreation(tx store.Tx, a kanban.Actor, t kanban.Task, parents []openEdge) error {
	ids := make([]string, len(parents))
	for i, e := range parents {
		ids[i] = kanban.WithWhen(e.Parent, e.When)
	}
	payload := by(a, map[string]any{"assignee": t.Assignee, "status": string(t.Status), "parents": ids})
	if t.Tenant != "" {
		payload["tenant"] = t.Tenant
	}
	if len(t.Labels) > 0 {
		payload["labels"] = t.Labels
	}
	if t.Workspace.Branch != "" {
		payload["branch_name"] = t.Workspace.Branch
	}
	if err := b.record(tx, event(t, kanban.EvCreated, payload)); err != nil || t.Status != kanban.Blocked {
		return err
	}
	// The reference system reads from this event that the block is to hold.
	return b.record(tx, event(t, kanban.EvBlocked, by(a, map[string]any{"kind": string(t.BlockKind), "reason": t.BlockReason})))
}

func firstStatus(t kanban.Task, n NewTask, parents []openEdge) kanban.Status {
	switch {
	case n.Held:
		return kanban.Blocked
	case n.Triage:
		return kanban.Triage
	case !t.NotBefore.IsZero():
		return kanban.Scheduled
	}
	for _, e := range parents {
		if !e.Satisfied(e.parent) {
			return kanban.Todo
		}
	}
	return kanban.Ready
}

func (b *Board) knownParents(tx store.Tx, ids []string) ([]openEdge, error) {
	var parents []openEdge
	var unknown []string
	seen := map[string]kanban.When{}
	for _, word := range ids {
		id, when, err := kanban.ParseParent(word)
		if err != nil {
			return nil, err
		}
		if before, twice := seen[id]; twice && before != when {
			return nil, kanban.Errorf(kanban.Invalid, "it cannot wait for %s and for %s: an edge has one condition", kanban.WithWhen(id, before), kanban.WithWhen(id, when)).
				Hint("name the parent once; %s:any  waits for either end", id)
		} else if id == "" || twice {
			continue
		}
		seen[id] = when
		p, err := living(tx, id)
		switch kanban.CodeOf(err) {
		case "":
			e := openEdge{kanban.Link{Parent: id, When: when}, p}
			if err := refusePointless(e); err != nil {
				return nil, err
			}
			parents = append(parents, e)
		case kanban.NotFound:
			unknown = append(unknown, id)
		default:
			return nil, err
		}
	}
	if len(unknown) > 0 {
		return nil, kanban.Errorf(kanban.Invalid, "unknown parents: %s", strings.Join(unknown, ", ")).
			Hint("andon list  shows the tasks of this board")
	}
	return parents, nil
}

// insertUnique chooses an id; one that is taken is rolled anew.
func (b *Board) insertUnique(tx store.Tx, t kanban.Task) (kanban.Task, error) {
	for range 8 {
		var random [4]byte
		if _, err := io.ReadFull(b.ports.Random, random[:]); err != nil {
			return t, err
		}
		t.ID = kanban.TaskID(random)
		if err := tx.InsertTask(t); kanban.CodeOf(err) != kanban.Conflict {
			return t, err
		}
	}
	return t, kanban.Errorf(kanban.Internal, "no free task id found")
}

// differences says in words what a reused task does not share with the request.
func (b *Board) differences(old, want kanban.Task) []string {
	var out []string
	if old.Title != want.Title {
		out = append(out, "the existing task has another title: "+old.Title)
	}
	if old.Assignee != want.Assignee {
		out = append(out, "the existing task has another assignee: "+old.Assignee)
	}
	return out
}

// laneWarning names the nearest lane when there is none of that name.
func (b *Board) laneWarning(lane, what string) []string {
	lanes := b.settings().Lanes
	if _, known := lanes[lane]; known || lane == "" {
		return nil
	}
	w := "there is no lane " + lane
	if near := kanban.Nearest(lane, slices.Sorted(maps.Keys(lanes))); near != "" {
		w += " (did you mean " + near + "?)"
	}
	return []string{w + "; " + what + " waits until somebody claims it or the lane is added to andon.yaml"}
}
