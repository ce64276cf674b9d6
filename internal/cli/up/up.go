// Package up is andon up: from a git repository to a fleet that works on it, in
// one command.
package up

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/cli/gateway"
	"github.com/andon-dev/andon/internal/cli/lanes"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
)

// Options of the command: it has none of its own.
type Options struct{ *cmdutil.Factory }

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	return &cobra.Command{
		Use:   "up",
		Short: "Set everything up for the git repository you stand in, and start",
		Long: `Set everything up for the git repository you stand in, and start.

It makes the home and its andon.yaml if they are missing, adds a lane for each agent program on the PATH that has none, makes the
repository the board's default source of workspaces, starts the gateway, and looks whether the lanes can start where it runs.
What is there stays as it is, so a second time it changes nothing. The status is 8 if a lane lacks something,
such as a login, also where all was set up before; what it lacks is named, and the rest works.`,
		Example: cmdutil.Examples("$ andon up", "$ andon up -o json"),
		Args:    cmdutil.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if run == nil {
				run = up
			}
			return run(cmd.Context(), o)
		},
	}
}

// done is what it tells.
type done struct {
	Home       string            `json:"home"`
	Config     string            `json:"config"`
	Created    bool              `json:"created"` // the configuration
	Repository string            `json:"repository"`
	Board      string            `json:"board"`
	WorkDir    string            `json:"default_workdir"` // of the board
	Registered bool              `json:"registered"`      // it is new
	Agents     []lanes.Agent     `json:"agents"`
	Added      []string          `json:"lanes_added"`
	Gateway    gatewayState      `json:"gateway"`
	Lanes      []client.LaneTest `json:"lanes"`
}

type gatewayState struct {
	PID     int    `json:"pid"`
	Version string `json:"version"`
	Started bool   `json:"started"`
}

// changed reports whether there was anything to do.
func (d done) changed() bool {
	return d.Created || d.Registered || len(d.Added) > 0 || d.Gateway.Started
}

// up does one step after the other; each finds what is done already.
func up(ctx context.Context, o *Options) error {
	if o.Inside() {
		return kanban.Errorf(kanban.Unauthorized, "a run does not set up a home").Hint("ask a human")
	}
	if o.Globals.Server != "" {
		return kanban.Errorf(kanban.Invalid, "andon up sets up a home on this machine, not a server").Hint("leave --server out")
	}
	paths, err := o.Paths()
	if err != nil {
		return err
	}
	d := done{Home: paths.Home, Config: paths.Config, Added: []string{}}
	if d.Repository, err = o.repository(ctx); err != nil {
		return err
	}
	if err := o.configure(paths, &d); err != nil {
		return err
	}
	if err := o.start(ctx, paths, &d); err != nil {
		return err
	}
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	if err := register(ctx, c, board, &d); err != nil {
		return err
	}
	if d.Lanes, err = c.TestLanes(ctx, board); err != nil {
		if d.Gateway.Version != o.Version {
			return kanban.Errorf(kanban.Unavailable, "the gateway is of version %s, this is %s: %w", d.Gateway.Version, o.Version, err).
				Hint("andon gateway stop && andon up  replaces it; workers go on")
		}
		return err
	}
	p := o.Printer()
	if err := p.One(d, d.Home, func() { draw(p, o.Version, d) }); err != nil {
		return err
	}
	if !lanes.Sound(d.Lanes) {
		return exit.Said{Status: exit.Findings}
	}
	return nil
}

// repository is the root of the one that the command was given in.
//
// Errors: invalid if there is none, or nothing can be made from it.
func (o *Options) repository(ctx context.Context) (string, error) {
	root := o.Repository()
	if root == "" {
		return "", kanban.Errorf(kanban.Invalid, "this folder is in no git repository").
			Hint("cd into one, or make it one with  git init;  andon init  makes a home without one")
	}
	git := exec.CommandContext(ctx, "git", "-C", root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
	said, err := git.CombinedOutput()
	var exited *exec.ExitError
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", kanban.Errorf(kanban.Invalid, "git is not installed, or not on the PATH").Hint("workers get copies of the repository, which git makes")
	case errors.As(err, &exited) && exited.ExitCode() != 1:
		why, _, _ := strings.Cut(strings.TrimSpace(string(said)), "\n")
		return "", kanban.Errorf(kanban.Invalid, "git refuses %s: %s", root, why).Hint("git -C %s status  has to work first", root)
	case err != nil:
		return "", kanban.Errorf(kanban.Invalid, "the repository %s has no commit yet, so nothing can start from it", root).
			Hint("git add -A && git commit -m 'First commit'")
	}
	return filepath.EvalSymlinks(root)
}

// configure makes andon.yaml and adds a lane for each agent that has none.
func (o *Options) configure(paths config.Paths, d *done) error {
	c, err := config.Load(paths.Config)
	if err != nil {
		return err
	}
	if d.Created, err = config.WriteStarter(paths); err != nil {
		return err
	}
	var fresh []config.NewLane
	for _, a := range lanes.Detect(c) {
		lane := a.AsLane(agentsAtOnce)
		if _, taken := c.Lanes[lane.Name]; a.Path != "" && a.Lane == "" && !taken {
			fresh = append(fresh, lane)
			d.Added = append(d.Added, lane.Name)
		}
	}
	if len(fresh) > 0 {
		_, err = config.Rewrite(paths.Config, func(data []byte) ([]byte, error) { return config.AddLanes(data, fresh) })
		if err != nil {
			return err
		}
		if c, err = config.Load(paths.Config); err != nil {
			return err
		}
	}
	d.Agents = lanes.Detect(c)
	return nil
}

// agentsAtOnce is how many workers a new agent's lane may have: enough to see
// that they work beside one another, few enough for one subscription.
const agentsAtOnce = 2

// start starts the gateway, or has the one that runs take up the configuration.
func (o *Options) start(ctx context.Context, paths config.Paths, d *done) error {
	started, err := gateway.Start(ctx, o.Factory)
	if err == nil {
		d.Gateway = gatewayState{PID: started.PID, Version: o.Version, Started: true}
		return nil
	}
	if kanban.CodeOf(err) != kanban.Conflict {
		return err
	}
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	g, err := c.Gateway(ctx)
	if err != nil {
		return err
	}
	d.Gateway = gatewayState{PID: g.PID, Version: g.Version}
	return c.Reload(ctx)
}

// register makes the repository the board's default source, unless it has one.
func register(ctx context.Context, c *client.Client, board string, d *done) error {
	b, err := c.Board(ctx, board)
	if err != nil {
		return err
	}
	if b.WorkDir == "" {
		d.Registered = true
		if b, err = c.EditBoard(ctx, b.Slug, client.BoardChange{WorkDir: &d.Repository}); err != nil {
			return err
		}
	}
	d.Board, d.WorkDir = b.Slug, strings.TrimSpace(b.WorkDir)
	return nil
}
