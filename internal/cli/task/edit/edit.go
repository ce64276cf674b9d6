// Package edit is andon edit.
package edit

import (
	"context"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/kanban"
)

// Options are the flags and arguments.
type Options struct {
	*cmdutil.Factory
	Task []string
	Edit client.TaskEdit

	BodyFile string
	Metadata cmdutil.Metadata
	Version  int64
}

// values are what the flags are parsed into; only those given become an edit.
type values struct {
	title, body, tenant, model, onRetry, workspace, branch, repo, result, summary string
	priority, maxAttempts                                                         int
	maxRuntime                                                                    cmdutil.Duration
	skills, labels                                                                []string
	reviewer                                                                      string
	maxRounds                                                                     int
	verify                                                                        cmdutil.Verify
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o, v := &Options{Factory: f}, &values{}
	cmd := &cobra.Command{
		Use:   "edit ID",
		Short: "Change fields of a task",
		Long: `Change fields of a task; what is not given stays.

--result, --summary and --metadata belong to a done task: they mend what its last run handed on.`,
		Example: cmdutil.Examples(
			`$ andon edit t_1f3a9c20 --title "Fix the login test" --priority 5`,
			`$ andon edit t_1f3a9c20 --label +bug --label -question`,
			`$ andon edit @last --body-file spec.md`,
			`$ andon edit t_1f3a9c20 --summary "merged as 4f2c1d"`),
		Args: cmdutil.Between(0, 1, "the id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Task = args
			if err := o.parse(cmd, v); err != nil {
				return err
			}
			if run == nil {
				run = edit
			}
			return run(cmd.Context(), o)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&v.title, "title", "", "what it is called")
	fl.StringVar(&v.body, "body", "", "what is to be done")
	fl.StringVar(&o.BodyFile, "body-file", "", "read the body from a file, - is stdin")
	fl.StringVar(&v.tenant, "tenant", "", "whom it is for")
	fl.StringSliceVar(&v.labels, "label", nil, "`WORD` instead of its labels, +WORD beside them, -WORD takes one away, empty takes all; repeatable")
	fl.IntVar(&v.priority, "priority", 0, "larger starts first")
	fl.Var(&v.maxRuntime, "max-runtime", "longest time of one attempt")
	fl.IntVar(&v.maxAttempts, "max-attempts", 0, "failed attempts until it is blocked (also --max-retries)")
	fl.StringArrayVar(&v.skills, "skill", nil, "`name` of a skill to load, instead of those before; repeatable")
	fl.StringArrayVar(&v.verify.Lines, "verify", nil, "a `command` that must succeed before it counts as done, instead of those before; repeatable")
	fl.BoolVar(&v.verify.None, "no-verify", false, "nothing verifies it, whatever the lane says")
	fl.BoolVar(&o.Edit.LaneVerify, "lane-verify", false, "it is verified as the lane says")
	fl.StringVar(&v.reviewer, "reviewer", "", "who judges what is handed in: a lane, or human; empty is the lane's")
	fl.IntVar(&v.maxRounds, "max-rounds", 0, "so often changes requested lead to a new run; the next time a human decides")
	fl.StringVar(&v.model, "model", "", "the model to use")
	fl.StringVar(&v.onRetry, "on-retry", "", "after a failed attempt: continue, fresh, or \"\" as the lane has it")
	fl.StringVar(&v.workspace, "workspace", "", "scratch, dir:/path, worktree, worktree:/path or clone")
	fl.StringVar(&v.branch, "branch", "", "branch of the worktree or clone")
	fl.StringVar(&v.repo, "repo", "", "git repository that the worktree or clone is made from")
	fl.StringVar(&v.result, "result", "", "result of a done task")
	fl.StringVar(&v.summary, "summary", "", "summary of a done task's last run")
	fl.StringVar(&o.Metadata.Text, "metadata", "", "metadata of a done task's last run: a JSON object, or @file")
	fl.StringVar(&o.Metadata.File, "metadata-file", "", "the same from a file, - is stdin")
	fl.Int64Var(&o.Version, "if-version", 0, "refuse if the task has changed since this version")
	return cmd
}

func (o *Options) parse(cmd *cobra.Command, v *values) error {
	given := cmd.Flags().Changed
	e := &o.Edit
	for name, field := range map[string]struct {
		to  **string
		val *string
	}{
		"title": {&e.Title, &v.title}, "body": {&e.Body, &v.body}, "tenant": {&e.Tenant, &v.tenant}, "model": {&e.Model, &v.model}, "on-retry": {&e.OnRetry, &v.onRetry},
		"branch": {&e.Branch, &v.branch}, "result": {&e.Result, &v.result}, "summary": {&e.Summary, &v.summary},
		"reviewer": {&e.Reviewer, &v.reviewer},
	} {
		if given(name) {
			*field.to = field.val
		}
	}
	if given("priority") {
		e.Priority = &v.priority
	}
	if given("max-rounds") {
		e.MaxRounds = &v.maxRounds
	}
	var err error
	if e.Verify, err = v.verify.Commands(); err != nil {
		return err
	}
	if e.Verify != nil && e.LaneVerify {
		return kanban.Errorf(kanban.Invalid, "--lane-verify excludes --verify and --no-verify").Hint("keep one of them")
	}
	if given("max-attempts") {
		e.MaxAttempts = &v.maxAttempts
	}
	if given("max-runtime") {
		text := time.Duration(v.maxRuntime).String()
		e.MaxRuntime = &text
	}
	if given("skill") {
		e.Skills = &v.skills
	}
	if given("label") {
		label(e, v.labels)
	}
	if err := o.place(v, given); err != nil {
		return err
	}
	changes := false
	cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) { changes = changes || f.Changed && f.Name != "if-version" })
	if !changes {
		return kanban.Errorf(kanban.Invalid, "nothing to change").Hint("%s --help  lists what can be", cmd.CommandPath())
	}
	return nil
}

// label tells labels to add and to take away from those that are all there are.
func label(e *client.TaskEdit, words []string) {
	all := []string{}
	for _, word := range words {
		switch name := word[min(1, len(word)):]; word[:len(word)-len(name)] {
		case "+":
			e.AddLabels = append(e.AddLabels, name)
		case "-":
			e.DropLabels = append(e.DropLabels, name)
		default:
			all = append(all, word)
		}
	}
	if len(all) > 0 || len(e.AddLabels)+len(e.DropLabels) == 0 {
		e.Labels = &all
	}
}

// place reads the flags that say where the task's runs work.
func (o *Options) place(v *values, given func(string) bool) error {
	e := &o.Edit
	if given("workspace") {
		kind, path, err := cmdutil.ParseWorkspace(v.workspace)
		if err != nil {
			return err
		}
		e.WorkspaceKind, e.WorkspacePath = &kind, &path
	}
	if given("repo") {
		repo, err := cmdutil.AbsPath(v.repo)
		if err != nil {
			return err
		}
		e.Repo = &repo
	}
	return nil
}

func edit(ctx context.Context, o *Options) error {
	id, err := o.ID(o.Task...)
	if err != nil {
		return err
	}
	if o.BodyFile != "" {
		text, err := o.ReadFile(o.BodyFile)
		if err != nil {
			return err
		}
		body := string(text)
		o.Edit.Body = &body
	}
	if o.Edit.Metadata, err = o.Metadata.Read(o.Factory); err != nil {
		return err
	}
	return o.Each(ctx, []string{id}, "Edited", func(ctx context.Context, c *client.Client, board, id string) (client.Task, error) {
		t, err := c.EditTask(ctx, board, id, o.Edit, o.Version)
		for _, w := range t.Warnings {
			o.Warn("%s", w)
		}
		return t.Task, err
	})
}
