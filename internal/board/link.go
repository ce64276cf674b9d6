package board

import (
	"context"
	"strings"

	"github.com/andon-dev/andon/internal/graph"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Link makes a child wait for a parent to end, in the way that when says. A ready
// child of a parent that has not ended so goes back to todo; a running one goes
// on. Linking again alike changes nothing; only a human changes the condition of
// an edge, or ends its waiver.
//
// Errors: invalid for a task linked to itself; conflict for a cycle, with the
// path, or a failure that cannot come about any more; unauthorized for a worker
// outside its subtree.
func (b *Board) Link(ctx context.Context, a kanban.Actor, parent, child string, when kanban.When) (kanban.Task, error) {
	if parent == child {
		return kanban.Task{}, kanban.Errorf(kanban.Invalid, "task %s cannot wait for itself", parent).Hint("name two tasks")
	}
	return mutate(ctx, b, "link", child+" to "+parent, func(tx store.Tx) (kanban.Task, error) {
		c, err := b.bothEnds(tx, a, parent, child)
		if err != nil {
			return c, err
		}
		links, err := tx.Parents(child)
		if err != nil {
			return c, err
		}
		for _, l := range links {
			if l.Parent != parent {
				continue
			}
			if !l.Waived && l.When == when {
				return c, nil
			}
			if l.When != when {
				err = onlyHuman(a, "change the condition of an edge")
			}
			if err != nil {
				return c, err
			}
		}
		return b.link(tx, a, kanban.Link{Parent: parent, Child: child, When: when}, c)
	})
}

func (b *Board) link(tx store.Tx, a kanban.Actor, l kanban.Link, c kanban.Task) (kanban.Task, error) {
	p, err := tx.Task(l.Parent)
	if err != nil {
		return c, err
	}
	if err := refusePointless(openEdge{l, p}); err != nil {
		return c, err
	}
	if err := refuseCycle(tx, l.Parent, l.Child); err != nil {
		return c, err
	}
	if err := tx.PutLink(l); err != nil {
		return c, err
	}
	payload := by(a, map[string]any{"parent": l.Parent, "child": l.Child})
	if l.When != kanban.OnSuccess {
		payload["when"] = string(l.When)
	}
	if err := b.record(tx, event(c, kanban.EvLinked, payload)); err != nil {
		return c, err
	}
	if _, err := b.demoteIfWaiting(tx, c, l.Parent); err != nil {
		return c, err
	}
	if err := b.promoteIfFree(tx, l.Child); err != nil { // the condition may be another one now
		return c, err
	}
	return tx.Task(l.Child)
}

// refusePointless refuses to wait for a failure that cannot come about.
func refusePointless(e openEdge) error {
	if e.When != kanban.OnFailed || !e.Pointless(e.parent) {
		return nil
	}
	return kanban.Errorf(kanban.Conflict, "%s is done already; what waits for its failure would never start", e.Parent).In(e.parent.Status).
		Hint("wait for its success or for any end instead, or reopen it first: andon reopen %s", e.Parent)
}

// Unlink removes an edge; a child that waited only for it becomes ready.
func (b *Board) Unlink(ctx context.Context, a kanban.Actor, parent, child string) (kanban.Task, error) {
	return mutate(ctx, b, "unlink", child+" from "+parent, func(tx store.Tx) (kanban.Task, error) {
		c, err := b.bothEnds(tx, a, parent, child)
		if err != nil {
			return c, err
		}
		if err := onlyHuman(a, "unlink"); err != nil {
			return c, err
		}
		if err := tx.DeleteLink(parent, child); err != nil {
			return c, err
		}
		if err := b.record(tx, event(c, kanban.EvUnlinked, by(a, map[string]any{"parent": parent, "child": child}))); err != nil {
			return c, err
		}
		if err := b.promoteIfFree(tx, child); err != nil {
			return c, err
		}
		return tx.Task(child)
	})
}

// bothEnds returns the child once both tasks are known and the actor may link
// them.
func (b *Board) bothEnds(tx store.Tx, a kanban.Actor, parent, child string) (kanban.Task, error) {
	c, err := tx.Task(child)
	if err != nil {
		return c, err
	}
	if err := b.within(tx, a, c); err != nil {
		return c, err
	}
	p, err := living(tx, parent)
	if err != nil {
		return c, err
	}
	return c, b.mayRead(tx, a, p)
}

func refuseCycle(tx store.Tx, parent, child string) error {
	path, err := graph.PathTo(child, parent, func(id string) ([]string, error) {
		links, err := tx.Children(id)
		ids := make([]string, len(links))
		for i, l := range links {
			ids[i] = l.Child
		}
		return ids, err
	})
	if err != nil || path == nil {
		return err
	}
	return kanban.Errorf(kanban.Conflict, "%s already waits for %s: %s", parent, child, strings.Join(path, " -> ")).
		Hint("andon unlink PARENT CHILD  removes one of these edges")
}

// Comment adds a remark to a task in any status. A worker comments on its own
// task, its parents, and what it created.
func (b *Board) Comment(ctx context.Context, a kanban.Actor, id, body string) (kanban.Comment, error) {
	body, err := required("the comment", body, maxComment)
	if err != nil {
		return kanban.Comment{}, err
	}
	return mutate(ctx, b, "comment", id, func(tx store.Tx) (kanban.Comment, error) {
		return b.comment(tx, a, id, body)
	})
}

func (b *Board) comment(tx store.Tx, a kanban.Actor, id, body string) (kanban.Comment, error) {
	t, err := tx.Task(id)
	if err != nil {
		return kanban.Comment{}, err
	}
	if err := b.mayComment(tx, a, t); err != nil {
		return kanban.Comment{}, err
	}
	return b.remark(tx, a, t, body)
}

// remark adds a comment of somebody who may.
func (b *Board) remark(tx store.Tx, a kanban.Actor, t kanban.Task, body string) (kanban.Comment, error) {
	c := kanban.Comment{Task: t.ID, Author: a.Name, Body: body, At: b.now()}
	var err error
	if c.ID, err = tx.AddComment(c); err != nil {
		return c, err
	}
	payload := map[string]any{"author": c.Author, "len": len([]rune(body)), "comment": c.ID}
	return c, b.record(tx, event(t, kanban.EvCommented, payload))
}

func (b *Board) mayComment(tx store.Tx, a kanban.Actor, t kanban.Task) error {
	refusal := b.within(tx, a, t)
	if kanban.CodeOf(refusal) != kanban.Unauthorized {
		return refusal
	}
	links, err := tx.Parents(a.Task)
	if err != nil {
		return err
	}
	for _, l := range links {
		if l.Parent == t.ID {
			return nil
		}
	}
	return refusal
}
