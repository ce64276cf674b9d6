package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/worker"
)

// exitLater is the exit status (EX_TEMPFAIL) of a worker that was told to slow
// down: it costs no attempt.
const exitLater = 75

// word is what a worker said of the end of its run, for the board to accept or
// refuse.
type word func(context.Context) error

// judge says how a run ended whose process tree is gone: by the word of its
// worker, if there is one.
func (r *run) judge(ctx context.Context, exit worker.Exit, stalled bool) {
	code := exit.Code
	e := board.Ending{Signal: exit.Signal, Started: !exit.Started.IsZero(), Error: exit.Error}
	if e.Started && exit.Signal == "" {
		e.ExitCode = &code
	}
	r.meterEnd(ctx)
	r.readAll(ctx, &exit)
	said, err := r.word(exit)
	switch {
	case err != nil:
		e = refused(e, err)
	case exit.Reason == worker.SpawnFailed:
		e.Outcome, said = kanban.SpawnFailed, nil
	case said == nil:
		r.silent(&e, exit, stalled)
		if r.terms.Preset != "" {
			said = r.agentEnd(&e, exit)
			break
		}
		said = r.silentWord(exit, e)
	}
	r.end(ctx, e, said)
}

// refused is how a run ends whose worker's word cannot be taken.
func refused(e board.Ending, err error) board.Ending {
	e.Outcome, e.Error = kanban.ProtocolViolation, err.Error()
	return e
}

// silent classifies a run that ended without a word.
func (r *run) silent(e *board.Ending, exit worker.Exit, stalled bool) {
	tail := r.tail()
	switch {
	case stalled && exit.Reason == worker.Stopped: // else it had ended before we stopped what it left
		e.Outcome, e.Error = kanban.Stalled, "neither output nor heartbeat for "+r.terms.StallTimeout.String()
	case exit.Reason == worker.TimedOut:
		e.Outcome, e.Error = kanban.TimedOut, "it ran longer than "+r.row.MaxRuntime.String()
	case exit.Reason == worker.Stopped:
		e.Outcome, e.Error = kanban.Lost, "it was stopped from outside"
	case exit.Signal != "":
		e.Outcome, e.Error = kanban.Crashed, "killed by "+exit.Signal
	case exit.Code == exitLater:
		e.Outcome, e.Error = kanban.RateLimited, "it asked to try later (exit status 75)"
	case exit.Code != 0:
		e.Outcome, e.Error = kanban.Crashed, fmt.Sprintf("exit status %d", exit.Code)
	default:
		e.Outcome, e.Error = kanban.ProtocolViolation, "it ended with status 0 and said neither complete nor block nor review"
	}
	if tail != "" {
		e.Error += ": " + tail
	}
}

// silentWord is what exit status 0 without a word stands for in this lane; nil
// if it is a failure.
func (r *run) silentWord(exit worker.Exit, e board.Ending) word {
	if e.Outcome != kanban.ProtocolViolation {
		return nil
	}
	h := kanban.Handoff{Summary: r.tail()}
	switch {
	case r.terms.DoneWhen == config.DoneOnExit, r.terms.DoneWhen == "" && r.guest(): // of a lane that nobody configured
		return r.complete(r.lease(), h)
	case r.terms.OnSilentExit == config.SilentReviews:
		return r.verifyOrReview(h)
	}
	return nil
}

// verifyOrReview leaves it to the verification whether a silent end is done, and
// to a human where nothing verifies.
func (r *run) verifyOrReview(h kanban.Handoff) word {
	return func(ctx context.Context) error {
		verifies, err := r.board.Verifies(ctx, r.row.Task)
		if err != nil {
			return err
		}
		if verifies {
			return r.complete(r.lease(), h)(ctx)
		}
		return r.review(r.lease(), h)(ctx)
	}
}

// word is what the worker wrote to its result file: nil if nothing, or if the
// worker failed, unless the command line wrote it.
func (r *run) word(exit worker.Exit) (word, error) {
	res, err := r.readResult()
	failed := exit.Reason != worker.Exited || exit.Signal != "" || exit.Code != 0
	if failed && (err != nil || res == nil || res.Token == "") {
		return nil, nil // it may have been killed while it wrote
	}
	if err != nil || res == nil {
		return nil, err
	}
	return r.wordOf(res)
}

// queued is what the command line wrote while the gateway was away.
func (r *run) queued() (word, error) {
	res, err := r.readResult()
	if err != nil || res == nil || res.Token == "" {
		return nil, nil // of a worker that was killed
	}
	return r.wordOf(res)
}

func (r *run) wordOf(res *result) (word, error) {
	if res.Run != 0 && res.Run != r.row.ID {
		return nil, fmt.Errorf("the result file is of run %d", res.Run)
	}
	l := kanban.Lease{Task: r.row.Task, Run: r.row.ID, Token: res.Token}
	h := kanban.Handoff{Summary: res.Summary, Metadata: res.Metadata, Artifacts: res.Artifacts, Cards: res.Cards}
	switch res.Status {
	case "done":
		if h.Summary == "" {
			h.Summary = r.tail()
		}
		return r.complete(l, h), nil
	case "review":
		return r.review(l, h), nil
	case "blocked":
		kind, err := kanban.ParseBlockKind(res.Kind)
		if err != nil {
			return nil, fmt.Errorf("the result file has the kind %s; one of needs_input, capability, transient, dependency", kanban.Quote(res.Kind))
		}
		reason := strings.TrimSpace(res.Reason)
		if reason == "" {
			reason = res.Summary
		}
		return func(ctx context.Context) error {
			_, err := r.board.Block(ctx, kanban.System, l, kind, reason, h)
			return err
		}, nil
	}
	if res.Status == "" {
		return nil, fmt.Errorf("the result file names no status, which is done, blocked or review; %s", resultExample)
	}
	return nil, fmt.Errorf("the result file has the status %s, which is none of done, blocked and review; %s", kanban.Quote(res.Status), resultExample)
}

func (r *run) complete(l kanban.Lease, h kanban.Handoff) word {
	return func(ctx context.Context) error {
		_, err := r.board.Complete(ctx, kanban.System, l, h)
		return err
	}
}

func (r *run) review(l kanban.Lease, h kanban.Handoff) word {
	return func(ctx context.Context) error {
		_, err := r.board.Review(ctx, kanban.System, l, h)
		return err
	}
}

func (r *run) lease() kanban.Lease { return kanban.Lease{Task: r.row.Task, Run: r.row.ID} }

// readAll reads the rest of an agent's output.
func (r *run) readAll(ctx context.Context, exit *worker.Exit) {
	m := r.meter
	if m == nil {
		m = newMeter(r)
		defer m.close()
	}
	r.report = m.finish(ctx, exit)
}

// scope is what a limit of the run's provider belongs to.
func (r *run) scope() string {
	if r.terms.Account != "" {
		return "account:" + r.terms.Account
	}
	return "lane:" + r.row.Lane
}

// coolDown holds the account, or the lane without one, after a rate limit.
func (r *run) coolDown(ctx context.Context, t kanban.Task, e board.Ending) {
	until := t.NotBefore
	if e.Until.After(until) { // also when the task itself is left to a human
		until = e.Until
	}
	if e.Outcome != kanban.RateLimited || until.IsZero() {
		return
	}
	scope := r.scope()
	holds, err := r.d.Boards.Holds(ctx)
	longer := func(h store.Hold) bool {
		return h.Scope == scope && h.Kind == store.Cooldown && h.Until.After(until)
	}
	if err == nil && slices.ContainsFunc(holds, longer) {
		return
	}
	h := store.Hold{Scope: scope, Kind: store.Cooldown, Reason: e.Error, By: r.row.Lane, Since: r.d.Clock(), Until: until}
	if err := r.d.Boards.HoldFor(ctx, r.board, r.row.ID, h); err != nil {
		r.log().Error("a cool-down cannot be recorded", "error", err)
	}
}

// tail is the last line of the log that is not blank, or what an agent said or
// failed of last.
func (r *run) tail() string {
	if r.terms.Preset != "" {
		return cmp.Or(r.report.Verdict.Reason, r.report.Last, r.report.Stray)
	}
	text := r.said
	if text == "" {
		text = string(r.folder.Tail(8 << 10))
	}
	lines := strings.Split(strings.TrimSpace(strings.ToValidUTF8(text, "?")), "\n")
	last := []rune(strings.TrimSpace(lines[len(lines)-1]))
	return string(last[:min(len(last), 1000)])
}
