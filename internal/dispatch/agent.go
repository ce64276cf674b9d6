package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/prime"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/worker"
	"github.com/andon-dev/andon/internal/worker/preset"
)

const promptFile = "prompt.md"

// agentOrder is what the supervisor of an agent is told to run, over an order for
// a plain command: the program's own command line, its files, and the prompt.
func (r *run) agentOrder(ctx context.Context, s start, p preset.Preset, f config.Fields, o worker.Order, text string) (worker.Order, error) {
	args, err := s.lane.ExtraArgs(f)
	if err != nil {
		return o, err
	}
	session, err := r.lastSession(ctx, s.claim.Task, cmp.Or(s.claim.Task.OnRetry, s.lane.OnRetry))
	if err != nil {
		return o, err
	}
	l := p.Launch(preset.Ask{
		Command: o.Argv, Args: args, Model: cmp.Or(s.claim.Task.Model, s.lane.Model), Permission: s.lane.Permission,
		Session: session, Budget: cmp.Or(r.row.Reserved.Cost, s.claim.Task.Budget.Cost),
		Bin: filepath.Join(r.d.Paths.Dir, "bin", "andon"), Dir: r.dir,
	})
	for _, name := range slices.Sorted(maps.Keys(l.Files)) {
		if err := r.folder.Write(name, l.Files[name]); err != nil {
			return o, err
		}
		r.files = append(r.files, filepath.Join(r.dir, name))
	}
	if err := r.folder.Write(promptFile, []byte(prime.Prompt(s.claim.Task.ID, session != "")+text)); err != nil {
		return o, err
	}
	o.Argv, o.Stdin = l.Argv, filepath.Join(r.dir, promptFile)
	o.Env = withDefaults(o.Env, l.Env)
	return o, nil
}

// withDefaults adds the variables that are not set.
func withDefaults(env []string, defaults map[string]string) []string {
	set := map[string]bool{}
	for _, kv := range env {
		name, _, _ := strings.Cut(kv, "=")
		set[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(defaults)) {
		if !set[name] {
			env = append(env, name+"="+defaults[name])
		}
	}
	return env
}

// lastSession is the session that this run takes up: that of the last attempt in
// the same lane and place, unless it failed and a retry is to start fresh, or its
// workspace does. An attempt that came to nothing, through nobody's fault, is looked past.
func (r *run) lastSession(ctx context.Context, t kanban.Task, onRetry string) (string, error) {
	if r.fresh || t.OnRetry == kanban.Fresh {
		return "", nil
	}
	runs, err := r.board.Runs(ctx, t.ID)
	if err != nil {
		return "", err
	}
	for _, last := range slices.Backward(runs) {
		switch {
		case last.ID == r.row.ID:
			continue
		case last.Lane != r.row.Lane || last.Workspace != r.row.Workspace:
			return "", nil
		case failedOutcome(last.Outcome) && onRetry != kanban.Continue:
			return "", nil
		case last.Session == "" && !failedOutcome(last.Outcome):
			continue
		}
		return last.Session, nil
	}
	return "", nil
}

// failedOutcome reports whether an attempt was spent: its session may be what
// went wrong.
func failedOutcome(o kanban.Outcome) bool {
	switch o {
	case kanban.Crashed, kanban.TimedOut, kanban.Stalled, kanban.SpawnFailed, kanban.ProtocolViolation, kanban.GaveUp:
		return true
	}
	return false
}

// agentEnd takes what the program of an agent told of its end into the ending of
// its run. It returns a word where that is more than a failure.
func (r *run) agentEnd(e *board.Ending, exit worker.Exit) word {
	v := r.report.Verdict
	if exit.Reason != worker.Exited {
		return nil // it was ended, whatever it said
	}
	h := kanban.Handoff{Summary: r.report.Last}
	switch v.Kind {
	case preset.Later:
		e.Outcome, e.Until, e.Error = kanban.RateLimited, v.Until, "its provider cannot serve it now: "+v.Reason
	case preset.Denied:
		e.Outcome, e.Error = kanban.RateLimited, "its provider refuses the account: "+v.Reason
		r.denied = v.Reason
	case preset.Spent:
		e.Outcome, e.Error = kanban.OverBudget, cmp.Or(v.Reason, "it reached its limit of cost")
	case preset.Failed:
		e.Outcome, e.Error = kanban.Crashed, cmp.Or(v.Reason, "its program failed")
	case preset.Finished:
		if e.Outcome == kanban.ProtocolViolation {
			return r.silentEnd(h)
		}
	default:
		if e.Outcome == kanban.ProtocolViolation && h.Summary != "" {
			return r.silentEnd(h)
		}
	}
	return nil
}

// silentEnd is what the end of an agent without a word to Andon stands for in
// its lane; nil if it is a failure.
func (r *run) silentEnd(h kanban.Handoff) word {
	switch {
	case r.terms.DoneWhen == config.DoneOnExit:
		return r.complete(r.lease(), h)
	case r.terms.OnSilentExit == config.SilentReviews:
		return r.verifyOrReview(h)
	}
	return nil
}

// refuse holds the account, or the lane without one, until a human resumes it:
// every run of it would be refused alike.
func (r *run) refuse(ctx context.Context) {
	hold := store.Hold{
		Scope: r.scope(), Kind: store.Pulled, By: "lane " + r.row.Lane, Since: r.d.Clock(),
		Reason: fmt.Sprintf("the provider refuses it (%s): log in, or set its key, where the gateway runs", r.denied),
	}
	holds, err := r.d.Boards.Holds(ctx)
	held := func(h store.Hold) bool { return h.Scope == hold.Scope && h.Kind == store.Pulled }
	if err == nil && slices.ContainsFunc(holds, held) {
		return
	}
	if err := r.d.Boards.HoldFor(ctx, r.board, r.row.ID, hold); err != nil {
		r.log().Error("a refused account cannot be held", "error", err)
	}
}

// PresetOf tells how to read the log of a run: by the preset of its lane; "" =
// plain text.
func PresetOf(runDir string) string {
	t, err := loadTerms(folder(runDir))
	if err != nil {
		return ""
	}
	return t.Preset
}
