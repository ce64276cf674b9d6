package cmdutil

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/andon-dev/andon/internal/kanban"
)

// CSV is the annotation of commands that can print it.
const CSV = "csv"

// Examples brings a command's examples into cobra's form: one a line, under
// two spaces.
func Examples(lines ...string) string { return "  " + strings.Join(lines, "\n  ") }

// AtLeast refuses fewer than n arguments; what names them in the error.
func AtLeast(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < n {
			return misused(cmd, "%s is missing", what)
		}
		return nil
	}
}

// Between refuses fewer than low and more than high arguments.
func Between(low, high int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < low:
			return misused(cmd, "%s is missing", what)
		case len(args) > high:
			return misused(cmd, "%q is one argument too many", args[high])
		}
		return nil
	}
}

// Exactly refuses any other number of arguments than n.
func Exactly(n int, what string) cobra.PositionalArgs { return Between(n, n, what) }

// None refuses all arguments.
func None(cmd *cobra.Command, args []string) error { return Between(0, 0, "")(cmd, args) }

func misused(cmd *cobra.Command, format string, args ...any) error {
	return kanban.Errorf(kanban.Invalid, format, args...).Hint("%s", strings.TrimPrefix(cmd.UseLine(), "usage: "))
}

// Group returns a command that only holds others; alone it prints its help.
func Group(use, short string, subs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return UnknownVerb(cmd, args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(subs...)
	return cmd
}

// UnknownVerb says that a command has no such verb, with those that are near.
func UnknownVerb(cmd *cobra.Command, verb string) error {
	e := kanban.Errorf(kanban.Invalid, "%s has no verb %s", cmd.CommandPath(), kanban.Quote(verb))
	if cmd.SuggestionsMinimumDistance <= 0 {
		cmd.SuggestionsMinimumDistance = 2
	}
	if near := cmd.SuggestionsFor(verb); len(near) > 0 {
		path := cmd.CommandPath() + " "
		return e.Hint("did you mean  %s%s ?", path, strings.Join(near, "  or  "+path))
	}
	return e.Hint("%s --help  lists them", cmd.CommandPath())
}

// aliases are names of flags that the reference system and habit know, by the
// name that counts.
var aliases = map[string]string{
	"assignee":    "lane",
	"max-retries": "max-attempts",
	"platform":    "sink",
	"chat-id":     "target",
	"thread-id":   "thread",
}

// FlagAliases makes every alias stand for its flag.
func FlagAliases(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	if known, ok := aliases[name]; ok {
		name = known
	}
	return pflag.NormalizedName(name)
}

// Obsolete keeps flags of the reference system valid that have no meaning here,
// and says so when one is given.
func (f *Factory) Obsolete(cmd *cobra.Command, why string, names ...string) {
	for _, name := range names {
		cmd.Flags().String(name, "", "")
		cmd.Flags().Lookup(name).Hidden = true
	}
	cmd.PreRun = func(cmd *cobra.Command, _ []string) {
		for _, name := range names {
			if cmd.Flags().Changed(name) {
				f.Warn("--%s is ignored: %s", name, why)
			}
		}
	}
}
