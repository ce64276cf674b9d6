package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/andon-dev/andon/client"
)

// agentTools measures how long an agent waits for its tools, through andon mcp
// on stdio and a gateway, and how large the answers are. Beside it stands the
// same call of the API.
func agentTools(ctx context.Context, b *bench) ([]Figure, error) {
	s := &agents{andon: b.andon, home: filepath.Join(b.dir, "mcp"), calls: 300}
	if b.quick {
		s.calls = 50
	}
	if err := os.MkdirAll(filepath.Join(s.home, "andon"), 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(s.home, "andon", "andon.yaml"), []byte("dispatch: {max_children: 0, max_parallel: 0}\n"), 0o600); err != nil {
		return nil, err
	}
	var err error
	if s.daemon, err = b.startGateway(ctx, s.home); err != nil {
		return nil, err
	}
	var all []Figure
	for _, part := range []func(context.Context) ([]Figure, error){s.latencies, s.endings, s.manyAtOnce, s.sizes} {
		figures, err := part(ctx)
		if err != nil {
			_ = s.stop() // the first error counts
			return nil, err
		}
		all = append(all, figures...)
	}
	return all, s.stop()
}

type agents struct {
	*daemon
	andon, home string
	calls       int // of each tool
}

// agent is one session of a worker.
type agent struct {
	*mcp.ClientSession
	task  string
	lease client.Lease
}

func (s *agents) start(ctx context.Context, task string) (*agent, error) {
	c, err := s.Claim(ctx, "default", task, client.ClaimRequest{})
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, s.andon, "mcp")
	cmd.Env = append(os.Environ(), "ANDON_SERVER="+s.server, "ANDON_BOARD=default", "ANDON_TASK="+task,
		fmt.Sprintf("ANDON_RUN_ID=%d", c.Run), "ANDON_TOKEN="+c.Token)
	session, err := mcp.NewClient(&mcp.Implementation{Name: "bench", Version: "1"}, nil).Connect(ctx, &mcp.CommandTransport{Command: cmd}, nil)
	return &agent{session, task, client.Lease{Run: c.Run, Token: c.Token}}, err
}

func (s *agents) add(ctx context.Context, title string, parents ...string) (string, error) {
	t, err := s.CreateTask(ctx, "default", client.TaskCreate{Title: title, Assignee: waiting, Parents: parents})
	return t.ID, err
}

// fresh is a session on a new task.
func (s *agents) fresh(ctx context.Context) (*agent, error) {
	task, err := s.add(ctx, "a task")
	if err != nil {
		return nil, err
	}
	return s.start(ctx, task)
}

// call returns how many bytes of text came back.
func (a *agent) call(ctx context.Context, tool, args string) (int, error) {
	r, err := a.CallTool(ctx, &mcp.CallToolParams{Name: tool, Arguments: json.RawMessage(args)})
	if err != nil {
		return 0, err
	}
	size := 0
	for _, c := range r.Content {
		text := c.(*mcp.TextContent).Text
		if size += len(text); r.IsError {
			return 0, fmt.Errorf("%s: %s", tool, text)
		}
	}
	return size, nil
}

func (s *agents) latencies(ctx context.Context) ([]Figure, error) {
	a, err := s.fresh(ctx)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	tools := []struct{ name, args string }{
		{"show", `{}`},
		{"heartbeat", `{}`},
		{"heartbeat with a note", `{"note":"on it"}`},
		{"comment", `{"body":"hello"}`},
		{"create", `{"title":"child"}`},
		{"artifacts", `{}`},
	}
	took := make([]times, len(tools))
	var plain times
	for range s.calls {
		for i, t := range tools {
			name, _, _ := strings.Cut(t.name, " ")
			begun := time.Now()
			if _, err := a.call(ctx, name, t.args); err != nil {
				return nil, err
			}
			took[i] = append(took[i], time.Since(begun))
		}
		begun := time.Now()
		if _, err := s.Heartbeat(ctx, "default", a.task, client.HeartbeatRequest{Lease: a.lease}); err != nil {
			return nil, err
		}
		plain = append(plain, time.Since(begun))
	}
	var figures []Figure
	for i, t := range tools {
		for _, p := range []int{50, 99} {
			f := Figure{Name: fmt.Sprintf("mcp %s, p%d", t.name, p), Value: took[i].percentile(p), Unit: "ms"}
			if t.name == "heartbeat" {
				f = f.beside("the API alone", plain.percentile(p))
			}
			figures = append(figures, f)
		}
	}
	return figures, nil
}

// endings are sessions from their start to complete.
func (s *agents) endings(ctx context.Context) ([]Figure, error) {
	var begin, end times
	for range max(s.calls/10, 20) {
		begun := time.Now()
		a, err := s.fresh(ctx)
		if err != nil {
			return nil, err
		}
		begin = append(begin, time.Since(begun))
		begun = time.Now()
		if _, err := a.call(ctx, "complete", `{"summary":"done"}`); err != nil {
			return nil, err
		}
		end = append(end, time.Since(begun))
		if err := a.Close(); err != nil {
			return nil, err
		}
	}
	return []Figure{
		{Name: "mcp, create, claim and start of andon mcp, p50", Value: begin.percentile(50), Unit: "ms"},
		{Name: "mcp complete, p50", Value: end.percentile(50), Unit: "ms"},
		{Name: "mcp complete, p99", Value: end.percentile(99), Unit: "ms"},
	}, nil
}

func (s *agents) manyAtOnce(ctx context.Context) ([]Figure, error) {
	const sessions = 8
	agents := make([]*agent, sessions)
	for i := range agents {
		var err error
		if agents[i], err = s.fresh(ctx); err != nil {
			return nil, err
		}
		defer agents[i].Close()
	}
	rate := func(tool, args string) (Figure, error) {
		begun := time.Now()
		err := together(sessions, sessions, func(i int) error {
			for range s.calls {
				if _, err := agents[i].call(ctx, tool, args); err != nil {
					return err
				}
			}
			return nil
		})
		return Figure{Name: fmt.Sprintf("mcp %s, %d agents at once", tool, sessions), Value: float64(sessions*s.calls) / time.Since(begun).Seconds(), Unit: "calls/s"}, err
	}
	reads, err := rate("show", `{}`)
	if err != nil {
		return nil, err
	}
	writes, err := rate("heartbeat", `{"note":"on it"}`)
	return []Figure{reads, writes}, err
}

// sizes are the answers about a task with 50 parents, 200 comments and 20 runs,
// with texts of a usual length.
func (s *agents) sizes(ctx context.Context) ([]Figure, error) {
	text := strings.Repeat("What was done, in words that somebody might use. ", 20)
	var parents []string
	for range 50 {
		id, err := s.add(ctx, "a parent with a title")
		if err != nil {
			return nil, err
		}
		h := client.Handoff{Summary: text, Metadata: json.RawMessage(`{"changed_files":["a.go","b.go"],"tests_passed":12}`)}
		if _, err := s.Complete(ctx, "default", id, h); err != nil {
			return nil, err
		}
		parents = append(parents, id)
	}
	task, err := s.add(ctx, "a task that many had to do with", parents...)
	for i := 0; i < 200 && err == nil; i++ {
		_, err = s.AddComment(ctx, "default", task, text[:500])
	}
	for i := 0; i < 19 && err == nil; i++ {
		if _, err = s.Claim(ctx, "default", task, client.ClaimRequest{}); err == nil {
			_, err = s.Block(ctx, "default", task, client.BlockRequest{Reason: text})
		}
		if err == nil {
			_, err = s.Unblock(ctx, "default", task, "")
		}
	}
	if err != nil {
		return nil, err
	}
	a, err := s.start(ctx, task)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	details, err := s.Task(ctx, "default", task)
	if err != nil {
		return nil, err
	}
	whole, err := json.Marshal(details)
	if err != nil {
		return nil, err
	}
	var figures []Figure
	for _, detail := range []string{"brief", "full"} {
		size, err := a.call(ctx, "show", fmt.Sprintf(`{"detail":%q}`, detail))
		if err != nil {
			return nil, err
		}
		figures = append(figures, Figure{Name: "mcp show " + detail + ", 50 parents, 200 comments, 20 runs", Value: float64(size) / 1000, Unit: "kB"}.
			beside("the API's answer", float64(len(whole))/1000))
	}
	listed, err := a.ListTools(ctx, nil)
	if err != nil {
		return nil, err
	}
	tools, err := json.Marshal(listed.Tools)
	return append(figures, Figure{Name: "mcp, the list of a worker's tools", Value: float64(len(tools)) / 1000, Unit: "kB"}), err
}
