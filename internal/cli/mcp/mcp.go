// Package mcp is andon mcp.
package mcp

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/mcpserver"
)

// Options are the flags.
type Options struct {
	*cmdutil.Factory
	Role string
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:   "mcp",
		Short: "Serve a board to an agent as MCP tools, on standard input and output",
		Long: `Serve a board to an agent as tools of the Model Context Protocol, on standard input and output.

Inside a run the role is worker, and the tools are those of its own task: show, heartbeat, complete, review, block,
verdict, comment, create, link, artifacts. For an agent that plans, give --role orchestrator. Without a role there is no tool.`,
		Example: cmdutil.Examples(
			"$ andon mcp --role worker",
			"$ claude mcp add andon -- andon mcp --role orchestrator"),
		Args: cmdutil.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if run == nil {
				run = serve
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.Role, "role", "", "worker or orchestrator (default: worker inside a run, else none)")
	return cmd
}

// serve answers until the client closes its end.
func serve(ctx context.Context, o *Options) error {
	server, err := o.server()
	if err != nil {
		return err
	}
	if o.Terminal.In {
		o.Progress("waiting for MCP messages on standard input; this is for an agent to start, see andon mcp --help")
	}
	return mcpserver.Serve(ctx, server, o.In, o.Out)
}

func (o *Options) server() (mcpserver.Options, error) {
	role, err := mcpserver.ParseRole(o.Role)
	if err != nil {
		return mcpserver.Options{}, err
	}
	run := mcpserver.Run{Task: o.Getenv("ANDON_TASK"), Token: o.Getenv("ANDON_TOKEN")}
	run.ID, _ = strconv.ParseInt(o.Getenv("ANDON_RUN_ID"), 10, 64) // CheckFence has refused what is none
	switch {
	case role == mcpserver.None && run.Task != "":
		role = mcpserver.Worker
	case role == mcpserver.Worker && run.Task == "":
		return mcpserver.Options{}, kanban.Errorf(kanban.Invalid, "there is no run here to be the worker of").
			Hint("a lane's command finds ANDON_TASK, ANDON_RUN_ID and ANDON_TOKEN set; andon claim gives them to others")
	case role == mcpserver.Orchestrator && (run.Task != "" || o.Inside()):
		return mcpserver.Options{}, kanban.Errorf(kanban.Unauthorized, "a run is no orchestrator of the board").
			Hint("andon mcp --role worker  has create and link for tasks below your own")
	}
	way := o.ClientOptions()
	if role == mcpserver.Orchestrator {
		way.Role = client.Orchestrator
		if way.As == "" {
			way.As = string(role)
		}
	}
	c, board, err := o.Dial(way)
	server := mcpserver.Options{Client: c, Board: board, Role: role, Run: run, Version: o.Version}
	if o.Getenv("ANDON_RESULT") != "" {
		server.Deliver = o.deliver(run)
	}
	return server, err
}

// deliver leaves a worker's ending in its result file if the gateway is away.
func (o *Options) deliver(run mcpserver.Run) func(context.Context, mcpserver.Ending, func(context.Context) (client.Task, error)) (client.Task, string, error) {
	return func(ctx context.Context, e mcpserver.Ending, end func(context.Context) (client.Task, error)) (client.Task, string, error) {
		r := cmdutil.Result{
			Status: e.Status, Summary: e.Summary, Metadata: e.Metadata, Artifacts: e.Artifacts, Created: e.Created, Reason: e.Reason, Kind: e.Kind,
		}
		t, left, err := o.Deliver(ctx, run.Task, r, end)
		if left != nil {
			return t, left.Path, err
		}
		return t, "", err
	}
}
