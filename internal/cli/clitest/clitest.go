// Package clitest gives tests of commands a factory over buffers, with an
// environment and a clock of their own.
package clitest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
)

// Now is the time of every factory.
var Now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// Shell is a terminal's stand-in: what a command reads, prints and finds.
type Shell struct {
	*cmdutil.Factory
	Env      map[string]string
	Out, Err *bytes.Buffer
}

// New returns a shell whose home is a folder of the test's, in which no gateway
// runs; what is asked of it in process goes to handler.
func New(t testing.TB, handler http.Handler) *Shell {
	t.Helper()
	s := &Shell{Env: map[string]string{"ANDON_HOME": t.TempDir(), "USER": "ann"}, Out: &bytes.Buffer{}, Err: &bytes.Buffer{}}
	s.Factory = &cmdutil.Factory{
		In: strings.NewReader(""), Out: s.Out, Err: s.Err,
		Getenv: func(name string) string { return s.Env[name] },
		Now:    func() time.Time { return Now },
		Inside: func() bool { return s.Env["ANDON_RUN_ID"] != "" },
		Gateway: cmdutil.Gateway{
			Owner: func(string) (int, bool, error) { return 0, false, nil },
			Direct: func(context.Context, string) (http.Handler, io.Closer, error) {
				return handler, io.NopCloser(nil), nil
			},
		},
		Version: "1.2.3",
	}
	return s
}

// Parse runs a command that was made with a run function of the test's.
func Parse(t testing.TB, cmd *cobra.Command, args ...string) error {
	t.Helper()
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetGlobalNormalizationFunc(cmdutil.FlagAliases)
	cmd.SetArgs(args)
	return cmd.ExecuteContext(t.Context())
}
