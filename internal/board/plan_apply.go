package board

import (
	"slices"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// plannerName is who made the tasks of a plan.
const plannerName = "planner"

// applyPlan does what a plan says, in the caller's transaction: children first,
// in their order, then the task itself, which waits for those that nobody else
// waits for. The caller has seen that the task is in triage.
func (b *Board) applyPlan(tx store.Tx, a kanban.Actor, p Planning) (Planning, error) {
	if err := b.checkPlan(p.Kind, &p.Plan); err != nil {
		return p, kanban.Errorf(kanban.Conflict, "the plan does not fit any more: %w", err).In(p.Task.Status).
			Hint("andon %s %s  makes a new one", p.Kind, p.Task.ID)
	}
	t := p.Task
	changed, err := b.reword(&t, p.Plan)
	if err != nil {
		return p, err
	}
	keys, ids, err := b.insertPlanned(tx, a, t, p.Plan)
	if err != nil {
		return p, err
	}
	for _, leaf := range p.Plan.Leaves() {
		if err := tx.PutLink(kanban.Link{Parent: keys[leaf], Child: t.ID}); err != nil {
			return p, err
		}
		if err := b.record(tx, event(t, kanban.EvLinked, by(a, map[string]any{"parent": keys[leaf], "child": t.ID}))); err != nil {
			return p, err
		}
	}
	if err := b.move(tx, &t, kanban.Promote, a.Kind, 0); err != nil {
		return p, err
	}
	if err := tx.UpdateTask(t); err != nil {
		return p, err
	}
	kind := kanban.EvSpecified
	if len(ids) > 0 {
		kind = kanban.EvDecomposed
	}
	return b.notePlan(tx, t, kind, planNote{
		By: a.Name, Asked: p.By, Kind: p.Kind, Mind: p.Mind, Plan: &p.Plan, Changed: changed,
		ChildIDs: ids, Keys: keys, Assignee: t.Assignee, Title: otherThan(p.Task.Title, t.Title),
	})
}

func otherThan(old, now string) string {
	if old == now {
		return ""
	}
	return old
}

// reword gives a task the text of its plan, and a lane if it has none. What was
// written before stays below the new body.
func (b *Board) reword(t *kanban.Task, p kanban.Plan) (changed []string, err error) {
	asked := t.Title
	if t.Body != "" {
		asked += "\n\n" + t.Body
	}
	if p.Title != "" && p.Title != t.Title {
		if t.Title, err = line("the title", p.Title, maxTitle); err != nil {
			return nil, err
		}
		changed = append(changed, "title")
	}
	if p.Body != "" && p.Body != t.Body {
		if t.Body, err = text("the body", p.Body+"\n\n---\nAs it was asked:\n\n"+quote(asked), maxBody); err != nil {
			return nil, err
		}
		changed = append(changed, "body")
	}
	if p.Assignee != "" && t.Assignee == "" {
		t.Assignee = p.Assignee
		changed = append(changed, "assignee")
	}
	t.UpdatedAt = b.now()
	return changed, nil
}

// insertPlanned makes the children. Those that wait for no other wait for what
// the task itself waited for.
func (b *Board) insertPlanned(tx store.Tx, a kanban.Actor, root kanban.Task, p kanban.Plan) (keys map[string]string, ids []string, err error) {
	order, err := p.Order()
	if err != nil || len(order) == 0 {
		return nil, nil, err
	}
	before, err := tx.Parents(root.ID)
	if err != nil {
		return nil, nil, err
	}
	keys = map[string]string{}
	for _, c := range order {
		n := NewTask{
			Title: c.Title, Body: c.Body, Assignee: c.Assignee, Priority: root.Priority, Tenant: root.Tenant, Labels: root.Labels,
			Workspace: inherited(root.Workspace), CreatedBy: plannerName,
		}
		for _, parent := range c.Parents {
			n.Parents = append(n.Parents, keys[parent])
		}
		if len(n.Parents) == 0 {
			n.Parents = waitedFor(before)
		}
		t, err := b.draft(a, n)
		if err != nil {
			return nil, nil, err
		}
		t.Origin = root.ID
		if t, err = b.insert(tx, a, t, n); err != nil {
			return nil, nil, err
		}
		keys[c.Key], ids = t.ID, append(ids, t.ID)
	}
	return keys, ids, nil
}

func waitedFor(links []kanban.Link) []string {
	var ids []string
	for _, l := range links {
		if !l.Waived && l.When == kanban.OnSuccess && !slices.Contains(ids, l.Parent) {
			ids = append(ids, l.Parent)
		}
	}
	return ids
}

// inherited is where the children of a task work: in the same place if it is a
// shared one, else in one of their own of the same kind.
func inherited(w kanban.Workspace) kanban.Workspace {
	switch {
	case w.Kind == kanban.Dir:
		return w
	case w.OfGit():
		return kanban.Workspace{Kind: w.Kind, Repo: w.Repo}
	}
	return kanban.Workspace{Kind: kanban.Scratch}
}
