package mcpserver

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

// workerTools are those of one run. Their limits are the API's, or tighter.
var workerTools = []Tool{
	tool(Tool{
		Name: "show", Title: "Show a task", ReadOnly: true, Again: true,
		Description: "Read your assignment, or one task you may see: your own, its parents, and what your task created. " +
			"brief (the default) of your own task is all you need to begin; full has every comment, run and link as JSON.",
		Example: `{"detail":"brief"}`,
	}, showOwn),
	tool(Tool{
		Name: "heartbeat", Title: "Say that you are alive",
		Description: "Extend your lease during long work, with a note on what you are at. People see the note.",
		Example:     `{"note":"12 of 40 files migrated, tests green"}`,
	}, heartbeat),
	tool(Tool{
		Name: "complete", Title: "Complete your task",
		Description: "End your run: the task is done, and tasks that wait for it start with your summary, metadata and artifacts. Never complete unfinished work. Call it once, last.",
		Example:     `{"summary":"Login test fixed: the clock was mocked in the wrong package.","metadata":{"changed_files":["auth/login_test.go"],"tests_passed":12},"artifacts":["report.md"]}`,
	}, complete),
	tool(Tool{
		Name: "review", Title: "Ask for a review",
		Description: "End your run: the work is done, and somebody is to look at it before it counts. Call it once, last.",
		Example:     `{"summary":"Rate limiter in place, 14 tests. Please look at the choice of window.","artifacts":["diff.patch"]}`,
	}, review),
	tool(Tool{
		Name: "block", Title: "Ask a human",
		Description: "End your run because a human must decide or help. Ask one question that can be answered from what you write here; give options if there are some. " +
			"The answer comes with your next run. Call it once, last.",
		Example: `{"kind":"needs_input","question":"Which database should the service use?","options":["SQLite, no server to run","PostgreSQL, as the billing service does"]}`,
	}, block),
	tool(Tool{
		Name: "verdict", Title: "Judge what you review",
		Description: "Only if your task is the review of another: approve what was handed in, or request changes, which its next run reads. Then complete your own task.",
		Example:     `{"verdict":"request_changes","comment":"TestLimits misses the empty list; api/limits.go:40 ignores the error."}`,
	}, verdict),
	tool(Tool{
		Name: "comment", Title: "Leave a remark",
		Description: "Comment on your task, one of its parents, or a task that yours created. The next worker on it reads it.",
		Example:     `{"body":"The flaky test is TestLogin/expired; it fails one time in ten."}`,
	}, comment),
	tool(Tool{
		Name: "create", Title: "Create a task",
		Description: "Put a follow-up task on the board for a lane. It starts at once, or when its parents are done; name your own task as parent to have it start after you. " +
			"List the ids you get in created when you complete.",
		Example: `{"title":"Document the rate limiter","assignee":"writer","body":"Endpoints are in api/limits.go.","parents":["t_1f3a9c20"]}`,
	}, create),
	tool(Tool{
		Name: "link", Title: "Make a task wait for another", Again: true,
		Description: "Make a task that yours created wait for another one that you may see.",
		Example:     `{"parent":"t_1f3a9c20","child":"t_77d0be11"}`,
	}, link),
	tool(Tool{
		Name: "artifacts", Title: "Read what runs left", ReadOnly: true, Again: true,
		Description: "List the files that runs of a task handed on, or read one of them by its sha256. Default is your own task; name a parent to get what it left for you.",
		Example:     `{"task":"t_1f3a9c20"}`,
	}, artifacts),
}

type showArgs struct {
	Task   string `json:"task,omitempty" jsonschema:"id of the task; your own if absent" max:"40"`
	Detail string `json:"detail,omitempty" jsonschema:"brief (default) or full" enum:"brief,full"`
}

// showOwn is show for a worker: of its own task it gives the context that every
// worker reads first.
func showOwn(ctx context.Context, s *session, a showArgs) (answer, error) {
	if a.Detail == "full" || a.Task != "" && a.Task != s.Run.Task {
		return show(ctx, s, a)
	}
	d, err := steady(ctx, func(ctx context.Context) (client.Details, error) { return s.Client.Task(ctx, s.Board, s.Run.Task) })
	if err != nil {
		return nil, err
	}
	text, err := steady(ctx, func(ctx context.Context) (string, error) {
		return s.Client.ContextWithin(ctx, s.Board, s.Run.Task, briefLimit)
	})
	if err != nil {
		return nil, err
	}
	children, err := s.children(ctx, d)
	left := map[string]int{}
	return answer{compact(assignment{
		Task: d.ID, Status: d.Status, Run: s.Run.ID, Current: d.CurrentRun == s.Run.ID, LeaseEnds: d.LeaseEnds,
		Children: newest(children, ownChildren, "children", left), Omitted: left["children"],
	}), text}, err
}

// assignment is what show tells of the own task beside the context.
type assignment struct {
	Task      string     `json:"task"`
	Status    string     `json:"status"`
	Run       int64      `json:"run"`
	Current   bool       `json:"current"` // false: the run is not the task's any more
	LeaseEnds *time.Time `json:"lease_ends,omitempty"`
	Children  []child    `json:"children,omitempty"`
	Omitted   int        `json:"children_omitted,omitempty"`
}

const ownChildren = 30 // that show tells beside the context

type heartbeatArgs struct {
	Note string `json:"note,omitempty" jsonschema:"progress in a sentence; leave it out if there is none" max:"1000"`
}

func heartbeat(ctx context.Context, s *session, a heartbeatArgs) (answer, error) {
	return say(steady(ctx, func(ctx context.Context) (map[string]any, error) {
		r, err := s.Client.Heartbeat(ctx, s.Board, s.Run.Task, client.HeartbeatRequest{Lease: s.Run.lease(), Note: a.Note})
		return map[string]any{"task": s.Run.Task, "lease_ends": r.ExpiresAt}, err
	}))
}

type completeArgs struct {
	Summary   string         `json:"summary" jsonschema:"what was done, in one to three sentences for whoever continues" min:"1" max:"32000"`
	Metadata  map[string]any `json:"metadata,omitempty" jsonschema:"facts for programs, such as changed_files, tests_passed, findings; no secrets; at most 64 KiB"`
	Artifacts []string       `json:"artifacts,omitempty" jsonschema:"files to keep and hand on: paths relative to your workspace" max:"100" each:"1000"`
	Created   []string       `json:"created,omitempty" jsonschema:"ids of tasks that this run created, as create returned them" max:"200" each:"40"`
}

func complete(ctx context.Context, s *session, a completeArgs) (answer, error) {
	h, err := a.handoff(s)
	if err != nil {
		return nil, err
	}
	return s.end(ctx, a.ending("done", h), func(ctx context.Context) (client.Task, error) {
		return s.Client.Complete(ctx, s.Board, s.Run.Task, h)
	})
}

func review(ctx context.Context, s *session, a completeArgs) (answer, error) {
	h, err := a.handoff(s)
	if err != nil {
		return nil, err
	}
	return s.end(ctx, a.ending("review", h), func(ctx context.Context) (client.Task, error) {
		return s.Client.Review(ctx, s.Board, s.Run.Task, h)
	})
}

func (a completeArgs) handoff(s *session) (client.Handoff, error) {
	raw, err := rawObject(a.Metadata)
	return client.Handoff{Lease: s.Run.lease(), Summary: a.Summary, Metadata: raw, Artifacts: a.Artifacts, Created: a.Created}, err
}

func (a completeArgs) ending(status string, h client.Handoff) Ending {
	return Ending{Status: status, Summary: a.Summary, Metadata: h.Metadata, Artifacts: a.Artifacts, Created: a.Created}
}

func rawObject(m map[string]any) (json.RawMessage, error) {
	if len(m) == 0 {
		return nil, nil
	}
	return json.Marshal(m)
}

type blockArgs struct {
	Question  string         `json:"question" jsonschema:"what you need, in words that can be answered without reading anything else" min:"1" max:"3000"`
	Kind      string         `json:"kind,omitempty" jsonschema:"needs_input (default): a decision or fact; capability: you lack access or a tool; transient: something outside is down; dependency: other work is missing" enum:"needs_input,capability,transient,dependency"`
	Options   []string       `json:"options,omitempty" jsonschema:"answers to choose from" max:"8" each:"100"`
	Metadata  map[string]any `json:"metadata,omitempty" jsonschema:"facts for your next run; at most 64 KiB"`
	Artifacts []string       `json:"artifacts,omitempty" jsonschema:"files to keep: paths relative to your workspace" max:"100" each:"1000"`
}

func block(ctx context.Context, s *session, a blockArgs) (answer, error) {
	reason := a.Question
	if len(a.Options) > 0 {
		if a.Metadata == nil {
			a.Metadata = map[string]any{}
		}
		a.Metadata["options"] = a.Options // for surfaces that show buttons
		for i, o := range a.Options {
			reason += fmt.Sprintf(" %d) %s", i+1, o) // most places show a line of it
		}
	}
	raw, err := rawObject(a.Metadata)
	if err != nil {
		return nil, err
	}
	kind := orElse(a.Kind, string(kanban.NeedsInput))
	e := Ending{Status: "blocked", Reason: reason, Kind: kind, Metadata: raw, Artifacts: a.Artifacts}
	return s.end(ctx, e, func(ctx context.Context) (client.Task, error) {
		return s.Client.Block(ctx, s.Board, s.Run.Task, client.BlockRequest{
			Lease: s.Run.lease(), Reason: reason, Kind: kind, Metadata: raw, Artifacts: a.Artifacts,
		})
	})
}

// ended is the answer to what ends a run.
type ended struct {
	Task   string `json:"task"`
	Status string `json:"status,omitempty"`
	Queued bool   `json:"queued,omitempty"`
	Note   string `json:"note"`
}

func (s *session) end(ctx context.Context, e Ending, do func(context.Context) (client.Task, error)) (answer, error) {
	deliver := s.Deliver
	if deliver == nil {
		deliver = func(ctx context.Context, _ Ending, do func(context.Context) (client.Task, error)) (client.Task, string, error) {
			t, err := steady(ctx, do)
			return t, "", err
		}
	}
	t, queued, err := deliver(ctx, e, do)
	switch {
	case err != nil:
		return nil, err
	case queued != "":
		return say(ended{Task: s.Run.Task, Queued: true, Note: "the gateway is away and takes this in when your process ends: stop here"}, nil)
	case t.CurrentRun == s.Run.ID && t.CurrentRun != 0:
		return say(ended{Task: t.ID, Status: t.Status, Note: "accepted for now, and still to be verified: stop here"}, nil)
	}
	return say(ended{Task: t.ID, Status: t.Status, Note: "your run is over: stop here"}, nil)
}

type verdictArgs struct {
	Verdict string `json:"verdict" jsonschema:"what you found" enum:"approve,request_changes"`
	Comment string `json:"comment,omitempty" jsonschema:"your findings, each with its place; required to request changes" max:"16000"`
}

func verdict(ctx context.Context, s *session, a verdictArgs) (answer, error) {
	own, err := steady(ctx, func(ctx context.Context) (client.Task, error) { return s.Client.Explain(ctx, s.Board, s.Run.Task) })
	if err != nil {
		return nil, err
	}
	if own.Reviews == "" {
		return nil, kanban.Errorf(kanban.Conflict, "%s is not the review of another task", own.ID).In(kanban.Status(own.Status)).
			Hint("say what you think with comment, or complete your own task")
	}
	t, err := steady(ctx, func(ctx context.Context) (client.Task, error) {
		if a.Verdict == "approve" {
			return s.Client.Approve(ctx, s.Board, own.Reviews, a.Comment)
		}
		return s.Client.Reject(ctx, s.Board, own.Reviews, a.Comment)
	})
	return say(map[string]any{"task": own.Reviews, "status": t.Status, "note": "now complete your own task"}, err)
}

type commentArgs struct {
	Body string `json:"body" jsonschema:"the remark" min:"1" max:"16000"`
	Task string `json:"task,omitempty" jsonschema:"id of the task; your own if absent" max:"40"`
}

func comment(ctx context.Context, s *session, a commentArgs) (answer, error) {
	id, err := s.named(a.Task)
	if err != nil {
		return nil, err
	}
	c, err := steady(ctx, func(ctx context.Context) (client.Comment, error) {
		return s.Client.AddComment(ctx, s.Board, id, a.Body)
	})
	return say(map[string]any{"task": c.Task, "comment": c.ID}, err)
}

type linkArgs struct {
	Parent string `json:"parent" jsonschema:"id of the task that is to be done first" min:"1" max:"40"`
	Child  string `json:"child" jsonschema:"id of the task that waits" min:"1" max:"40"`
}

func link(ctx context.Context, s *session, a linkArgs) (answer, error) {
	t, err := steady(ctx, func(ctx context.Context) (client.Task, error) { return s.Client.Link(ctx, s.Board, a.Parent, a.Child) })
	return say(map[string]any{"parent": a.Parent, "child": t.ID, "status": t.Status}, err)
}

// named is the task that was named, or a worker's own.
func (s *session) named(id string) (string, error) {
	if id = orElse(id, s.Run.Task); id == "" {
		return "", kanban.Errorf(kanban.Invalid, "no task was named").Hint("give its id as task")
	}
	return id, nil
}

func orElse(s, other string) string {
	if s = strings.TrimSpace(s); s != "" {
		return s
	}
	return other
}
