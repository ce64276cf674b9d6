// Package lanes is andon lanes and andon assignees: who can be given work, who
// was, and what it takes.
package lanes

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/output"
	"github.com/andon-dev/andon/internal/config"
)

// Options of the commands.
type Options struct {
	*cmdutil.Factory
	Everybody bool // names that tasks are assigned to but that are no lanes, too

	Names []string       // of test
	New   config.NewLane // of add
}

// New returns andon lanes and its verbs; alone it lists.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	cmd := command(&Options{Factory: f}, run, &cobra.Command{
		Use:     "lanes",
		Short:   "List the lanes, what they run and what holds them",
		Example: cmdutil.Examples("$ andon lanes", "$ andon lanes test", "$ andon lanes add claude --preset claude-code"),
	})
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return cmdutil.UnknownVerb(cmd, args[0])
		}
		return nil
	}
	cmd.AddCommand(newList(f, nil), newDetect(f, nil), newTest(f, nil), newAdd(f, nil))
	return cmd
}

func newList(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	return command(&Options{Factory: f}, run, &cobra.Command{
		Use:     "list",
		Short:   "List the lanes, what they run and what holds them",
		Example: cmdutil.Examples("$ andon lanes list", "$ andon lanes list -o json"),
	})
}

// NewAssignees returns andon assignees.
func NewAssignees(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	return command(&Options{Factory: f, Everybody: true}, run, &cobra.Command{
		Use:     "assignees",
		Short:   "List everybody who has tasks, lane or not",
		Example: cmdutil.Examples("$ andon assignees"),
	})
}

func command(o *Options, run func(context.Context, *Options) error, cmd *cobra.Command) *cobra.Command {
	cmd.Args = cmdutil.None
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if run == nil {
			run = list
		}
		return run(cmd.Context(), o)
	}
	return cmd
}

func list(ctx context.Context, o *Options) error {
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	all, err := c.Lanes(ctx, board)
	if err != nil {
		return err
	}
	o.WarnConfig(ctx, c)
	var kept []client.Lane
	for _, l := range all {
		if l.Known || o.Everybody {
			kept = append(kept, l)
		}
	}
	p := o.Printer()
	return output.List(p, kept, "", func(l client.Lane) string { return l.Name }, func(lanes []client.Lane) {
		switch {
		case len(lanes) == 0 && o.Everybody:
			p.Line("(nobody)")
		case len(lanes) == 0:
			p.Line("(no lanes: andon.yaml names none)")
		}
		draw(p, lanes)
	})
}

// walls says in a word or two what a lane's workers are confined by.
func walls(w *client.Walls) string {
	switch {
	case w == nil:
		return output.Or("")
	case w.Mode == "none":
		return "unconfined"
	case w.Network == "off":
		return w.Mode + ", no network"
	case w.Network == "proxied":
		return fmt.Sprintf("%s, network proxied: %d hosts", w.Mode, len(w.Hosts))
	}
	return w.Mode
}

func draw(p *output.Printer, lanes []client.Lane) {
	t := p.Table("LANE", "KNOWN", "RUNNING", "WALLS", "TASKS", "DESCRIPTION")
	for _, l := range lanes {
		known, running := "yes", fmt.Sprint(l.Running)
		if !l.Known {
			known = "no"
		}
		if l.MaxParallel > 0 {
			running += fmt.Sprintf("/%d", l.MaxParallel)
		}
		t.Row(l.Name, known, running, walls(l.Walls), output.Or(output.Counts(l.Counts)), output.Inline(l.Description))
		for _, h := range l.Holds {
			t.Note("! " + p.Hold(h))
		}
		if l.Walls != nil && l.Walls.Problem != "" {
			t.Note("! nothing is started: " + output.Inline(l.Walls.Problem))
		}
	}
	t.Flush()
}
