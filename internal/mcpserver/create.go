package mcpserver

import (
	"context"

	"github.com/andon-dev/andon/client"
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
	Triage     bool     `json:"triage,omitempty" jsonschema:"true: it waits until somebody has looked at it"`
	Workspace  string   `json:"workspace,omitempty" jsonschema:"scratch (default): an empty folder; worktree: a git worktree of repo" enum:"scratch,worktree"`
	Repo       string   `json:"repo,omitempty" jsonschema:"absolute path of the git repository of a worktree" max:"1000"`
	MaxRuntime string   `json:"max_runtime,omitempty" jsonschema:"longest run, such as 30m" max:"40"`
	Skills     []string `json:"skills,omitempty" jsonschema:"skills its worker should load" max:"20" each:"100"`
	Model      string   `json:"model,omitempty" jsonschema:"the model its worker should use" max:"200"`
	Key        string   `json:"idempotency_key,omitempty" jsonschema:"an open task with this key is returned instead of a second one" max:"200"`
}

func (a taskArgs) task() client.TaskCreate {
	t := client.TaskCreate{
		Priority: a.Priority, Tenant: a.Tenant, Triage: a.Triage, WorkspaceKind: a.Workspace, Repo: a.Repo, MaxRuntime: a.MaxRuntime,
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
	t, err := steady(ctx, func(ctx context.Context) (client.TaskCreated, error) { return s.Client.CreateTask(ctx, s.Board, n) })
	return say(wireCreated(t), err)
}
