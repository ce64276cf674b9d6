package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/output"
	"github.com/andon-dev/andon/internal/kanban"
)

// completionLimit is how long a shell is kept waiting for names.
const completionLimit = time.Second

// completions makes every command offer the ids, boards, lanes and labels
// that there are, and every flag with few values those.
func completions(root *cobra.Command, f *cmdutil.Factory) {
	statuses := make([]string, len(kanban.Statuses))
	for i, s := range kanban.Statuses {
		statuses[i] = string(s)
	}
	offers := map[string]cobra.CompletionFunc{
		"board":  names(f, boardNames),
		"lane":   names(f, laneNames),
		"label":  names(f, labelNames),
		"status": cobra.FixedCompletions(statuses, cobra.ShellCompDirectiveNoFileComp),
		"for":    cobra.FixedCompletions(statuses, cobra.ShellCompDirectiveNoFileComp),
		"until":  cobra.FixedCompletions(statuses, cobra.ShellCompDirectiveNoFileComp),
		"output": cobra.FixedCompletions(output.Formats, cobra.ShellCompDirectiveNoFileComp),
	}
	offer(root, offers, names(f, taskIDs))
}

func offer(cmd *cobra.Command, offers map[string]cobra.CompletionFunc, ids cobra.CompletionFunc) {
	switch {
	case strings.Contains(cmd.Use, "SLUG"):
		cmd.ValidArgsFunction = offers["board"]
	case strings.Contains(cmd.Use, "ID") || strings.Contains(cmd.Use, "PARENT"):
		cmd.ValidArgsFunction = ids
	}
	for flag, values := range offers {
		if cmd.LocalFlags().Lookup(flag) != nil {
			_ = cmd.RegisterFlagCompletionFunc(flag, values) // fails only if done twice
		}
	}
	for _, sub := range cmd.Commands() {
		offer(sub, offers, ids)
	}
}

// names asks the board; a shell is told nothing rather than an error.
func names(f *cmdutil.Factory, ask func(context.Context, *client.Client, string) ([]string, error)) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(cmd.Context(), completionLimit)
		defer cancel()
		c, board, err := f.Open(ctx)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		found, err := ask(ctx, c, board)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		return found, cobra.ShellCompDirectiveNoFileComp
	}
}

func taskIDs(ctx context.Context, c *client.Client, board string) ([]string, error) {
	page, err := c.Tasks(ctx, board, client.TaskQuery{Sort: "updated-desc"})
	found := []string{"@last"}
	for _, t := range page.Items {
		found = append(found, t.ID+"\t"+output.Inline(t.Title))
	}
	return found, err
}

func boardNames(ctx context.Context, c *client.Client, _ string) ([]string, error) {
	boards, err := c.Boards(ctx, false)
	var found []string
	for _, b := range boards {
		found = append(found, b.Slug)
	}
	return found, err
}

func labelNames(ctx context.Context, c *client.Client, board string) ([]string, error) {
	b, err := c.Board(ctx, board)
	return b.Labels, err
}

func laneNames(ctx context.Context, c *client.Client, board string) ([]string, error) {
	lanes, err := c.Lanes(ctx, board)
	var found []string
	for _, l := range lanes {
		found = append(found, l.Name+"\t"+output.Inline(l.Description))
	}
	return found, err
}
