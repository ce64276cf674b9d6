package mcp_test

import (
	"context"
	"strings"
	"testing"

	"github.com/andon-dev/andon/internal/cli/clitest"
	"github.com/andon-dev/andon/internal/cli/mcp"
	"github.com/andon-dev/andon/internal/kanban"
)

const list = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}
{"jsonrpc":"2.0","id":2,"method":"tools/list"}
`

// Who may have which tools is settled before a word is spoken.
func TestRoles(t *testing.T) {
	run := map[string]string{"ANDON_TASK": "t_1f3a9c20", "ANDON_RUN_ID": "7", "ANDON_TOKEN": "0123abcd"}
	for name, c := range map[string]struct {
		env  map[string]string
		args []string
		tool string // that is among them, "" = none is
		code kanban.Code
	}{
		"inside a run":                {env: run, tool: "complete"},
		"a run's worker":              {env: run, args: []string{"--role", "worker"}, tool: "complete"},
		"a run that would plan":       {env: run, args: []string{"--role", "orchestrator"}, code: kanban.Unauthorized},
		"a worker of nothing":         {args: []string{"--role", "worker"}, code: kanban.Invalid},
		"an orchestrator":             {args: []string{"--role", "orchestrator"}, tool: "create_graph"},
		"nobody in particular":        {},
		"somebody who does not exist": {args: []string{"--role", "admin"}, code: kanban.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			sh := clitest.New(t, nil)
			for k, v := range c.env {
				sh.Env[k] = v
			}
			sh.In = strings.NewReader(list)
			err := clitest.Parse(t, mcp.New(sh.Factory, nil), c.args...)
			if kanban.CodeOf(err) != c.code {
				t.Fatalf("%v, want %q", err, c.code)
			}
			said := sh.Out.String()
			if c.tool == "" && strings.Contains(said, `"name":"show"`) || c.tool != "" && !strings.Contains(said, `"name":"`+c.tool+`"`) {
				t.Errorf("it said %.300s", said)
			}
			if strings.Contains(said+sh.Err.String(), "0123abcd") {
				t.Error("it repeats the token")
			}
		})
	}
}

// A command line stops where parsing ends.
func TestFlags(t *testing.T) {
	var got mcp.Options
	run := func(_ context.Context, o *mcp.Options) error { got = *o; return nil }
	if err := clitest.Parse(t, mcp.New(clitest.New(t, nil).Factory, run), "--role", "worker"); err != nil || got.Role != "worker" {
		t.Errorf("%+v, %v", got, err)
	}
	if err := clitest.Parse(t, mcp.New(clitest.New(t, nil).Factory, run), "more"); kanban.CodeOf(err) != kanban.Invalid {
		t.Errorf("an argument: %v", err)
	}
}
