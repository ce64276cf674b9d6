// Package act holds the verbs that move tasks and take nothing but ids and a
// few words: one table instead of a package each.
package act

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/kanban"
)

// Options are the flags and arguments.
type Options struct {
	*cmdutil.Factory
	Tasks  []string
	Reason string

	Fresh, Continue bool   // of retry
	Revision        string // of approve
}

// text says how a verb takes its words.
type text int

const (
	none     text = iota
	optional      // as a flag; the arguments are ids
	required      // after the one id
)

type verb struct {
	name    string
	short   string
	long    string
	past    string
	text    text
	flag    string // its name, for optional
	from    bool   // it can say what the next run starts from
	example []string
	do      func(c *client.Client, ctx context.Context, board, id, reason string) (client.Task, error)
}

var verbs = []verb{
	{
		name: "unblock", short: "Open a human's gate: the task may run again", past: "Unblocked", text: optional, flag: "comment",
		long:    "Open a human's gate, a breaker or a schedule: the task is ready, or todo while a parent is unfinished, with all its attempts.",
		example: []string{"$ andon unblock t_1f3a9c20", `$ andon unblock t_1f3a9c20 t_77d0be11 --comment "the key is in place"`},
		do:      (*client.Client).Unblock,
	},
	{
		name: "answer", short: "Answer a blocked task's question and let it go on", past: "Answered", text: required,
		example: []string{"$ andon answer t_1f3a9c20 keep the v2 API"},
		do:      (*client.Client).Answer,
	},
	{
		name: "approve", short: "Accept what was submitted for review", past: "Approved", text: optional, flag: "comment",
		long: "Accept what was submitted for review: the task is done. A human may, and the run of the review that was asked for.\n\n" +
			"The verdict is about what was handed in: it is refused once the branch has moved, or if --revision names another.",
		example: []string{"$ andon approve t_1f3a9c20", `$ andon approve @last --comment "nice"`},
		do:      (*client.Client).Approve,
	},
	{
		name: "reject", short: "Send submitted work back; the next run reads why", past: "Rejected", text: required,
		example: []string{"$ andon reject t_1f3a9c20 the tests do not cover the empty list"},
		do:      (*client.Client).Reject,
	},
	{
		name: "retry", short: "Give a task another run", past: "Retried", text: optional, flag: "reason",
		long: "Give a task another run: a running one is reclaimed, a blocked one unblocked, a backoff is dropped. With --fresh it starts over: workspace and branch\n" +
			"are put back to where the first attempt found them, and what there was is kept as refs/andon/<task>/0.",
		example: []string{"$ andon retry t_1f3a9c20", "$ andon retry t_1f3a9c20 --fresh"},
		from:    true,
		do:      (*client.Client).Retry,
	},
	{
		name: "reclaim", short: "End a task's run without cost; it is ready for another", past: "Reclaimed", text: optional, flag: "reason",
		example: []string{`$ andon reclaim t_1f3a9c20 --reason "wrong model"`},
		do:      (*client.Client).Reclaim,
	},
	{
		name: "stop", short: "End a task's run without cost, and hold the task", past: "Stopped", text: optional, flag: "reason",
		example: []string{"$ andon stop t_1f3a9c20"},
		do:      (*client.Client).Stop,
	},
	{
		name: "cancel", short: "End a task for good; it satisfies nobody", past: "Cancelled", text: optional, flag: "reason",
		example: []string{`$ andon cancel t_1f3a9c20 --reason "the customer left"`},
		do:      (*client.Client).Cancel,
	},
	{
		name: "reopen", short: "Make a done task run again", past: "Reopened", text: optional, flag: "reason",
		example: []string{`$ andon reopen t_1f3a9c20 --reason "it broke the build"`},
		do:      (*client.Client).Reopen,
	},
	{
		name: "unarchive", short: "Bring an archived task back", past: "Brought back", text: none,
		example: []string{"$ andon unarchive t_1f3a9c20"},
		do: func(c *client.Client, ctx context.Context, board, id, _ string) (client.Task, error) {
			return c.Unarchive(ctx, board, id)
		},
	},
}

// New returns one command for each verb of the table.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) []*cobra.Command {
	var all []*cobra.Command
	for _, v := range verbs {
		all = append(all, command(f, run, v))
	}
	return all
}

func command(f *cmdutil.Factory, run func(context.Context, *Options) error, v verb) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:     v.name + " ID...",
		Short:   v.short,
		Long:    v.long,
		Example: cmdutil.Examples(v.example...),
		Args:    cmdutil.AtLeast(1, "the id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Tasks = args
			if v.text == required {
				o.Tasks, o.Reason = args[:1], strings.Join(args[1:], " ")
			}
			if v.text == required && strings.TrimSpace(o.Reason) == "" {
				return kanban.Errorf(kanban.Invalid, "the text is missing").Hint("%s", cmd.UseLine())
			}
			if o.Fresh && o.Continue {
				return kanban.Errorf(kanban.Invalid, "--fresh and --continue exclude each other").Hint("give one of them, or none: then it is as task and lane have it")
			}
			if run != nil {
				return run(cmd.Context(), o)
			}
			return o.act(cmd.Context(), v)
		},
	}
	if v.from {
		cmd.Flags().BoolVar(&o.Fresh, "fresh", false, "start over")
		cmd.Flags().BoolVar(&o.Continue, "continue", false, "go on from what the last attempt left")
	}
	if v.name == "approve" {
		cmd.Flags().StringVar(&o.Revision, "revision", "", "the `commit` or hash that was looked at, as andon show tells it")
	}
	switch v.text {
	case required:
		cmd.Use = v.name + " ID TEXT..."
	case optional:
		cmd.Flags().StringVar(&o.Reason, v.flag, "", "told to the next run, and recorded")
	}
	return cmd
}

func (o *Options) act(ctx context.Context, v verb) error {
	return o.Each(ctx, o.Tasks, v.past, func(ctx context.Context, c *client.Client, board, id string) (client.Task, error) {
		t, err := o.do(ctx, v, c, board, id)
		if err == nil && o.Alone() {
			err = o.tellOfWorkers(ctx, c, board, id)
		}
		return t, err
	})
}

func (o *Options) do(ctx context.Context, v verb, c *client.Client, board, id string) (client.Task, error) {
	switch {
	case o.Revision != "":
		return c.ApproveRevision(ctx, board, id, o.Reason, o.Revision)
	case o.Fresh:
		return c.RetryFrom(ctx, board, id, client.RetryRequest{Reason: o.Reason, From: kanban.Fresh})
	case o.Continue:
		return c.RetryFrom(ctx, board, id, client.RetryRequest{Reason: o.Reason, From: kanban.Continue})
	}
	return v.do(c, ctx, board, id, o.Reason)
}

// tellOfWorkers says what only a gateway does: processes of an ended run are ended
// by it.
func (o *Options) tellOfWorkers(ctx context.Context, c *client.Client, board, id string) error {
	t, err := c.Task(ctx, board, id)
	if err == nil && slices.ContainsFunc(t.Runs, func(r client.Run) bool { return r.Live && r.Outcome != "" }) {
		o.Warn("the worker of %s lives on until a gateway ends it: andon gateway start", id)
	}
	return err
}
