package gateway

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/cli/output"
)

func newStatus(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	return simple(f, run, status, &cobra.Command{
		Use:   "status",
		Short: "Show whether the gateway runs, and what it does",
		Long: "Show whether the gateway runs, and what it does. It ends with status 7 if there is none, and with 8 if a board\n" +
			"cannot be read or written.",
	})
}

func status(ctx context.Context, o *Options) error {
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	g, err := c.Gateway(ctx)
	if err != nil {
		return err
	}
	p := o.Printer()
	name := ""
	if g.Running {
		name = itoa(g.PID)
	}
	if err := p.One(g, name, func() { draw(p, g) }); err != nil {
		return err
	}
	if !g.Running {
		return exit.Said{Status: exit.Unavailable}
	}
	if g.Problem != "" || slices.ContainsFunc(g.Boards, func(b client.Board) bool { return b.Problem != "" }) {
		return exit.Said{Status: exit.Findings}
	}
	return nil
}

func draw(p *output.Printer, g client.Gateway) {
	state := "not running; andon gateway start  starts it"
	switch {
	case g.Draining:
		state = fmt.Sprintf("draining, pid %d", g.PID)
	case g.Running:
		state = fmt.Sprintf("running, pid %d", g.PID)
	}
	p.Field("gateway", "%s", state)
	p.Field("home", "%s", g.Home)
	p.Field("version", "%s", g.Version)
	p.Field("since", "%s", p.Time(g.Since))
	p.Field("socket", "%s", g.Socket)
	p.Field("url", "%s", g.URL)
	p.Field("url", "%s", output.Inline(g.ListenError))
	if g.Running {
		p.Field("runs", "%s", runs(g))
	}
	if g.Running && !g.Dispatching {
		p.Field("dispatch", "nothing is started: %s", output.Inline(g.Reason))
	}
	p.Field("config", "%s", configError(g))
	for _, slug := range slices.Sorted(maps.Keys(g.BackupProblems)) {
		p.Field("backup", "! of %s failed: %s", slug, output.Inline(g.BackupProblems[slug]))
	}
	for _, h := range g.Holds {
		p.Field("held", "%s", p.Hold(h))
	}
	if g.Problem != "" {
		p.Field("holds", "! %s", output.Inline(g.Problem))
		p.Field("hint", "%s", output.Inline(g.Hint))
	}
	for _, b := range g.Boards {
		counts := output.Counts(b.Counts)
		if b.Problem != "" {
			counts = "! " + output.Inline(b.Problem)
		}
		p.Field("board", "%s  %s", b.Slug, counts)
		p.Field("hint", "%s", output.Inline(b.Hint))
	}
}

func runs(g client.Gateway) string {
	limit := "no limit"
	if g.MaxParallel > 0 {
		limit = "at most " + strconv.Itoa(g.MaxParallel)
	}
	var lanes []string
	for _, lane := range slices.Sorted(maps.Keys(g.Lanes)) {
		lanes = append(lanes, fmt.Sprintf("%s=%d", lane, g.Lanes[lane]))
	}
	return strings.TrimSpace(fmt.Sprintf("%d (%s) %s", g.Runs, limit, strings.Join(lanes, " ")))
}

func configError(g client.Gateway) string {
	if g.ConfigError == "" {
		return ""
	}
	return "the file on disk is not in force: " + output.Inline(g.ConfigError)
}

func itoa(n int) string { return strconv.Itoa(n) }
