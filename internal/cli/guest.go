package cli

import (
	"bytes"
	"context"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/andon-dev/andon/internal/chat"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
)

// guestLine returns how a line that was typed in a chat is run: as here, but with
// a client, an environment and outputs of its own.
func guestLine(version, home string) chat.Runner {
	return func(ctx context.Context, l chat.Line) chat.Printed {
		var out, complaints bytes.Buffer
		f := &cmdutil.Factory{
			In: strings.NewReader(""), Out: &out, Err: &complaints,
			Getenv: func(name string) string {
				return map[string]string{"ANDON_HOME": home, "ANDON_BOARD": l.Board}[name]
			},
			Now: now, Version: version, Terminal: cmdutil.Terminal{Unicode: true, Narrow: true},
			Inside: func() bool { return false },
			Guest: &cmdutil.Guest{Client: l.Client, Session: l.Session, Permit: func(cmd *cobra.Command) error {
				return l.Permit(parsed(cmd))
			}},
		}
		status := Run(ctx, f, l.Args)
		return chat.Printed{Out: out.String(), Err: complaints.String(), Status: status, Board: f.BoardNamed()}
	}
}

func parsed(cmd *cobra.Command) chat.Parsed {
	_, verb, _ := strings.Cut(cmd.CommandPath(), " ")
	p := chat.Parsed{Verb: verb, Args: cmd.Flags().Args(), Flags: map[string]string{}, Set: cmd.Flags().Set}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		p.Flags[f.Name] = f.Value.String()
		if list, several := f.Value.(pflag.SliceValue); several {
			p.Flags[f.Name] = strings.Join(list.GetSlice(), ",") // as it was typed
		}
	})
	return p
}
