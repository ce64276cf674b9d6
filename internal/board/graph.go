package board

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// GraphTask is one task of a graph. Its parents are keys of other tasks of the
// graph, or ids of tasks that are on the board.
type GraphTask struct {
	Key string
	NewTask
}

const maxGraph = 200 // tasks

// CreateGraph puts tasks that wait for one another on the board, all or none.
// The answers are in the order of the tasks.
//
// Errors: those of Create, naming the task; invalid for an unknown key;
// conflict for a cycle, with the path.
func (b *Board) CreateGraph(ctx context.Context, a kanban.Actor, tasks []GraphTask) ([]Created, error) {
	order, err := inOrder(tasks)
	if err != nil {
		return nil, err
	}
	drafts := make([]kanban.Task, len(tasks))
	for i, g := range tasks {
		if drafts[i], err = b.draft(a, g.NewTask); err != nil {
			return nil, ofGraph(g.Key, err)
		}
	}
	target := fmt.Sprintf("of %d tasks, %s", len(tasks), drafts[0].Title)
	return mutate(ctx, b, "create graph", target, func(tx store.Tx) ([]Created, error) {
		made, ids := make([]Created, len(tasks)), map[string]string{}
		for _, i := range order {
			g := tasks[i]
			parents := make([]string, len(g.Parents))
			for j, p := range g.Parents {
				parents[j] = orElse(ids[p], p)
			}
			g.Parents = parents
			if made[i], err = b.create(tx, a, drafts[i], g.NewTask); err != nil {
				return nil, ofGraph(g.Key, err)
			}
			ids[g.Key] = made[i].Task.ID
		}
		return made, nil
	})
}

// ofGraph says which task of a graph was refused.
func ofGraph(key string, err error) error {
	e := kanban.Errorf(kanban.CodeOf(err), "task %s of the graph: %w", kanban.Quote(key), err)
	if e.Code == kanban.Internal || e.Code == kanban.Unavailable {
		return err
	}
	if why := asError(err); why != nil {
		e.Way, e.State = why.Way, why.State
	}
	return e
}

// inOrder returns the places of tasks so that each comes after its parents.
func inOrder(tasks []GraphTask) ([]int, error) {
	place := map[string]int{}
	switch {
	case len(tasks) == 0:
		return nil, kanban.Errorf(kanban.Invalid, "the graph has no tasks").Hint("give at least one, with a key and a title")
	case len(tasks) > maxGraph:
		return nil, kanban.Errorf(kanban.Invalid, "%d tasks are more than %d", len(tasks), maxGraph).Hint("make the graph in parts; later ones name ids of earlier ones")
	}
	for i, g := range tasks {
		switch _, twice := place[g.Key]; {
		case strings.TrimSpace(g.Key) == "" || len(g.Key) > maxName:
			return nil, kanban.Errorf(kanban.Invalid, "task %d of the graph has no key", i+1).Hint(`a short name, such as "api", by which others name it as parent`)
		case twice:
			return nil, kanban.Errorf(kanban.Invalid, "the key %s stands for two tasks of the graph", kanban.Quote(g.Key)).Hint("give each its own")
		case kanban.IsTaskID(g.Key):
			return nil, kanban.Errorf(kanban.Invalid, "the key %s looks like the id of a task", kanban.Quote(g.Key)).Hint("choose a name")
		}
		place[g.Key] = i
	}
	w := &walk{tasks: tasks, place: place, state: make([]int, len(tasks))}
	for i := range tasks {
		if err := w.visit(i); err != nil {
			return nil, err
		}
	}
	return w.order, nil
}

// walk goes through a graph, parents first.
type walk struct {
	tasks []GraphTask
	place map[string]int
	state []int // 0 = not seen, 1 = on the way, 2 = done
	path  []string
	order []int
}

func (w *walk) visit(i int) error {
	key := w.tasks[i].Key
	switch w.state[i] {
	case 2:
		return nil
	case 1:
		cycle := append(w.path[slices.Index(w.path, key):], key)
		return kanban.Errorf(kanban.Conflict, "the graph has a cycle: %s", strings.Join(cycle, " waits for ")).Hint("leave one of these parents out")
	}
	w.state[i], w.path = 1, append(w.path, key)
	for _, p := range w.tasks[i].Parents {
		at, here := w.place[p]
		switch {
		case here:
			if err := w.visit(at); err != nil {
				return err
			}
		case p != "" && !kanban.IsTaskID(p):
			return kanban.Errorf(kanban.Invalid, "task %s waits for %s, which is neither a key of the graph nor the id of a task", kanban.Quote(key), kanban.Quote(p)).
				Hint("the keys are %s", strings.Join(keysOf(w.tasks), ", "))
		}
	}
	w.state[i], w.path = 2, w.path[:len(w.path)-1]
	w.order = append(w.order, i)
	return nil
}

func keysOf(tasks []GraphTask) []string {
	keys := make([]string, len(tasks))
	for i, g := range tasks {
		keys[i] = g.Key
	}
	return keys
}

// asError is the first of our own errors in a chain, nil if there is none.
func asError(err error) *kanban.Error {
	var e *kanban.Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}
