package cmdutil

import (
	"bufio"
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

// lastWord stands for the task that this terminal created or claimed last.
const lastWord = "@last"

// IDs turns what was given as ids into ids: @last is looked up, "-" is replaced
// by the words on stdin, and nothing at all stands for the run's own task.
// Starts of ids are left for the server.
//
// Errors: invalid if no id is left; not_found if there is no last task.
func (f *Factory) IDs(args []string) ([]string, error) {
	var ids []string
	for _, arg := range args {
		switch arg {
		case "-":
			words := bufio.NewScanner(f.In)
			words.Split(bufio.ScanWords)
			for words.Scan() {
				ids = append(ids, words.Text())
			}
			if err := words.Err(); err != nil {
				return nil, kanban.Errorf(kanban.Invalid, "cannot read ids from stdin: %w", err)
			}
		case lastWord:
			id, err := f.last()
			if err != nil {
				return nil, err
			}
			ids = append(ids, id)
		default:
			ids = append(ids, arg)
		}
	}
	for _, id := range ids {
		if strings.TrimSpace(id) == "" {
			return nil, kanban.Errorf(kanban.Invalid, "the id is empty").Hint("give an id, the start of one, or @last")
		}
	}
	if own := f.ownTask(); len(args) == 0 && own != "" {
		ids = append(ids, own)
	}
	if len(ids) == 0 {
		return nil, kanban.Errorf(kanban.Invalid, "no task given").Hint("give an id, the start of one, or @last")
	}
	return unique(ids), nil
}

// ID is IDs for commands that take one.
func (f *Factory) ID(args ...string) (string, error) {
	ids, err := f.IDs(args)
	if err != nil {
		return "", err
	}
	if len(ids) > 1 {
		return "", kanban.Errorf(kanban.Invalid, "one task is wanted, %d were given", len(ids))
	}
	return ids[0], nil
}

// IDAndText splits "ID WORDS..." for commands that inside a run may leave the
// id out.
func (f *Factory) IDAndText(args []string) (id, text string, err error) {
	var given []string
	if len(args) > 0 && (f.ownTask() == "" || args[0] == lastWord || strings.HasPrefix(args[0], "t_")) {
		given, args = args[:1], args[1:]
	}
	id, err = f.ID(given...)
	return id, strings.TrimSpace(strings.Join(args, " ")), err
}

// ownTask is the task of the run that this process belongs to, "" if none.
func (f *Factory) ownTask() string { return f.Getenv("ANDON_TASK") }

// LeaseFlags lets a command be given the lease that its write carries, beside
// the environment of a run.
func (f *Factory) LeaseFlags(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.Int64Var(&f.lease.Run, "run", 0, "number of the run that the task was claimed for (default: $ANDON_RUN_ID)")
	fl.StringVar(&f.lease.Token, "token", "", "token of the claim (default: $ANDON_TOKEN, which other users cannot see)")
}

// Lease is what a write to a task must carry: the lease that was given, or the
// run's for its own task, nothing for others.
func (f *Factory) Lease(id string) client.Lease {
	if f.lease.Token != "" {
		return f.lease
	}
	start := strings.ToLower(id)
	if !strings.HasPrefix(start, "t_") {
		start = "t_" + start
	}
	run, err := strconv.ParseInt(f.Getenv("ANDON_RUN_ID"), 10, 64)
	if err != nil || !strings.HasPrefix(f.ownTask(), start) {
		return client.Lease{}
	}
	return client.Lease{Run: run, Token: f.Getenv("ANDON_TOKEN")}
}

// CheckFence refuses the environment of a run that names no lease: a write
// without one would count as a human's.
//
// Errors: invalid.
func (f *Factory) CheckFence() error {
	if (f.lease.Run == 0) != (f.lease.Token == "") {
		return kanban.Errorf(kanban.Invalid, "--run and --token belong together").Hint("andon claim  prints both")
	}
	if f.ownTask() == "" {
		return nil
	}
	if f.Getenv("ANDON_VERIFYING") != "" {
		return nil // it has none on purpose, and the gateway knows it by where it comes from
	}
	const way = "andon sets ANDON_TASK, ANDON_RUN_ID and ANDON_TOKEN for a run: pass on all of them or none"
	if run, err := strconv.ParseInt(f.Getenv("ANDON_RUN_ID"), 10, 64); err != nil || run < 1 {
		return kanban.Errorf(kanban.Invalid, "ANDON_TASK is set, but ANDON_RUN_ID is %s and not the number of a run", kanban.Quote(f.Getenv("ANDON_RUN_ID"))).Hint(way)
	}
	if f.Getenv("ANDON_TOKEN") == "" {
		return kanban.Errorf(kanban.Invalid, "ANDON_TASK is set, but ANDON_TOKEN is empty").Hint(way)
	}
	return nil
}

// Resolve returns the whole id of a task.
func (f *Factory) Resolve(ctx context.Context, c *client.Client, board, id string) (string, error) {
	if kanban.IsTaskID(id) {
		return id, nil
	}
	t, err := c.Explain(ctx, board, id)
	return t.ID, err
}

func unique(ids []string) []string {
	seen := map[string]bool{}
	kept := ids[:0:0]
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			kept = append(kept, id)
		}
	}
	return kept
}

// Me is whose tasks are mine: --as, else the lane of the run that this process
// belongs to, else the user's name.
func (f *Factory) Me() string {
	for _, name := range []string{
		f.Globals.As, f.Getenv("ANDON_LANE"), f.Getenv("HERMES_PROFILE_NAME"), f.Getenv("HERMES_PROFILE"),
		f.Getenv("USER"), f.Getenv("LOGNAME"),
	} {
		if name != "" {
			return strings.ToLower(name)
		}
	}
	return "user"
}
