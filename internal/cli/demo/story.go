package demo

import (
	"context"
	"fmt"
	"os"
	"syscall"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

// story is the project's tasks, by the names that the narrator uses.
type story struct {
	*place
	n     *narrator
	names map[string]string // task id -> name
	ids   map[string]string
}

// tell puts the tasks on the board and follows them until the last has ended.
func tell(ctx context.Context, p *place, n *narrator) error {
	s := &story{place: p, n: n, names: map[string]string{}, ids: map[string]string{}}
	if err := s.create(ctx); err != nil {
		return err
	}
	for e, err := range p.client.FollowEvents(ctx, kanban.DefaultBoard, client.EventQuery{}) {
		if err != nil {
			return err
		}
		name := s.names[e.Task]
		n.event(name, e)
		if err := s.act(ctx, name, e); err != nil {
			return err
		}
		if name == "deploy" && e.Kind == string(kanban.EvGaveUp) {
			return s.end(ctx)
		}
	}
	return ctx.Err()
}

func (s *story) create(ctx context.Context) error {
	for _, t := range []struct {
		name, title, lane string
		parents           []string
		kind, path        string
	}{
		{name: "plan", title: "Plan the project", lane: "planner", kind: kanban.Worktree},
		{name: "greet", title: "Build greet", lane: "builder", parents: []string{"plan"}, kind: kanban.Worktree},
		{name: "sum", title: "Build sum", lane: "builder", parents: []string{"plan"}, kind: kanban.Worktree},
		{name: "tests", title: "Run all tests on both features", lane: "tester", parents: []string{"greet", "sum"}, kind: kanban.Worktree},
		{name: "review", title: "Review the change", lane: "reviewer", parents: []string{"tests"}, kind: kanban.Worktree},
		{name: "merge", title: "Merge into main", lane: "merger", parents: []string{"review"}, kind: kanban.Dir, path: s.repo},
		{name: "deploy", title: "Deploy", lane: "deployer", parents: []string{"merge"}},
	} {
		c := client.TaskCreate{Title: t.title, Assignee: t.lane, WorkspaceKind: t.kind, WorkspacePath: t.path}
		if t.kind == kanban.Worktree {
			c.Repo = s.repo
		}
		for _, p := range t.parents {
			c.Parents = append(c.Parents, s.ids[p])
		}
		made, err := s.client.CreateTask(ctx, kanban.DefaultBoard, c)
		if err != nil {
			return err
		}
		s.names[made.ID], s.ids[t.name] = t.name, made.ID
	}
	return nil
}

// act does what people and accidents do in this story.
func (s *story) act(ctx context.Context, name string, e client.Event) error {
	switch {
	case name == "greet" && e.Kind == string(kanban.EvSpawned):
		return s.killFirst(ctx, e)
	case name == "sum" && e.Kind == string(kanban.EvBlocked):
		s.n.person("andon answer %s yes", e.Task)
		_, err := s.client.Answer(ctx, kanban.DefaultBoard, e.Task, "yes")
		return err
	case name == "review" && e.Kind == string(kanban.EvReview):
		s.n.person("andon approve %s", e.Task)
		_, err := s.client.Approve(ctx, kanban.DefaultBoard, e.Task, "")
		return err
	}
	return nil
}

// killFirst kills the first worker of greet, as an accident would.
func (s *story) killFirst(ctx context.Context, e client.Event) error {
	runs, err := s.client.Runs(ctx, kanban.DefaultBoard, e.Task)
	if err != nil || len(runs) != 1 {
		return err
	}
	s.n.accident("kill -9 %d   (the worker of greet)", runs[0].WorkerPID)
	worker, err := os.FindProcess(runs[0].WorkerPID)
	if err != nil {
		return err
	}
	return worker.Signal(syscall.SIGKILL)
}

// end checks that everything came out as told, and shows it.
func (s *story) end(ctx context.Context) error {
	page, err := s.client.Tasks(ctx, kanban.DefaultBoard, client.TaskQuery{Sort: "created"})
	if err != nil {
		return err
	}
	log, err := s.git(ctx, "log", "--oneline", "--graph", "main")
	if err != nil {
		return err
	}
	s.n.summary(s.names, page.Items, log)
	for _, t := range page.Items {
		want := string(kanban.Done)
		if s.names[t.ID] == "deploy" {
			want = string(kanban.Blocked)
		}
		if t.Status != want {
			return fmt.Errorf("%s should be %s and is %s", s.names[t.ID], want, t.Status)
		}
	}
	return nil
}
