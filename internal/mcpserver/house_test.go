package mcpserver_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/httpapi"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/mcpserver"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store/memory"
	"github.com/andon-dev/andon/internal/workspace"
)

// house is a home in memory with the API over it.
type house struct {
	*client.Client // ann's
	t              *testing.T
	dir            string
	handler        http.Handler
	lanes          map[string]board.Lane
	children       int // that one run may create, 0 = any number
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), lanes: map[string]board.Lane{"builder": {}, "tester": {}}}
	kept := workspace.NewArtifacts(filepath.Join(h.dir, "artifacts"))
	ports := board.Ports{Work: works{kept}, Settings: func() board.Settings {
		return board.Settings{Retry: policy.Retry{MaxAttempts: 2}, Lease: 15 * time.Minute, Lanes: h.lanes, MaxChildren: h.children}
	}}
	boards := board.NewBoards(memory.NewBoards(h.dir, time.Now), func(string) board.Ports { return ports })
	h.handler = httpapi.New(httpapi.Options{
		Boards: boards, Version: "test", OpenArtifact: kept.Open, MCP: mcpserver.Handler(overHTTP),
		Identify: func(*http.Request) (kanban.Actor, error) { return kanban.Actor{Kind: kanban.Human, Name: "ann"}, nil },
		Lanes: func() []client.Lane {
			return []client.Lane{{Name: "builder", Description: "builds", Known: true}, {Name: "tester", Known: true}}
		},
		Place: func(string) func(kanban.Task) (string, string) {
			return func(t kanban.Task) (string, string) { return filepath.Join(h.dir, t.ID), "" }
		},
		Prepare: func(_ context.Context, _ string, c board.Claimed) error { return os.MkdirAll(c.Run.Workspace, 0o700) },
	})
	h.Client = h.as(client.Options{})
	return h
}

// overHTTP is what the gateway makes of a caller of /mcp.
func overHTTP(r *http.Request) mcpserver.Options {
	c := httpapi.CallerOf(r)
	return mcpserver.For(c.Actor, c.Lease, c.Client, c.Board)
}

func (h *house) as(o client.Options) *client.Client {
	return client.New(client.Handler(h.handler), "http://andon", o)
}

// works keeps artifacts on disk, as the gateway does.
type works struct{ kept *workspace.Artifacts }

func (works) Commit(context.Context, kanban.Task, kanban.Run, string) (string, error) { return "", nil }

func (works) Head(context.Context, kanban.Task, kanban.Run) (string, error) { return "", nil }

func (works) Diff(context.Context, kanban.Task, kanban.Run, string, string, bool, int) ([]byte, bool, error) {
	return nil, false, nil
}

func (w works) Keep(ctx context.Context, r kanban.Run, paths []string) ([]kanban.Artifact, error) {
	var out []kanban.Artifact
	kept, err := w.kept.Keep(ctx, r.Workspace, paths, 0)
	for _, a := range kept {
		out = append(out, kanban.Artifact{Path: a.Path, SHA256: a.SHA256, Size: a.Size, Type: a.Type})
	}
	return out, err
}

func (h *house) add(title string, parents ...string) client.Task {
	h.t.Helper()
	return must(h.CreateTask(bg, "default", client.TaskCreate{Title: title, Assignee: "builder", Parents: parents}))(h.t).Task
}

// worker is an agent that has claimed a task, and knows only its tools.
type worker struct {
	*agent
	task  string
	lease client.Lease
	place string // its workspace
}

func (h *house) claim(task string) worker {
	h.t.Helper()
	c := must(h.Claim(bg, "default", task, client.ClaimRequest{}))(h.t)
	return h.resume(task, client.Lease{Run: c.Run, Token: c.Token}, c.Workspace)
}

func (h *house) resume(task string, l client.Lease, place string) worker {
	h.t.Helper()
	o := mcpserver.Options{
		Client: h.as(client.Options{Bearer: client.Bearer("default", l)}), Board: "default", Role: mcpserver.Worker,
		Run: mcpserver.Run{Task: task, ID: l.Run, Token: l.Token}, Version: "test",
	}
	return worker{h.agent(o), task, l, place}
}

// agent is the SDK's client, connected in this process.
type agent struct {
	*mcp.ClientSession
	t *testing.T
}

func (h *house) agent(o mcpserver.Options) *agent {
	h.t.Helper()
	there, here := mcp.NewInMemoryTransports()
	server := must(mcpserver.New(o).Connect(bg, there, nil))(h.t)
	session := must(mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(bg, here, nil))(h.t)
	h.t.Cleanup(func() {
		_ = session.Close()
		_ = server.Wait() // both ends are ours: nothing can be learnt from how they end
	})
	return &agent{session, h.t}
}

// call returns the texts of an answer.
func (a *agent) call(tool string, args any) (texts []string, isError bool) {
	a.t.Helper()
	r, err := a.CallTool(bg, &mcp.CallToolParams{Name: tool, Arguments: args})
	if err != nil {
		a.t.Fatalf("%s: %v", tool, err)
	}
	for _, c := range r.Content {
		texts = append(texts, c.(*mcp.TextContent).Text)
	}
	return texts, r.IsError
}

type args = map[string]any

// does calls a tool that has to work, and returns its first answer.
func (a *agent) does(tool string, args any) map[string]any {
	a.t.Helper()
	texts, failed := a.call(tool, args)
	if failed || len(texts) == 0 {
		a.t.Fatalf("%s %v: %v", tool, args, texts)
	}
	var out map[string]any
	ok(a.t, json.Unmarshal([]byte(texts[0]), &out))
	return out
}

// refused calls a tool that has to be refused with a code, in these words.
func (a *agent) refused(code kanban.Code, tool string, args any, words ...string) mcpserver.Refusal {
	a.t.Helper()
	texts, failed := a.call(tool, args)
	var out struct{ Error mcpserver.Refusal }
	if !failed || len(texts) != 1 || json.Unmarshal([]byte(texts[0]), &out) != nil || out.Error.Code != string(code) {
		a.t.Fatalf("%s %.300v: failed %v, %.500v; want %s", tool, args, failed, texts, code)
	}
	for _, w := range words {
		if !strings.Contains(out.Error.Message+" "+out.Error.Suggestion, w) {
			a.t.Errorf("%s: %+v does not say %q", tool, out.Error, w)
		}
	}
	if out.Error.Suggestion == "" {
		a.t.Errorf("%s: %q suggests nothing", tool, out.Error.Message)
	}
	return out.Error
}

var bg = context.Background()

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		ok(t, err)
		return v
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func codeOf(err error) kanban.Code {
	var e *client.Error
	if errors.As(err, &e) {
		return kanban.Code(e.Code)
	}
	return ""
}
