package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/andon-dev/andon/internal/cli"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
)

const preface = `# The command line

<!-- Written by go generate from the commands themselves; change them instead. -->

` + "`andon VERB --help`" + ` says more, with examples. Global flags stand anywhere. An id may be cut to a unique prefix, ` + "`@last`" + ` is
the task that you used last in this terminal, and ` + "`-`" + ` reads ids from standard input.

With a gateway running, every command asks it through the home's socket; without one the command opens the board
itself. Inside a worker it never does, and ids default to the worker's own task.

## Output

` + "`-o table`" + ` (the default) is for people. ` + "`-o json`" + ` prints one document: an object for one thing,
` + "`{\"items\": [...], \"next\": \"cursor\"}`" + ` for a list; ` + "`jsonl`" + `, ` + "`yaml`" + ` and ` + "`name`" + ` are as they say. Times in them are RFC 3339.
Results go to standard output, warnings and errors to standard error: ` + "`error:`" + ` what, ` + "`hint:`" + ` the way out.

## Exit statuses

| status | meaning |
| --- | --- |
| 0 | done |
| 1 | a defect of Andon |
| 2 | the request itself is wrong |
| 3 | no such task, board, run, ... |
| 4 | refused: by state, gate, conflict or cap |
| 5 | partly done: some of several ids |
| 6 | the lease is no longer the task's |
| 7 | gateway or store cannot answer now |
| 8 | a check found something; of up, lanes test and doctor: what was asked for is done, but something is lacking, such as the login of an agent |
| 9 | this caller may not do that |
| 124 | the time given with ` + "`--timeout`" + ` has passed |
| 130 | interrupted |
`

// render writes what the commands say of themselves.
func render() []byte {
	f := &cmdutil.Factory{Out: io.Discard, Err: io.Discard, Getenv: func(string) string { return "" }}
	root := cli.NewRoot(f)
	var out bytes.Buffer
	out.WriteString(preface)
	out.WriteString("\n## Flags of every verb\n\n")
	flags(&out, root.PersistentFlags())
	for _, g := range root.Groups() {
		fmt.Fprintf(&out, "\n## %s\n", strings.TrimSuffix(g.Title, ":"))
		for _, cmd := range root.Commands() {
			if cmd.GroupID == g.ID && cmd.Name() != "help" && cmd.Name() != "completion" {
				describe(&out, cmd)
			}
		}
	}
	return out.Bytes()
}

func describe(out *bytes.Buffer, cmd *cobra.Command) {
	if cmd.Hidden {
		return
	}
	if cmd.HasAvailableSubCommands() {
		for _, sub := range cmd.Commands() {
			describe(out, sub)
		}
		return
	}
	fmt.Fprintf(out, "\n### %s\n\n%s.", strings.TrimSuffix(cmd.UseLine(), " [flags]"), strings.TrimSuffix(cmd.Short, "."))
	if len(cmd.Aliases) > 0 {
		fmt.Fprintf(out, " Also `%s`.", strings.Join(cmd.Aliases, "`, `"))
	}
	out.WriteString("\n")
	if cmd.LocalNonPersistentFlags().HasAvailableFlags() {
		out.WriteString("\n")
		flags(out, cmd.LocalNonPersistentFlags())
	}
}

func flags(out *bytes.Buffer, set *pflag.FlagSet) {
	set.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" || f.Name == "version" {
			return
		}
		kind, usage := pflag.UnquoteUsage(f)
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		if kind != "" {
			name += " " + strings.ToUpper(kind)
		}
		fmt.Fprintf(out, "- `%s` %s\n", name, usage)
	})
}
