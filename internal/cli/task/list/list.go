// Package list is andon list.
package list

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/output"
	"github.com/andon-dev/andon/internal/kanban"
)

// Options are the flags.
type Options struct {
	*cmdutil.Factory
	client.TaskQuery

	Mine bool
	All  bool
}

// most is the largest page that the server gives.
const most = 1000

// sorts are the orders that the reference knows under other names.
var sorts = map[string]string{"priority-desc": "priority", "updated": "updated-desc"}

// orders are those that the server knows.
var orders = []string{"priority", "created", "created-desc", "updated-desc", "status", "assignee", "title"}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:     "list [WORDS]",
		Aliases: []string{"ls"},
		Short:   "List tasks",
		Long: `List tasks, the most urgent first; archived ones are left out. WORDS stand in title or body.

The column GATE names what keeps a task from running; andon why ID tells it in words.`,
		Example: cmdutil.Examples(
			"$ andon list",
			"$ andon list login --status ready,running --lane builder",
			"$ andon list --tenant acme --sort updated --limit 20",
			"$ andon list --label bug --label area/cli",
			"$ andon list --all -o jsonl"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := cmdutil.Named(cmd, "name one, or leave the flag away for all", "lane", "tenant", "label", "session", "status"); err != nil {
				return err
			}
			for _, word := range args {
				o.Text = joined(o.Text, word)
			}
			if cmd.Flags().Changed("limit") && o.Limit == 0 {
				o.Limit = -1 // 0 stands for the default only when nothing was given
			}
			if err := o.parse(); err != nil {
				return err
			}
			if run == nil {
				run = list
			}
			return run(cmd.Context(), o)
		},
	}
	fl := cmd.Flags()
	fl.StringSliceVar(&o.Statuses, "status", nil, "only these statuses")
	fl.StringVar(&o.Assignee, "lane", "", "only this lane's (also --assignee)")
	fl.BoolVar(&o.Mine, "mine", false, "only mine: of the lane that I am, or of my name")
	fl.StringVar(&o.Tenant, "tenant", "", "only this tenant's")
	fl.StringSliceVar(&o.Labels, "label", nil, "only those with this label; repeatable: with all of them")
	fl.StringVar(&o.Session, "session", "", "only those of this chat session")
	fl.BoolVar(&o.Archived, "archived", false, "archived ones too")
	fl.StringVar(&o.Sort, "sort", "", "priority, created, created-desc, updated, status, assignee or title")
	fl.IntVar(&o.Limit, "limit", 0, "at most so many, 1 to 1000 (default 100)")
	fl.StringVar(&o.Cursor, "cursor", "", "go on where a page ended")
	fl.BoolVar(&o.All, "all", false, "all pages")
	return cmd
}

func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + " " + b
}

func (o *Options) parse() error {
	for i, s := range o.Statuses {
		status, err := kanban.ParseStatus(s)
		if err != nil {
			return err
		}
		o.Statuses[i] = string(status)
		o.Archived = o.Archived || status == kanban.Archived
	}
	if known, ok := sorts[o.Sort]; ok {
		o.Sort = known
	}
	if o.Sort != "" && !slices.Contains(orders, o.Sort) {
		return kanban.Errorf(kanban.Invalid, "unknown order %s", kanban.Quote(o.Sort)).Hint("--sort takes %s", strings.Join(orders, ", "))
	}
	if o.Limit < 0 || o.Limit > most {
		return kanban.Errorf(kanban.Invalid, "--limit is 1 to %d", most).Hint("--all  lists everything")
	}
	if o.All {
		o.Limit = most
	}
	if o.Mine && o.Assignee == "" {
		o.Assignee = o.Me()
	}
	return nil
}

func list(ctx context.Context, o *Options) error {
	p := o.Printer()
	o.Gates = !p.NamesOnly()
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	page, err := c.Tasks(ctx, board, o.TaskQuery)
	if err != nil {
		return err
	}
	for o.All && page.Next != "" {
		o.Cursor = page.Next
		more, err := c.Tasks(ctx, board, o.TaskQuery)
		if err != nil {
			return err
		}
		page.Items, page.Next = append(page.Items, more.Items...), more.Next
	}
	name := func(t client.Task) string { return t.ID }
	return output.List(p, page.Items, page.Next, name, func(tasks []client.Task) { draw(o, p, tasks, page.Next) })
}

func draw(o *Options, p *output.Printer, tasks []client.Task, next string) {
	if len(tasks) == 0 {
		p.Line("(no matching tasks)")
		return
	}
	t := p.Table("ID", "STATUS", "PRI", "LANE", p.AgeHeader(), "GATE", "TITLE")
	for _, task := range tasks {
		title := output.Inline(task.Title)
		if task.Tenant != "" {
			title = p.Dim("["+output.Inline(task.Tenant)+"]") + " " + title
		}
		for _, label := range task.Labels {
			title += " " + p.Dim("#"+output.Inline(label))
		}
		t.Row(task.ID, p.Status(task.Status), strconv.Itoa(task.Priority), output.Or(output.Inline(task.Assignee)),
			p.Age(task.CreatedAt), gate(task), title)
	}
	t.Flush()
	if next != "" {
		o.Warn("these are not all; --cursor %s goes on, --all lists them all", next)
	}
}

// gate names the first closed gate, and how many more there are. That a done
// task has ended is no news.
func gate(t client.Task) string {
	switch {
	case len(t.Gates) == 0 || t.Status == string(kanban.Done) || t.Status == string(kanban.Archived):
		return "-"
	case len(t.Gates) == 1:
		return t.Gates[0].Kind
	}
	return t.Gates[0].Kind + " +" + strconv.Itoa(len(t.Gates)-1)
}
