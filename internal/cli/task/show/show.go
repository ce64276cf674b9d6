// Package show is andon show.
package show

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/cli/output"
	"github.com/andon-dev/andon/internal/kanban"
)

// Options are the arguments.
type Options struct {
	*cmdutil.Factory
	Task []string
}

// shown is how many of the newest events are shown to people.
const shown = 20

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	return &cobra.Command{
		Use:   "show [ID]",
		Short: "Show all there is about a task",
		Long:  "Show all there is about a task: what it is, why it does not run, who works on it, what was said and done.\n\nInside a run the id may be left out.",
		Example: cmdutil.Examples(
			"$ andon show t_1f3a9c20",
			"$ andon show @last",
			"$ andon show 1f3a -o json"),
		Args: cmdutil.Between(0, 1, "the id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Task = args
			if run == nil {
				run = show
			}
			return run(cmd.Context(), o)
		},
	}
}

func show(ctx context.Context, o *Options) error {
	id, err := o.ID(o.Task...)
	if err != nil {
		return err
	}
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	d, err := c.Task(ctx, board, id)
	if err != nil {
		return exit.About{ID: id, Err: err}
	}
	p := o.Printer()
	return p.One(d, d.ID, func() { draw(p, d) })
}

func draw(p *output.Printer, d client.Details) {
	p.Line("%s  %s", p.Bold(d.ID), output.Inline(d.Title))
	head(p, d.Task)
	if n := len(d.Runs); n > 0 && d.Runs[n-1].Verifying {
		p.Field("verifying", "%s", "what run "+fmt.Sprint(d.Runs[n-1].ID)+" handed in; andon logs "+d.ID+" -f  shows it")
	}
	links(p, d)
	p.Field("used", "%s", used(d.Runs))
	if len(d.Gates) > 0 && d.Status != string(kanban.Done) {
		p.Section("Gates")
		p.Gates(d.Gates)
	}
	if d.Body != "" {
		p.Section("Body")
		p.Text(d.Body)
	}
	if result := resultOf(d); result != "" {
		p.Section("Result")
		p.Text(result)
	}
	comments(p, d.Comments)
	if len(d.Runs) > 0 {
		p.Section("Runs (%d)", len(d.Runs))
		p.Runs(d.Runs)
	}
	if len(d.Artifacts) > 0 {
		p.Section("Artifacts (%d)", len(d.Artifacts))
		for _, a := range d.Artifacts {
			p.Line("  %s  %d bytes  run %d  sha256 %.12s", output.Inline(a.Path), a.Size, a.Run, a.SHA256)
		}
	}
	events(p, d.Events)
}

func head(p *output.Printer, t client.Task) {
	status := p.Status(t.Status)
	if t.Closed != "" {
		status += " (" + t.Closed + ")"
	}
	p.Field("status", "%s", status)
	p.Field("lane", "%s", output.Inline(t.Assignee))
	p.Field("priority", "%d", t.Priority)
	p.Field("tenant", "%s", output.Inline(t.Tenant))
	p.Field("labels", "%s", output.Inline(strings.Join(t.Labels, ", ")))
	workspace(p, t)
	p.Field("model", "%s", output.Inline(t.Model))
	p.Field("skills", "%s", output.Inline(strings.Join(t.Skills, ", ")))
	p.Field("limits", "%s", limits(t))
	p.Field("created", "%s by %s", p.Time(&t.CreatedAt), output.Or(output.Inline(t.CreatedBy)))
	p.Field("started", "%s", p.Time(t.StartedAt))
	p.Field("completed", "%s", p.Time(t.CompletedAt))
	p.Field("not before", "%s", p.Time(t.NotBefore))
	judges(p, t)
	if t.CurrentRun != 0 {
		p.Field("run", "%d, pid %s", t.CurrentRun, pid(t.WorkerPID))
		p.Field("lease ends", "%s", p.Time(t.LeaseEnds))
		p.Field("heartbeat", "%s", p.Time(t.Heartbeat))
	}
	if t.Failures > 0 {
		p.Field("failures", "%d in a row, the last: %s", t.Failures, output.Inline(t.LastError))
	}
	p.Field("key", "%s", output.Inline(t.IdempotencyKey))
	p.Field("origin", "%s", t.Origin)
}

// used is what all runs together have used.
func used(runs []client.Run) string {
	var cost float64
	var tokens, cached int64
	told := false
	for _, r := range runs {
		cost, tokens, cached = cost+r.Usage.CostUSD, tokens+r.Usage.Tokens(), cached+r.Usage.CacheRead
		told = told || r.Usage != client.Usage{}
	}
	if !told {
		return ""
	}
	said := fmt.Sprintf("%s, %d tokens", output.Cost(cost), tokens)
	if cached > 0 {
		said += fmt.Sprintf(" and %d from caches", cached)
	}
	return said
}

func workspace(p *output.Printer, t client.Task) {
	where := t.WorkspaceKind
	if t.WorkspacePath != "" {
		where += " @ " + output.Inline(t.WorkspacePath)
	}
	p.Field("workspace", "%s", where)
	p.Field("repo", "%s", output.Inline(t.Repo))
	p.Field("branch", "%s", output.Inline(t.Branch))
}

// judges says who decides that the work is done.
func judges(p *output.Printer, t client.Task) {
	for _, argv := range t.Verify {
		p.Field("verify", "%s", output.Inline(strings.Join(argv, " ")))
	}
	p.Field("reviewer", "%s", output.Inline(t.Reviewer))
	if t.ReviewRounds > 0 {
		p.Field("sent back", "%d times", t.ReviewRounds)
	}
	p.Field("reviews", "%s", t.Reviews)
	p.Field("revision", "%s", output.Inline(t.Revision))
}

func limits(t client.Task) string {
	var words []string
	if t.MaxRuntime != "" {
		words = append(words, t.MaxRuntime+" an attempt")
	}
	if t.Budget != (client.Budget{}) {
		words = append(words, output.Budget(t.Budget)+" for all runs")
	}
	if t.MaxAttempts > 0 {
		words = append(words, fmt.Sprintf("%d failed attempts", t.MaxAttempts))
	}
	return strings.Join(words, ", ")
}

func pid(n int) string {
	if n == 0 {
		return "not known"
	}
	return fmt.Sprint(n)
}

func links(p *output.Printer, d client.Details) {
	for _, l := range d.Parents {
		waived := ""
		if l.Waived {
			waived = fmt.Sprintf("  (waived by %s: %s)", output.Inline(l.WaivedBy), output.Inline(l.WaivedReason))
		}
		p.Field("parent", "%s%s%s", l.Parent, when(l), waived)
	}
	for _, l := range d.Children {
		p.Field("child", "%s%s", l.Child, when(l))
	}
}

// when says what an edge waits for, unless that is success.
func when(l client.Link) string {
	switch kanban.When(l.When) {
	case kanban.OnAny:
		return "  (at any end)"
	case kanban.OnFailed:
		return "  (if it fails)"
	}
	return ""
}

// resultOf is the task's result, or of finished work what its newest run summed
// up.
func resultOf(d client.Details) string {
	if d.Result != "" || d.Status != string(kanban.Done) && d.Status != string(kanban.Review) {
		return d.Result
	}
	for i := len(d.Runs) - 1; i >= 0; i-- {
		if d.Runs[i].Summary != "" {
			return d.Runs[i].Summary
		}
	}
	return ""
}

func comments(p *output.Printer, all []client.Comment) {
	if len(all) == 0 {
		return
	}
	p.Section("Comments (%d)", len(all))
	for _, c := range all {
		p.Line("  %s  %s", p.Dim(p.Time(&c.CreatedAt)), p.Bold(output.Inline(c.Author)))
		p.Text(c.Body)
	}
}

func events(p *output.Printer, all []client.Event) {
	if len(all) == 0 {
		return
	}
	if len(all) > shown {
		all = all[len(all)-shown:]
	}
	p.Section("Events (the newest %d)", len(all))
	for _, e := range all {
		p.Line("  %s", p.EventLine(e, false))
	}
}
