package demo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/standin"
	"github.com/andon-dev/andon/internal/worker/preset"
)

// agentsStory is what the agents of the demo do: real Claude Code, whose model is
// a script of this program on the loopback.
type agentsStory struct {
	*place
	n     *narrator
	names map[string]string // task id -> name
}

// rest is how long the account rests in the story.
const rest = 4 * time.Second

// tellAgents lets real agents work without an account.
func tellAgents(ctx context.Context, p *place, n *narrator) (err error) {
	s := &agentsStory{place: p, n: n, names: map[string]string{}}
	for _, t := range []struct{ name, title string }{
		{"write", "Write greet.sh"},
		{"ask", "Choose a licence"},
		{"limit", "Write the changelog"},
	} {
		made, err := p.client.CreateTask(ctx, kanban.DefaultBoard, client.TaskCreate{
			Title: t.title, Assignee: "claude", WorkspaceKind: kanban.Worktree, Repo: p.repo,
		})
		if err != nil {
			return err
		}
		s.names[made.ID] = t.name
	}
	left := len(s.names)
	for e, err := range p.client.FollowEvents(ctx, kanban.DefaultBoard, client.EventQuery{}) {
		if err != nil {
			return err
		}
		n.event(s.names[e.Task], e)
		if err := s.act(ctx, e); err != nil {
			return err
		}
		if e.Kind == string(kanban.EvCompleted) {
			if left--; left == 0 {
				return s.end(ctx)
			}
		}
	}
	return ctx.Err()
}

// act does what a human does in this story.
func (s *agentsStory) act(ctx context.Context, e client.Event) error {
	switch kanban.EventKind(e.Kind) {
	case kanban.EvReview:
		s.n.person("andon approve %s", e.Task)
		_, err := s.client.Approve(ctx, kanban.DefaultBoard, e.Task, "")
		return err
	case kanban.EvBlocked:
		s.n.person("andon answer %s MIT   (it goes on in the same session)", e.Task)
		_, err := s.client.Answer(ctx, kanban.DefaultBoard, e.Task, "MIT")
		return err
	case kanban.EvRateLimited:
		s.n.accident("the provider says 429: the account rests for %s, no attempt is spent", rest)
	}
	return nil
}

func (s *agentsStory) end(ctx context.Context) error {
	fmt.Fprint(s.n.out, "\nWhat they used:\n")
	for _, id := range slices.Sorted(maps.Keys(s.names)) {
		name := s.names[id]
		runs, err := s.settled(ctx, id)
		if err != nil {
			return err
		}
		for _, r := range runs {
			fmt.Fprintf(s.n.out, "  %-6s attempt %d  %-12s session %.8s  %d tokens in, %d out\n",
				name, r.Attempt, r.Outcome, r.Session, r.Usage.Input, r.Usage.Output)
		}
	}
	return nil
}

// settled returns the runs of a task once their processes are gone: agents count
// to the end.
func (s *agentsStory) settled(ctx context.Context, id string) ([]client.Run, error) {
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		runs, err := s.client.Runs(ctx, kanban.DefaultBoard, id)
		if err != nil || !slices.ContainsFunc(runs, func(r client.Run) bool { return r.Live }) {
			return runs, err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// agentsModel plays the model of all three tasks: a prompt tells which it is. The
// third is refused once.
func agentsModel() standin.Script {
	var refused atomic.Bool
	shell := func(command string) standin.Turn {
		return standin.Turn{Tool: "Bash", Input: map[string]any{"command": command, "description": "work"}}
	}
	return func(r standin.Request) standin.Turn {
		said := strings.Join(r.Prompts, "\n")
		step := func(turns ...standin.Turn) standin.Turn { return standin.Steps(turns...)(r) }
		switch {
		case strings.Contains(said, "Write greet.sh"):
			return step(shell(`printf 'echo "hello, $1"\n' > greet.sh && sh greet.sh world`), standin.Turn{Text: "greet.sh greets, and I ran it."})
		case strings.Contains(said, "Choose a licence") && strings.Contains(said, "> MIT"):
			return step(shell("echo MIT > LICENSE && andon complete --summary 'MIT, as you said'"), standin.Turn{Text: "Done."})
		case strings.Contains(said, "Choose a licence"):
			return step(shell("andon block 'MIT or Apache-2.0?'"), standin.Turn{Text: "I wait for your answer."})
		case refused.CompareAndSwap(false, true):
			return standin.Turn{Status: http.StatusTooManyRequests, Message: "Rate limited.", Until: time.Now().Add(rest)}
		}
		return step(shell("echo '- greet.sh' > CHANGELOG.md && andon complete --summary 'the changelog has its first line'"), standin.Turn{Text: "Done."})
	}
}

// serveModel starts the loopback model and writes the lane that asks it.
func (p *place) serveModel() (*http.Server, error) {
	claude, _ := preset.Named("claude-code")
	program, err := exec.LookPath(claude.Program)
	if err != nil {
		return nil, kanban.Errorf(kanban.Unavailable, "there is no %s in PATH", claude.Program).Hint("%s", claude.Install)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: standin.Anthropic(agentsModel()), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }()
	agent := filepath.Join(p.root, "agent")
	raw, err := yaml.Marshal(map[string]any{
		"dispatch": map[string]any{"backoff": map[string]any{"initial": "300ms", "max": "2s"}, "stop_grace": "1s", "min_free": "64MiB"},
		"accounts": map[string]any{"demo": map[string]any{"max_parallel": 3}},
		"lanes": map[string]any{"claude": map[string]any{
			"preset": claude.Name, "command": []string{program}, "account": "demo",
			"env": map[string]string{
				"HOME": agent, "ANTHROPIC_BASE_URL": "http://" + l.Addr().String(), "CLAUDE_CODE_OAUTH_TOKEN": "sk-ant-oat01-demo",
				"IS_SANDBOX": "1", "DISABLE_TELEMETRY": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "CLAUDE_CODE_MAX_RETRIES": "1",
			},
		}},
	})
	if err == nil {
		err = errors.Join(os.MkdirAll(agent, 0o700), os.WriteFile(filepath.Join(p.home, "andon", "andon.yaml"), raw, 0o600))
	}
	if err != nil {
		return nil, errors.Join(err, server.Close())
	}
	return server, nil
}
