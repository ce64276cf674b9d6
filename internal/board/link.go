package board

import (
	"context"
	"strings"

	"github.com/andon-dev/andon/internal/graph"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Link makes a child wait for a parent. A ready child of an unsatisfied parent
// goes back to todo; a running one goes on. Linking again changes nothing.
//
// Errors: invalid for a task linked to itself; conflict for a cycle, with the
// path; unauthorized for a worker outside its subtree.
func (b *Board) Link(ctx context.Context, a kanban.Actor, parent, child string) (kanban.Task, error) {
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
			if l.Parent == parent && !l.Waived {
				return c, nil
			}
		}
		if err := refuseCycle(tx, parent, child); err != nil {
			return c, err
		}
		if err := tx.PutLink(kanban.Link{Parent: parent, Child: child}); err != nil {
			return c, err
		}
		if err := b.record(tx, event(c, kanban.EvLinked, by(a, map[string]any{"parent": parent, "child": child}))); err != nil {
			return c, err
		}
		if _, err := b.demoteIfWaiting(tx, c, parent); err != nil {
			return c, err
		}
		return tx.Task(child)
	})
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
	c := kanban.Comment{Task: id, Author: a.Name, Body: body, At: b.now()}
	t, err := tx.Task(id)
	if err != nil {
		return c, err
	}
	if err := b.mayComment(tx, a, t); err != nil {
		return c, err
	}
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
