package lanes

import (
	"context"
	"os/exec"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/output"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/worker/preset"
)

// Agent is an agent program that Andon has a preset for.
type Agent struct {
	Preset  string `json:"preset"`
	Program string `json:"program"`
	Path    string `json:"path,omitempty"` // "" = it is not on the PATH
	Lane    string `json:"lane,omitempty"` // that runs it
	Install string `json:"install"`
}

// Detect looks for the agent programs on this process's PATH, and for their
// lanes in a configuration.
func Detect(c config.Config) []Agent {
	var agents []Agent
	for _, p := range append(preset.All(), hermes) {
		a := Agent{Preset: p.Name, Program: p.Program, Install: p.Install}
		if path, err := exec.LookPath(p.Program); err == nil {
			a.Path = path
		}
		for name, l := range c.Lanes {
			runs, _ := preset.Running(l.Preset, l.Command)
			if (runs.Name == p.Name || l.Preset == p.Name) && (a.Lane == "" || name < a.Lane) {
				a.Lane = name
			}
		}
		agents = append(agents, a)
	}
	return agents
}

// AsLane is a lane for the agent.
func (a Agent) AsLane(maxParallel int) config.NewLane {
	if a.Preset == preset.Hermes { // whose lanes have the names of profiles
		return config.NewLane{Name: preset.DefaultProfile, Preset: a.Preset, MaxParallel: maxParallel}
	}
	return config.NewLane{Name: a.Program, Preset: a.Preset, MaxParallel: maxParallel}
}

// hermes is no agent as the others are, but found like them.
var hermes = preset.Preset{Name: preset.Hermes, Program: "hermes", Install: "the installer of Hermes Agent"}

func newDetect(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	return simple(f, run, detect, &cobra.Command{
		Use:     "detect",
		Short:   "Look for agent programs on the PATH, and say which have a lane",
		Example: cmdutil.Examples("$ andon lanes detect"),
		Args:    cmdutil.None,
	})
}

func simple(f *cmdutil.Factory, run, do func(context.Context, *Options) error, cmd *cobra.Command) *cobra.Command {
	o := &Options{Factory: f}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.Names = args
		if run == nil {
			run = do
		}
		return run(cmd.Context(), o)
	}
	return cmd
}

func detect(_ context.Context, o *Options) error {
	paths, err := o.Paths()
	if err != nil {
		return err
	}
	c, err := config.Load(paths.Config)
	if err != nil {
		return err
	}
	p := o.Printer()
	return output.List(p, Detect(c), "", func(a Agent) string { return a.Program }, func(agents []Agent) {
		t := p.Table("PROGRAM", "PATH", "LANE")
		for _, a := range agents {
			t.Row(a.Program, output.Or(a.Path), output.Or(a.Lane))
			switch {
			case a.Path == "":
				t.Note(a.Install + "  installs it")
			case a.Lane == "":
				t.Note("andon lanes add " + a.AsLane(0).Name + " --preset " + a.Preset)
			}
		}
		t.Flush()
	})
}
