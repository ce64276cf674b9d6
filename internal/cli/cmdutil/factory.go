package cmdutil

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/cli/output"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
)

// Factory gives a command everything that it needs from outside. One serves one
// invocation.
type Factory struct {
	In       io.Reader
	Out, Err io.Writer
	Getenv   func(string) string
	Now      func() time.Time
	Terminal Terminal
	Version  string
	Inside   func() bool // whether this process belongs to a run
	Gateway  Gateway
	Guest    *Guest // nil = typed at this process

	Globals Globals

	lease  client.Lease // given by flags
	client *client.Client
	direct bool // the client asks this very process
	ends   []func() error
}

// Terminal is what is known of where input comes from and output goes to.
type Terminal struct {
	In, Out, Err bool // is a terminal
	Width        int  // of Out, in columns; 0 = no limit
	Narrow       bool // Out is a chat
	Color        bool
	Unicode      bool
}

// Gateway is what only the composition root can give.
type Gateway struct {
	// Run serves a home until ctx ends.
	Run func(ctx context.Context, home string) error
	// Direct returns the same API without a gateway.
	Direct func(ctx context.Context, home string) (http.Handler, io.Closer, error)
	// Examine returns as much of it as a checkup needs, whatever state the home is in.
	Examine func(ctx context.Context, home string) (http.Handler, io.Closer, error)
	// Owner tells whether a gateway owns the home, and which.
	Owner func(home string) (pid int, held bool, err error)
}

// Globals are the flags that every command has.
type Globals struct {
	Home      string
	Board     string
	Server    string
	TokenFile string
	Output    string
	JSON      bool
	Quiet     bool
	NoHeaders bool
	As        string
	UTC       bool
	Timeout   Duration
}

// Printer returns where results go, as the global flags ask.
func (f *Factory) Printer() *output.Printer {
	return &output.Printer{
		Out: f.Out, Format: f.format(), Quiet: f.Globals.Quiet, Plain: f.Globals.NoHeaders, UTC: f.Globals.UTC,
		TTY: f.Terminal.Out, Width: f.Terminal.Width, Narrow: f.Terminal.Narrow, Color: f.Terminal.Color, Unicode: f.Terminal.Unicode, Now: f.Now,
	}
}

// format goes by flags that were checked when they were parsed.
func (f *Factory) format() output.Format {
	if f.Globals.JSON {
		return output.FormatJSON
	}
	format, err := output.ParseFormat(f.Globals.Output)
	if err != nil {
		return output.FormatTable
	}
	return format
}

// Home returns the home's absolute folder.
func (f *Factory) Home() (string, error) { return config.Home(f.Globals.Home, f.Getenv) }

// Paths returns the places in the home.
func (f *Factory) Paths() (config.Paths, error) {
	home, err := f.Home()
	if err != nil {
		return config.Paths{}, err
	}
	return config.PathsOf(home, f.Getenv)
}

// Warn tells something on stderr that does not make the command fail.
func (f *Factory) Warn(format string, args ...any) {
	fmt.Fprintf(f.Err, "warning: "+format+"\n", args...)
}

// WarnConfig warns people that what stands in andon.yaml is not what counts. Where
// that cannot be told it says nothing.
func (f *Factory) WarnConfig(ctx context.Context, c *client.Client) {
	if !f.Printer().Human() {
		return
	}
	if g, err := c.Gateway(ctx); err == nil && g.ConfigError != "" {
		f.Warn("andon.yaml as it is on disk is not in force: %s", output.Inline(g.ConfigError))
	}
}

// Soon is after how long a command that still waits says for what.
const Soon = time.Second

// Progress says on stderr what a command waits for.
func (f *Factory) Progress(format string, args ...any) {
	if !f.Globals.Quiet {
		fmt.Fprintf(f.Err, format+"\n", args...)
	}
}

// Complain prints an error and its way out.
func (f *Factory) Complain(err error) {
	var said exit.Said
	if err == nil || errors.As(err, &said) {
		return
	}
	p := exit.Describe(err)
	if format := f.format(); format == output.FormatJSON || format == output.FormatJSONL {
		// A struct of strings always encodes; a broken stderr cannot be told to anybody.
		enc := json.NewEncoder(f.Err)
		enc.SetEscapeHTML(false)
		_ = enc.Encode(map[string]exit.Problem{"error": p})
		return
	}
	fmt.Fprintf(f.Err, "error: %s\n", kanban.Safe(p.Message))
	if p.Hint != "" {
		fmt.Fprintf(f.Err, "hint: %s\n", kanban.Safe(p.Hint))
	}
}

// OnClose keeps for Close what must be ended.
func (f *Factory) OnClose(end func() error) { f.ends = append(f.ends, end) }

// Close ends what the command began.
func (f *Factory) Close() error {
	var errs []error
	for _, end := range slices.Backward(f.ends) {
		errs = append(errs, end())
	}
	return errors.Join(errs...)
}
