package mcpserver

import (
	"context"
	"slices"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

// orchestratorTools are those of an agent that plans.
var orchestratorTools = []Tool{
	tool(Tool{
		Name: "lanes", Title: "List who can work", ReadOnly: true, Again: true,
		Description: "List the lanes, which are the kinds of worker that tasks can be assigned to, with how much is queued and running in each.",
		Example:     `{}`,
	}, lanes),
	tool(Tool{
		Name: "list", Title: "List tasks", ReadOnly: true, Again: true,
		Description: "List tasks, the most urgent first, a page at a time: pass next as cursor for the following page. Archived ones are left out.",
		Example:     `{"status":["blocked","review"],"limit":20}`,
	}, listTasks),
	tool(Tool{
		Name: "search", Title: "Search tasks", ReadOnly: true, Again: true,
		Description: "Find tasks whose title or body has all of these words, done and archived ones included, the newest first.",
		Example:     `{"text":"login test"}`,
	}, search),
	tool(Tool{
		Name: "show", Title: "Show a task", ReadOnly: true, Again: true,
		Description: "Read one task: brief (the default) has its text, last run, newest comments and what keeps it from running; full has all runs and comments.",
		Example:     `{"task":"t_1f3a9c20","detail":"brief"}`,
	}, show),
	tool(Tool{
		Name: "explain", Title: "Say why a task is not running", ReadOnly: true, Again: true,
		Description: "Name every gate that keeps a task from running, since when, and what opens it.",
		Example:     `{"task":"t_1f3a9c20"}`,
	}, explain),
	tool(Tool{
		Name: "create", Title: "Create a task",
		Description: "Put one task on the board. It starts as soon as its parents are done and its lane has room.",
		Example:     `{"title":"Fix the login test","assignee":"builder","body":"TestLogin/expired fails one time in ten. Done when 100 runs pass."}`,
	}, create),
	tool(Tool{
		Name: "create_graph", Title: "Create a plan",
		Description: "Put several tasks that wait for one another on the board, all or none. Parents are keys of tasks in this call, or ids of tasks on the board. " +
			"Only name a parent whose result the task needs; the rest runs at the same time.",
		Example: `{"tasks":[{"key":"api","title":"Write the API","assignee":"builder"},{"key":"docs","title":"Document it","assignee":"writer","parents":["api"]}]}`,
	}, createGraph),
	tool(Tool{
		Name: "comment", Title: "Leave a remark",
		Description: "Comment on a task. Its next worker reads it.",
		Example:     `{"task":"t_1f3a9c20","body":"The staging key is in the vault under ci/."}`,
	}, comment),
	tool(Tool{
		Name: "link", Title: "Make a task wait for another", Again: true,
		Description: "Make child wait until parent is done. A child that is ready goes back to waiting; one that runs goes on.",
		Example:     `{"parent":"t_1f3a9c20","child":"t_77d0be11"}`,
	}, link),
	tool(Tool{
		Name: "reassign", Title: "Give a task to another lane", Again: true,
		Description: "Give a task to another lane. With reclaim a run in progress ends first, without cost. What verifies and who reviews it goes along. A task that failed too often stays blocked: that is your user's to open.",
		Example:     `{"task":"t_1f3a9c20","assignee":"tester","reason":"it needs a browser"}`,
	}, reassign),
	tool(Tool{
		Name: "wait", Title: "Wait for tasks", ReadOnly: true, Again: true,
		Description: "Wait until tasks have ended or need somebody (done, review, blocked, archived), or one of the statuses in for. Returns at once when it holds, " +
			"else when the time is over, with how they stand; then call it again.",
		Example: `{"tasks":["t_1f3a9c20","t_77d0be11"],"timeout_seconds":45}`,
	}, wait),
	tool(Tool{
		Name: "unblock", Title: "Let a task run again",
		Description: "Let a task run again that is blocked because something outside was down or other work was missing. What waits for a human, a breaker or a budget is your user's to open.",
		Example:     `{"task":"t_1f3a9c20","comment":"The registry is back."}`,
	}, unblock),
	tool(Tool{
		Name: "artifacts", Title: "Read what runs left", ReadOnly: true, Again: true,
		Description: "List the files that runs of a task handed on, or read one of them by its sha256.",
		Example:     `{"task":"t_1f3a9c20"}`,
	}, artifacts),
}

type lanesArgs struct{}

// lane is a kind of worker as an answer shows it.
type lane struct {
	Name        string         `json:"name"`
	Description string         `json:"description,omitempty"`
	Unknown     bool           `json:"unknown,omitempty"` // tasks name it, andon.yaml does not: nothing of it starts
	Running     int            `json:"running"`
	MaxParallel int            `json:"max_parallel,omitempty"`
	Tasks       map[string]int `json:"tasks,omitempty"` // by status
	Paused      string         `json:"paused,omitempty"`
}

func lanes(ctx context.Context, s *session, _ lanesArgs) (answer, error) {
	all, err := steady(ctx, func(ctx context.Context) ([]client.Lane, error) { return s.Client.Lanes(ctx, s.Board) })
	if err != nil {
		return nil, err
	}
	items := []lane{}
	for _, l := range all {
		one := lane{Name: l.Name, Description: cut(l.Description, 400), Unknown: !l.Known, Running: l.Running, MaxParallel: l.MaxParallel, Tasks: l.Counts}
		for _, h := range l.Holds {
			one.Paused = orElse(h.Reason, h.Kind)
		}
		items = append(items, one)
	}
	return say(map[string]any{"items": items}, nil)
}

type listArgs struct {
	Status   []string `json:"status,omitempty" jsonschema:"only these: triage, todo, scheduled, ready, running, blocked, review, done" max:"9" each:"20"`
	Assignee string   `json:"assignee,omitempty" jsonschema:"only this lane" max:"64"`
	Tenant   string   `json:"tenant,omitempty" jsonschema:"only on behalf of this one" max:"200"`
	Labels   []string `json:"labels,omitempty" jsonschema:"only with all of these" max:"20" each:"50"`
	Sort     string   `json:"sort,omitempty" jsonschema:"priority if absent" enum:"priority,created,created-desc,updated-desc"`
	pageArgs
}

type pageArgs struct {
	Limit  int    `json:"limit,omitempty" jsonschema:"entries of a page; 50 if absent" min:"1" max:"200"`
	Cursor string `json:"cursor,omitempty" jsonschema:"next of the page before" max:"500"`
}

type searchArgs struct {
	Text string `json:"text" jsonschema:"words, in any case" min:"1" max:"500"`
	pageArgs
}

func listTasks(ctx context.Context, s *session, a listArgs) (answer, error) {
	return s.page(ctx, client.TaskQuery{Statuses: a.Status, Assignee: a.Assignee, Tenant: a.Tenant, Labels: a.Labels, Sort: a.Sort, Gates: true}, a.pageArgs)
}

func search(ctx context.Context, s *session, a searchArgs) (answer, error) {
	return s.page(ctx, client.TaskQuery{Text: a.Text, Archived: true, Sort: "created-desc"}, a.pageArgs)
}

// entry is a task in a list.
type entry struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Status   string `json:"status"`
	Assignee string `json:"assignee,omitempty"`
	Priority int    `json:"priority,omitempty"`
	Waits    string `json:"waits,omitempty"` // the first gate, in words
}

func entryOf(t client.Task) entry {
	e := entry{ID: t.ID, Title: cut(t.Title, 120), Status: t.Status, Assignee: t.Assignee, Priority: t.Priority}
	if len(t.Gates) > 0 {
		e.Waits = cut(t.Gates[0].Reason, 160)
	}
	return e
}

func (s *session) page(ctx context.Context, q client.TaskQuery, p pageArgs) (answer, error) {
	q.Limit, q.Cursor = p.Limit, p.Cursor
	if q.Limit == 0 {
		q.Limit = 50
	}
	page, err := steady(ctx, func(ctx context.Context) (client.Page[client.Task], error) { return s.Client.Tasks(ctx, s.Board, q) })
	items := []entry{}
	for _, t := range page.Items {
		items = append(items, entryOf(t))
	}
	return say(map[string]any{"items": items, "next": page.Next}, err)
}

type taskOnly struct {
	Task string `json:"task" jsonschema:"id of the task" min:"1" max:"40"`
}

func explain(ctx context.Context, s *session, a taskOnly) (answer, error) {
	t, err := steady(ctx, func(ctx context.Context) (client.Task, error) { return s.Client.Explain(ctx, s.Board, a.Task) })
	return say(struct {
		entry
		Waits string `json:"waits,omitempty"` // hides the entry's: gates say more
		Gates []gate `json:"gates"`
	}{entry: entryOf(t), Gates: append([]gate{}, gates(t)...)}, err)
}

type graphArgs struct {
	Tasks []nodeArgs `json:"tasks" jsonschema:"in any order" min:"1" max:"200"`
}

type nodeArgs struct {
	Key string `json:"key" jsonschema:"a short name by which others name it as parent" min:"1" max:"100"`
	createArgs
}

func createGraph(ctx context.Context, s *session, a graphArgs) (answer, error) {
	var g client.GraphCreate
	for _, n := range a.Tasks {
		t := n.task()
		t.Title, t.Body, t.Assignee, t.Parents = n.Title, n.Body, n.Assignee, n.Parents
		g.Tasks = append(g.Tasks, client.GraphTask{Key: n.Key, TaskCreate: t})
	}
	made, err := steady(ctx, func(ctx context.Context) ([]client.TaskCreated, error) { return s.Client.CreateGraph(ctx, s.Board, g) })
	if err != nil {
		return nil, err
	}
	out := map[string]created{}
	for i, t := range made {
		out[a.Tasks[i].Key] = wireCreated(t)
	}
	return say(map[string]any{"tasks": out}, nil)
}

type reassignArgs struct {
	taskOnly
	Assignee string `json:"assignee" jsonschema:"the lane" min:"1" max:"64"`
	Reclaim  bool   `json:"reclaim,omitempty" jsonschema:"true: end a run in progress first"`
	Reason   string `json:"reason,omitempty" jsonschema:"why, for the record" max:"1000"`
}

func reassign(ctx context.Context, s *session, a reassignArgs) (answer, error) {
	t, err := steady(ctx, func(ctx context.Context) (client.TaskCreated, error) {
		return s.Client.Assign(ctx, s.Board, a.Task, client.AssignRequest{Assignee: a.Assignee, Reclaim: a.Reclaim, Reason: a.Reason})
	})
	return say(map[string]any{
		"task": t.ID, "status": t.Status, "assignee": t.Assignee, "warnings": append([]string{}, t.Warnings...),
		"verified_by": append([][]string{}, t.VerifiedBy...), "reviewed_by": t.ReviewedBy,
	}, err)
}

type unblockArgs struct {
	taskOnly
	Comment string `json:"comment,omitempty" jsonschema:"for the next worker" max:"16000"`
}

func unblock(ctx context.Context, s *session, a unblockArgs) (answer, error) {
	t, err := steady(ctx, func(ctx context.Context) (client.Task, error) {
		return s.Client.Unblock(ctx, s.Board, a.Task, a.Comment)
	})
	return say(map[string]any{"task": t.ID, "status": t.Status}, err)
}

type waitArgs struct {
	Tasks   []string `json:"tasks" jsonschema:"ids" min:"1" max:"100" each:"40"`
	For     []string `json:"for,omitempty" jsonschema:"statuses, one of which is waited for; absent: done, review, blocked or archived" max:"9" each:"20"`
	Any     bool     `json:"any,omitempty" jsonschema:"true: one of the tasks is enough"`
	Timeout int      `json:"timeout_seconds,omitempty" jsonschema:"30 if absent" min:"1" max:"50"`
}

// wait looks after every commit on the board, and not otherwise. The cursor is
// read before the statuses, so that no change falls between the two.
func wait(ctx context.Context, s *session, a waitArgs) (answer, error) {
	if a.Timeout == 0 {
		a.Timeout = 30
	}
	if len(a.For) == 0 {
		a.For = []string{string(kanban.Done), string(kanban.Review), string(kanban.Blocked), string(kanban.Archived)}
	}
	for _, status := range a.For {
		if !slices.Contains(kanban.Statuses, kanban.Status(status)) {
			return nil, kanban.Errorf(kanban.Invalid, "unknown status %s", kanban.Quote(status)).Hint("one of %v", kanban.Statuses)
		}
	}
	limit := time.Now().Add(time.Duration(a.Timeout) * time.Second)
	q := client.EventQuery{Last: true, Limit: 1}
	for {
		page, err := steady(ctx, func(ctx context.Context) (client.Page[client.Event], error) { return s.Client.Events(ctx, s.Board, q) })
		if err != nil {
			return nil, err
		}
		if n := len(page.Items); n > 0 {
			q.After = page.Items[n-1].ID
		}
		tasks, there, err := s.stand(ctx, a)
		if err != nil {
			return nil, err
		}
		left := time.Until(limit)
		if there || left <= 0 {
			return say(map[string]any{"reached": there, "tasks": tasks}, nil)
		}
		q.Last, q.Limit, q.Wait = false, 0, min(left, 20*time.Second)
	}
}

// stand tells how tasks stand, and whether that is what is waited for.
func (s *session) stand(ctx context.Context, a waitArgs) (tasks []entry, there bool, err error) {
	q := client.TaskQuery{IDs: a.Tasks, Archived: true, Gates: true, Limit: len(a.Tasks)}
	page, err := steady(ctx, func(ctx context.Context) (client.Page[client.Task], error) { return s.Client.Tasks(ctx, s.Board, q) })
	if err != nil {
		return nil, false, err
	}
	reached := 0
	for _, t := range page.Items {
		tasks = append(tasks, entryOf(t))
		if slices.Contains(a.For, t.Status) {
			reached++
		}
	}
	if len(tasks) < len(slices.Compact(slices.Sorted(slices.Values(a.Tasks)))) {
		return nil, false, kanban.Errorf(kanban.NotFound, "of %d tasks only %d are there", len(a.Tasks), len(tasks)).Hint("give whole ids, as create returned them")
	}
	return tasks, reached == len(tasks) || a.Any && reached > 0, nil
}
