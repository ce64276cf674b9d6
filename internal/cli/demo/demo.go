// Package demo is `andon demo`: a real gateway, real workers and a real git
// repository in a folder of their own, narrated while they work.
package demo

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
)

//go:embed lanes
var lanes embed.FS

// Options of the demo.
type Options struct {
	Keep    bool
	Agents  bool
	Out     io.Writer
	Colour  bool
	Timeout time.Duration
}

// New is the command; run is what it does once its flags are known.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Watch real workers go through a small project, in a folder of its own",
		Example: cmdutil.Examples(
			"$ andon demo",
			"$ andon demo --agents   # real Claude Code, with a scripted model: no account is needed",
			"$ andon demo --keep     # leave the gateway and the board for you to play with"),
		Args: cmdutil.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Out, o.Colour = f.Out, f.Terminal.Color
			if run == nil {
				run = Run
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.Keep, "keep", false, "leave gateway and board up")
	cmd.Flags().BoolVar(&o.Agents, "agents", false, "let real Claude Code work, its model played by this program")
	cmd.Flags().DurationVar(&o.Timeout, "give-up-after", time.Minute, "end with an error if it takes longer")
	return cmd
}

// Run makes the place, starts the gateway and follows the story to its end.
func Run(ctx context.Context, o *Options) (err error) {
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	p, err := makePlace(ctx)
	if err != nil {
		return err
	}
	follow := tell
	if o.Agents {
		model, err := p.serveModel()
		if err != nil {
			return errors.Join(err, p.remove())
		}
		defer model.Close()
		follow = tellAgents
	}
	n := newNarrator(o.Out, o.Colour)
	n.say("home %s, repository %s", p.home, p.repo)
	if err := p.startGateway(ctx); err != nil {
		return errors.Join(err, p.remove())
	}
	n.say("gateway started, pid %d", p.gateway.Process.Pid)
	err = follow(ctx, p, n)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = kanban.Errorf(kanban.Unavailable, "the demo did not end within %s", o.Timeout).
			Hint("andon demo --keep --give-up-after 5m; then look at %s", filepath.Join(p.home, "andon", "gateway.log"))
	}
	if o.Keep {
		n.leave(p)
		return err
	}
	n.advise()
	return errors.Join(err, p.close())
}

// place is the demo's own folder.
type place struct {
	root, home, repo string
	gateway          *exec.Cmd
	client           *client.Client
}

func makePlace(ctx context.Context) (*place, error) {
	if _, err := exec.LookPath("git"); err != nil {
		return nil, kanban.Errorf(kanban.Unavailable, "the demo needs git").Hint("install git")
	}
	root, err := os.MkdirTemp("", "andon-demo-")
	if err != nil {
		return nil, err
	}
	p := &place{root: root, home: filepath.Join(root, "home"), repo: filepath.Join(root, "project")}
	if err := errors.Join(p.writeLanes(), p.makeRepository(ctx)); err != nil {
		return nil, errors.Join(err, p.remove())
	}
	return p, nil
}

func (p *place) writeLanes() error {
	entries, err := lanes.ReadDir("lanes")
	if err != nil {
		return err
	}
	for _, e := range entries {
		raw, err := lanes.ReadFile("lanes/" + e.Name())
		if err != nil {
			return err
		}
		scripts := filepath.Join(p.home, "demo")
		raw = bytes.ReplaceAll(raw, []byte("@demo"), []byte(scripts))
		dir := scripts
		if filepath.Ext(e.Name()) == ".yaml" {
			dir = filepath.Join(p.home, "andon")
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, e.Name()), raw, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (p *place) makeRepository(ctx context.Context) error {
	if err := os.MkdirAll(p.repo, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(p.repo, "README.md"), []byte("# A small project\n"), 0o644); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"init", "-q", "-b", "main"},
		{"config", "user.name", "Andon demo"},
		{"config", "user.email", "demo@localhost"},
		{"add", "-A"},
		{"commit", "-q", "-m", "Start the project"},
	} {
		if _, err := p.git(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

func (p *place) git(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = p.repo
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, out)
	}
	return string(out), nil
}

// startGateway starts this program as the gateway of the demo's home and waits
// until it answers.
func (p *place) startGateway(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(p.home, "andon", "gateway.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	p.gateway = exec.Command(self, "--home", p.home, "gateway", "run")
	p.gateway.Stdout, p.gateway.Stderr = log, log
	detach(p.gateway)
	if err := p.gateway.Start(); err != nil {
		return err
	}
	paths, err := config.PathsOf(p.home, os.Getenv)
	if err != nil {
		return err
	}
	if p.client, err = client.Dial("unix:"+paths.Socket, client.Options{}); err != nil {
		return err
	}
	return p.awaitGateway(ctx)
}

// awaitGateway asks until somebody listens; a gateway that ended is an error at
// once.
func (p *place) awaitGateway(ctx context.Context) error {
	ended := make(chan error, 1)
	go func() { ended <- p.gateway.Wait() }()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		if _, err := p.client.Health(ctx); err == nil {
			return nil
		}
		select {
		case err := <-ended:
			return fmt.Errorf("the gateway ended: %w (see %s)", err, filepath.Join(p.home, "andon", "gateway.log"))
		case <-ctx.Done():
			return ctx.Err()
		case <-again.C:
		}
	}
}

func (p *place) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	err := p.client.StopGateway(ctx, true)
	for err == nil {
		if _, gone := p.client.Health(ctx); gone != nil {
			break
		}
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	return errors.Join(err, p.remove())
}

func (p *place) remove() error { return os.RemoveAll(p.root) }
