package mcpserver

import (
	"context"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

type createArgs struct {
	Title    string   `json:"title" jsonschema:"what is to be done, in a line" min:"1" max:"400"`
	Assignee string   `json:"assignee,omitempty" jsonschema:"the lane that does it; without one nothing starts" max:"64"`
	Body     string   `json:"body,omitempty" jsonschema:"everything its worker must know: goal, limits, how to tell that it is done" max:"60000"`
	Parents  []string `json:"parents,omitempty" jsonschema:"ids of tasks that must be done first" max:"100" each:"40"`
	taskArgs
}

// taskArgs are what a task can have besides.
type taskArgs struct {
	Priority   int      `json:"priority,omitempty" jsonschema:"larger is sooner" min:"-1000000" max:"1000000"`
	Tenant     string   `json:"tenant,omitempty" jsonschema:"on whose behalf" max:"200"`
	Labels     []string `json:"labels,omitempty" jsonschema:"words to find it by, such as bug" max:"20" each:"50"`
	Triage     bool     `json:"triage,omitempty" jsonschema:"true: it waits until somebody has looked at it"`
	Workspace  string   `json:"workspace,omitempty" jsonschema:"scratch: an empty folder; worktree or clone: a copy of repo to work in; absent: inside a run as its own task, else scratch" enum:"scratch,worktree,clone"`
	Repo       string   `json:"repo,omitempty" jsonschema:"absolute path of the git repository; absent: that of your own task, else of the board" max:"1000"`
	MaxRuntime string   `json:"max_runtime,omitempty" jsonschema:"longest run, such as 30m" max:"40"`
	Skills     []string `json:"skills,omitempty" jsonschema:"skills its worker should load" max:"20" each:"100"`
	Model      string   `json:"model,omitempty" jsonschema:"the model its worker should use" max:"200"`
	Key        string   `json:"idempotency_key,omitempty" jsonschema:"an open task with this key is returned instead of a second one" max:"200"`
}

func (a taskArgs) task() client.TaskCreate {
	t := client.TaskCreate{
		Priority: a.Priority, Tenant: a.Tenant, Labels: a.Labels, Triage: a.Triage, WorkspaceKind: a.Workspace, Repo: a.Repo, MaxRuntime: a.MaxRuntime,
		Model: a.Model, IdempotencyKey: a.Key,
	}
	if a.Skills != nil {
		t.Skills = &a.Skills
	}
	return t
}

// created is the answer to create.
type created struct {
	Task     string   `json:"task"`
	Status   string   `json:"status"`
	Created  bool     `json:"created"` // false: an open task had the key already
	Warnings []string `json:"warnings,omitempty"`
}

func wireCreated(t client.TaskCreated) created {
	return created{Task: t.ID, Status: t.Status, Created: t.Created, Warnings: t.Warnings}
}

func create(ctx context.Context, s *session, a createArgs) (answer, error) {
	n := a.task()
	n.Title, n.Body, n.Assignee, n.Parents = a.Title, a.Body, a.Assignee, a.Parents
	if err := s.place(ctx, &n); err != nil {
		return nil, err
	}
	t, err := steady(ctx, func(ctx context.Context) (client.TaskCreated, error) { return s.Client.CreateTask(ctx, s.Board, n) })
	return say(wireCreated(t), err)
}

// place lets what a run creates work where the run itself does, unless it says
// otherwise: on the same repository, in a copy of its own.
func (s *session) place(ctx context.Context, n *client.TaskCreate) error {
	if s.Role != Worker || n.WorkspaceKind == kanban.Scratch || n.Repo != "" {
		return nil
	}
	own, err := steady(ctx, func(ctx context.Context) (client.Task, error) { return s.Client.Explain(ctx, s.Board, s.Run.Task) })
	if err != nil || own.Repo == "" {
		return err
	}
	n.WorkspaceKind, n.Repo = orElse(n.WorkspaceKind, own.WorkspaceKind), own.Repo
	return nil
}
