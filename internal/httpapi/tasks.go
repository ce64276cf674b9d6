package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

const (
	tasksPath = "/boards/{board}/tasks"
	taskPath  = tasksPath + "/{id}"
)

func (s *server) taskRoutes() {
	route(s, http.MethodGet, tasksPath, "list-tasks", "List tasks", s.listTasks)
	route(s, http.MethodPost, tasksPath, "create-task", "Put a task on the board", s.createTask)
	route(s, http.MethodGet, boardPath+"/graph", "show-graph", "Show linked tasks as cards, with what waits for what", s.showGraph)
	route(s, http.MethodPost, boardPath+"/graphs", "create-graph", "Put tasks that wait for one another on the board, all or none", s.createGraph)
	route(s, http.MethodGet, taskPath, "show-task", "Show all there is of a task", s.showTask)
	route(s, http.MethodPatch, taskPath, "edit-task", "Change fields of a task", s.editTask)
	route(s, http.MethodDelete, taskPath, "delete-task", "Remove a task", s.deleteTask)
	route(s, http.MethodGet, taskPath+"/explain", "explain-task", "Say why a task is not running", s.explainTask)
	route(s, http.MethodGet, taskPath+"/context", "task-context", "What a worker reads first, in Markdown", s.taskContext)
	route(s, http.MethodGet, taskPath+"/comments", "list-comments", "List the remarks on a task", s.listComments)
	route(s, http.MethodPost, taskPath+"/comments", "add-comment", "Leave a remark", s.addComment)
	route(s, http.MethodPut, taskPath+"/parents/{parent}", "link-tasks", "Make a task wait for a parent", s.link)
	route(s, http.MethodDelete, taskPath+"/parents/{parent}", "unlink-tasks", "End the waiting for a parent", s.unlink)
}

type listTasksInput struct {
	BoardPath
	IDs      []string `query:"id,explode" doc:"only these; repeat it"`
	Statuses []string `query:"status,explode" doc:"only these; repeat it"`
	Assignee string   `query:"assignee"`
	Tenant   string   `query:"tenant"`
	Labels   []string `query:"label,explode" doc:"only tasks that have it; repeat it for several, all of which they must have"`
	Session  string   `query:"session"`
	Text     string   `query:"text" doc:"words, all of which stand in title or body, in any case"`
	Archived bool     `query:"archived" doc:"archived ones too"`
	Full     bool     `query:"full" doc:"with body and result"`
	Gates    bool     `query:"gates" doc:"with the reasons why they are not running"`
	Sort     string   `query:"sort" enum:"priority,created,created-desc,updated-desc,status,assignee,title" doc:"priority if absent"`
	Limit    int      `query:"limit" minimum:"1" maximum:"1000" doc:"100 if absent"`
	Cursor   string   `query:"cursor" doc:"next of the page before"`
}

func (s *server) listTasks(ctx context.Context, in *listTasksInput) (*message[client.Page[client.Task]], error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	q := store.TaskQuery{
		Assignee: strings.ToLower(in.Assignee), Tenant: in.Tenant, Session: in.Session, Text: in.Text, Archived: in.Archived, Full: in.Full,
		Sort: store.Sort(in.Sort), Limit: in.Limit, Cursor: in.Cursor,
	}
	if q.Labels, err = kanban.Labels(in.Labels); err != nil {
		return nil, err
	}
	for _, word := range in.Statuses {
		status, err := kanban.ParseStatus(word)
		if err != nil {
			return nil, err
		}
		q.Statuses = append(q.Statuses, status)
	}
	for _, start := range in.IDs {
		id, err := resolve(ctx, b, start)
		if err != nil {
			return nil, err
		}
		q.IDs = append(q.IDs, id)
	}
	seen, err := inSight(ctx, b)
	if err != nil {
		return nil, err
	}
	if q.IDs = seen.only(q.IDs); seen != nil && len(q.IDs) == 0 {
		return whole([]client.Task(nil), nil)
	}
	tasks, next, err := b.List(ctx, q, in.Gates)
	return answer(client.Page[client.Task]{Items: each(tasks, Task), Next: next}, err)
}

type createTaskInput struct {
	BoardPath
	Body client.TaskCreate
}

type createTaskReply struct {
	Status int
	Body   client.TaskCreated
}

func (s *server) createTask(ctx context.Context, in *createTaskInput) (*createTaskReply, error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	n, err := s.newTask(ctx, b, in.Body)
	if err != nil {
		return nil, err
	}
	if w := &n.Workspace; w.OfGit() && w.Repo == "" && w.Path == "" {
		w.Repo = n.Registered
	}
	made, err := b.Create(ctx, actor(ctx), n)
	if err != nil {
		return nil, err
	}
	out := &createTaskReply{Status: http.StatusOK, Body: wireCreated(made)}
	if made.Created {
		out.Status = http.StatusCreated
	}
	return out, nil
}

func (s *server) newTask(ctx context.Context, b *board.Board, w client.TaskCreate) (board.NewTask, error) {
	info, err := s.o.Boards.Info(ctx, b.Slug())
	if err != nil {
		return board.NewTask{}, err
	}
	n := board.NewTask{
		Title: w.Title, Body: w.Body, Assignee: w.Assignee, Priority: w.Priority, Tenant: w.Tenant, Labels: w.Labels,
		Workspace: kanban.Workspace{Kind: w.WorkspaceKind, Path: w.WorkspacePath, Branch: w.Branch, Repo: w.Repo},
		Key:       w.IdempotencyKey, Triage: w.Triage, Held: w.Held, NotBefore: since(w.NotBefore), MaxAttempts: w.MaxAttempts,
		Model: w.Model, SessionID: w.SessionID, OnRetry: w.OnRetry, CreatedBy: w.CreatedBy,
		Registered: info.WorkDir,
	}
	if w.Skills != nil {
		n.Skills = list(*w.Skills)
	}
	if w.Verify != nil {
		n.Verify = list(*w.Verify)
	}
	n.Reviewer, n.MaxRounds = w.Reviewer, w.MaxRounds
	if w.Tell != nil {
		at, err := s.place(client.Place{Sink: w.Tell.Sink, Target: w.Tell.Target, Thread: w.Tell.Thread})
		if err != nil {
			return n, err
		}
		n.Tell = &store.Subscription{Sink: at.Sink, Target: at.Target, Thread: at.Thread, Kinds: eventKinds(w.Tell.Kinds)}
	}
	if n.Budget, err = readBudget(w.Budget); err != nil {
		return n, err
	}
	for _, word := range w.Parents {
		start, when, err := kanban.ParseParent(word)
		if err != nil {
			return n, err
		}
		id, err := resolve(ctx, b, start)
		if err != nil {
			return n, err
		}
		n.Parents = append(n.Parents, kanban.WithWhen(id, when))
	}
	n.MaxRuntime, err = span("max_runtime", w.MaxRuntime)
	return n, err
}

// span reads a duration that a caller may leave out.
func span(what, s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, kanban.Errorf(kanban.Invalid, "%s: %s is not a duration", what, kanban.Quote(s)).Hint("for example 30s, 15m or 1h30m")
	}
	return d, nil
}

type detailsReply struct {
	ETag string `header:"ETag"`
	Body client.Details
}

// etag is the version of a task, as If-Match takes it.
func etag(t kanban.Task) string { return `"` + strconv.FormatInt(t.Version, 10) + `"` }

func (s *server) showTask(ctx context.Context, in *TaskPath) (*detailsReply, error) {
	t, err := s.target(ctx, *in)
	if err != nil {
		return nil, err
	}
	d, err := t.board.Show(ctx, t.id)
	if err != nil {
		return nil, err
	}
	return &detailsReply{etag(d.Task), wireDetails(d)}, nil
}

type editTaskInput struct {
	TaskPath
	Body client.TaskEdit
}

type editTaskReply struct {
	ETag string `header:"ETag"`
	Body client.TaskEdited
}

func (s *server) editTask(ctx context.Context, in *editTaskInput) (*editTaskReply, error) {
	t, err := s.target(ctx, in.TaskPath)
	if err != nil {
		return nil, err
	}
	edit, err := newEdit(ctx, t, in.Body)
	if err != nil {
		return nil, err
	}
	changed, err := t.board.Edit(ctx, t.by, t.id, edit)
	if err != nil {
		return nil, err
	}
	out := &editTaskReply{etag(changed), client.TaskEdited{Task: wireTask(changed)}}
	if in.Body.Reviewer != nil {
		out.Body.Warnings = t.board.ReviewerWarning(changed)
	}
	return out, nil
}

func newEdit(ctx context.Context, t target, w client.TaskEdit) (board.Edit, error) {
	e := board.Edit{
		Title: w.Title, Body: w.Body, Tenant: w.Tenant, Result: w.Result, Summary: w.Summary, Model: w.Model, OnRetry: w.OnRetry,
		Priority: w.Priority, MaxAttempts: w.MaxAttempts, Skills: w.Skills, Metadata: object(w.Metadata),
		Reviewer: w.Reviewer, MaxRounds: w.MaxRounds, Labels: w.Labels, AddLabels: w.AddLabels, DropLabels: w.DropLabels,
	}
	switch {
	case w.LaneVerify:
		e.Verify = new([][]string)
	case w.Verify != nil:
		verify := list(*w.Verify)
		e.Verify = &verify
	}
	if w.Budget != nil {
		own, err := readBudget(*w.Budget)
		if err != nil {
			return e, err
		}
		e.Budget = &own
	}
	if w.MaxRuntime != nil {
		d, err := span("max_runtime", *w.MaxRuntime)
		if err != nil {
			return e, err
		}
		e.MaxRuntime = &d
	}
	if w.WorkspaceKind == nil && w.WorkspacePath == nil && w.Branch == nil && w.Repo == nil {
		return e, nil
	}
	// What is not named of a workspace stays, unless its kind changes.
	now, err := t.board.Explain(ctx, t.id)
	if err != nil {
		return e, err
	}
	space := now.Task.Workspace
	if w.WorkspaceKind != nil && *w.WorkspaceKind != space.Kind {
		space = kanban.Workspace{Kind: *w.WorkspaceKind}
	}
	set(&space.Path, w.WorkspacePath)
	set(&space.Branch, w.Branch)
	set(&space.Repo, w.Repo)
	e.Workspace = &space
	return e, nil
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

type deleteTaskInput struct {
	TaskPath
	Stop bool `query:"stop" doc:"end a run in progress first"`
}

func (s *server) deleteTask(ctx context.Context, in *deleteTaskInput) (*message[client.Task], error) {
	t, err := s.target(ctx, in.TaskPath)
	if err != nil {
		return nil, err
	}
	gone, err := t.board.Delete(ctx, t.by, t.id, in.Stop)
	return answer(wireTask(gone), err)
}

func (s *server) explainTask(ctx context.Context, in *TaskPath) (*message[client.Task], error) {
	t, err := s.target(ctx, *in)
	if err != nil {
		return nil, err
	}
	e, err := t.board.Explain(ctx, t.id)
	w := Task(e)
	if a := actor(ctx); err == nil && a.Kind == kanban.Human && !a.Agent {
		w.Untold, err = t.board.Untold(ctx, t.id)
	}
	return answer(w, err)
}

type markdownReply struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

type contextInput struct {
	TaskPath
	Limit int `query:"limit" minimum:"1000" maximum:"10000000" doc:"bytes; all of it if absent"`
}

func (s *server) taskContext(ctx context.Context, in *contextInput) (*markdownReply, error) {
	t, err := s.target(ctx, in.TaskPath)
	if err != nil {
		return nil, err
	}
	text, err := t.board.ContextWithin(ctx, t.id, in.Limit)
	if err != nil {
		return nil, err
	}
	return &markdownReply{"text/markdown; charset=utf-8", []byte(text)}, nil
}

func (s *server) listComments(ctx context.Context, in *TaskPath) (*message[client.Page[client.Comment]], error) {
	t, err := s.target(ctx, *in)
	if err != nil {
		return nil, err
	}
	d, err := t.board.Show(ctx, t.id)
	return whole(each(d.Comments, wireComment), err)
}

type addCommentInput struct {
	TaskPath
	Body client.CommentCreate
}

func (s *server) addComment(ctx context.Context, in *addCommentInput) (*message[client.Comment], error) {
	t, err := s.target(ctx, in.TaskPath)
	if err != nil {
		return nil, err
	}
	c, err := t.board.Comment(ctx, t.by, t.id, in.Body.Body)
	return answer(wireComment(c), err)
}

// EdgePath names an edge, from a parent to the task.
type EdgePath struct {
	TaskPath
	Parent string `path:"parent" doc:"the parent's id, or a unique start of it"`
}

type linkInput struct {
	EdgePath
	When string `query:"when" enum:"success,any,failed" doc:"which end of the parent lets the task start; success if absent"`
}

func (s *server) link(ctx context.Context, in *linkInput) (*message[client.Task], error) {
	when, err := kanban.ParseWhen(in.When)
	if err != nil {
		return nil, err
	}
	return s.edge(ctx, in.EdgePath, func(t target, parent string) (kanban.Task, error) {
		return t.board.Link(ctx, t.by, parent, t.id, when)
	})
}

func (s *server) unlink(ctx context.Context, in *EdgePath) (*message[client.Task], error) {
	return s.edge(ctx, *in, func(t target, parent string) (kanban.Task, error) {
		return t.board.Unlink(ctx, t.by, parent, t.id)
	})
}

func (s *server) edge(ctx context.Context, in EdgePath, change func(t target, parent string) (kanban.Task, error)) (*message[client.Task], error) {
	t, err := s.target(ctx, in.TaskPath)
	if err != nil {
		return nil, err
	}
	parent, err := resolve(ctx, t.board, in.Parent)
	if err != nil {
		return nil, err
	}
	child, err := change(t, parent)
	return answer(wireTask(child), err)
}
