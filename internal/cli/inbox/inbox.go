// Package inbox is andon inbox: all that waits for a human.
package inbox

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/output"
)

// Options of the command: it has none of its own.
type Options struct{ *cmdutil.Factory }

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	return &cobra.Command{
		Use:   "inbox",
		Short: "List all that waits for you, the most costly wait first",
		Long: `List all that waits for a human, on all boards or on that which --board names: questions, reviews, what failed too often, what was
cancelled while others wait for it, conflicts, pauses, messages that could not be delivered, boards that stopped, an andon.yaml that is not
in force. First comes what holds up the most work, of equals what has waited longest, each with the command that brings it on.`,
		Example: cmdutil.Examples("$ andon inbox", "$ andon inbox --board web -o json"),
		Args:    cmdutil.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if run == nil {
				run = list
			}
			return run(cmd.Context(), o)
		},
	}
}

func list(ctx context.Context, o *Options) error {
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	all, err := c.Inbox(ctx, o.Globals.Board)
	if err != nil {
		return err
	}
	p := o.Printer()
	return output.List(p, all, "", name, func(all []client.InboxItem) {
		if len(all) == 0 {
			p.Line("(nothing waits for you)")
		}
		for _, i := range all {
			draw(p, i)
		}
	})
}

// name is what -o name prints: the task, else what it is about.
func name(i client.InboxItem) string {
	for _, n := range []string{i.TaskID, i.Scope, i.Board} {
		if n != "" {
			return n
		}
	}
	return i.Kind
}

// asks are the kinds in the words of whoever waits.
var asks = map[string]string{
	"question": "asks", "review": "to review", "given_up": "gave up", "conflict": "conflict", "budget": "budget", "blocked": "blocked", "triage": "triage", "plan": "plan",
	"deferred": "put off", "dead_end": "dead end", "paused": "paused", "pulled": "held", "messages": "messages", "latched": "stopped", "stopped": "stopped", "config": "config",
}

func draw(p *output.Printer, i client.InboxItem) {
	about := []string{}
	for _, word := range []string{i.TaskID, i.Scope, i.Title} {
		if word != "" {
			about = append(about, output.Inline(word))
		}
	}
	if i.Board != "" && i.Scope == "" {
		about = append(about, p.Dim("on "+i.Board))
	}
	what := asks[i.Kind]
	if what == "" {
		what = i.Kind
	}
	p.Line("%s  %s", p.Bold(fmt.Sprintf("%-9s", what)), strings.Join(about, "  "))
	p.Text(i.Reason)
	for n, option := range i.Options {
		p.Line("    %d. %s", n+1, output.Inline(option))
	}
	p.Line("  %s", p.Dim(weight(p, i)))
	for _, command := range i.Commands {
		p.Line("    %s %s", p.Arrow(), output.Inline(command))
	}
}

// weight says how much waits, and since when.
func weight(p *output.Printer, i client.InboxItem) string {
	behind := "nothing waits behind it"
	switch {
	case i.TaskID != "" && i.Behind == 2:
		behind = "1 more task waits for it"
	case i.TaskID != "" && i.Behind > 2:
		behind = fmt.Sprintf("%d more tasks wait for it", i.Behind-1)
	case i.TaskID == "" && i.Behind == 1:
		behind = "1 task waits for it"
	case i.TaskID == "" && i.Behind > 1:
		behind = fmt.Sprintf("%d tasks wait for it", i.Behind)
	}
	if i.Since != nil {
		behind += ", since " + p.Time(i.Since)
	}
	return behind
}
