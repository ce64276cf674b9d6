// Package skills is andon skills install.
package skills

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/output"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/prime"
)

// Options are the flags.
type Options struct {
	*cmdutil.Factory
	For    []string
	Dir    string
	DryRun bool
	Remove bool
}

// New returns andon skills.
func New(f *cmdutil.Factory) *cobra.Command {
	cmd := cmdutil.Group("skills", "Teach agent programs how to work with Andon", newInstall(f, nil))
	cmd.Example = cmdutil.Examples("$ andon skills install --for claude-code")
	return cmd
}

func newInstall(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Write the protocols where agent programs look for them",
		Long: `Write the protocols of andon prime where agent programs look for them:

  claude-code   .claude/skills/andon/SKILL.md
  codex         .agents/skills/andon/SKILL.md
  agents-md     a section of AGENTS.md, between two markers

Without --for it is all of them. Doing it again changes nothing, or brings an older text up to date. What you wrote is never changed.`,
		Example: cmdutil.Examples(
			"$ andon skills install --dry-run",
			"$ andon skills install --for claude-code --dir ~",
			"$ andon skills install --for agents-md --remove"),
		Args: cmdutil.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if run == nil {
				run = install
			}
			return run(cmd.Context(), o)
		},
	}
	fl := cmd.Flags()
	fl.StringSliceVar(&o.For, "for", nil, strings.Join(prime.Targets, ", ")+"; repeatable")
	fl.StringVar(&o.Dir, "dir", "", "the `folder`: a repository, or your home for all of them; default is the top of this repository")
	fl.BoolVar(&o.DryRun, "dry-run", false, "only say what would be done")
	fl.BoolVar(&o.Remove, "remove", false, "take them away again")
	return cmd
}

// install looks at all files before it touches one.
func install(_ context.Context, o *Options) error {
	dir, err := o.folder()
	if err != nil {
		return err
	}
	targets := o.For
	if len(targets) == 0 {
		targets = prime.Targets
	}
	var changes []prime.Change
	for _, t := range targets {
		c, err := prime.Plan(dir, prime.Target(strings.ToLower(strings.TrimSpace(t))), o.Remove)
		if err != nil {
			return err
		}
		changes = append(changes, c)
	}
	for _, c := range changes {
		if o.DryRun {
			break
		}
		if err := prime.Apply(c); err != nil {
			return kanban.Errorf(kanban.Unavailable, "cannot change %s: %w", c.Path, err)
		}
	}
	p := o.Printer()
	return output.List(p, changes, "", func(c prime.Change) string { return c.Path }, func(changes []prime.Change) {
		for _, c := range changes {
			p.Line("%s", o.sentence(c))
		}
	})
}

func (o *Options) sentence(c prime.Change) string {
	done := map[prime.What]string{prime.Writes: "Wrote", prime.Updates: "Updated", prime.Removes: "Removed"}
	switch {
	case c.What == prime.Nothing && o.Remove:
		return "There is nothing of Andon in " + c.Path
	case c.What == prime.Nothing:
		return "Up to date: " + c.Path
	case o.DryRun:
		return "Would " + string(c.What) + " " + c.Path
	}
	return done[c.What] + " " + c.Path
}

// folder is what was given, else the top of the repository around here.
func (o *Options) folder() (string, error) {
	if o.Dir != "" {
		dir, err := filepath.Abs(o.Dir)
		if err != nil {
			return "", err
		}
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return "", kanban.Errorf(kanban.NotFound, "there is no folder %s", dir).Hint("make it first, or name another with --dir")
		}
		return dir, nil
	}
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := here; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return here, nil
		}
	}
}
