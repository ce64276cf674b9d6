package transfer

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// What a stranger names may become part of a path, of a command or of a ref of
// git, so every name must have its form. Whether rows contradict one another is
// not judged here.

var (
	digestForm = regexp.MustCompile(`^[0-9a-f]{64}$`)
	wordForm   = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
	metaForm   = regexp.MustCompile(`^[a-z][a-z0-9_.-]{0,63}$`)
)

// ownKeys are values of a board that are its own.
var ownKeys = []string{"board_id"}

// check judges a line by itself.
func (r record) check() error {
	switch {
	case r.Header != nil:
		return r.Header.check()
	case r.Meta != nil:
		return all(want(metaForm.MatchString(r.Meta.Key) && !slices.Contains(ownKeys, r.Meta.Key), "key %q", r.Meta.Key))
	case r.Task != nil:
		return r.Task.check()
	case r.Link != nil:
		known := []kanban.When{kanban.OnSuccess, kanban.OnAny, kanban.OnFailed}
		return all(aTask(r.Link.Parent), aTask(r.Link.Child), want(slices.Contains(known, r.Link.When), "when %q", r.Link.When))
	case r.Key != nil:
		return all(want(r.Key.Key != "", "an empty key"), aTask(r.Key.Task))
	case r.Run != nil:
		return r.Run.check()
	case r.Comment != nil:
		return all(anID("id", r.Comment.ID), aTask(r.Comment.Task), times(r.Comment.At))
	case r.Event != nil:
		return r.Event.check()
	case r.Artifact != nil:
		return r.Artifact.check()
	case r.Content != nil:
		return all(digest(r.Content.SHA256), want(r.Content.Size >= int64(len(r.Content.Data)), "more data than size"))
	case r.Destination != nil:
		return r.Destination.check()
	case r.Subscription != nil:
		return r.Subscription.check()
	case r.Mute != nil:
		return r.Mute.check()
	case r.Post != nil:
		return all(anID("destination", r.Post.Destination), aTask(r.Post.Task), want(r.Post.Ref != "", "no ref"), aLine("ref", r.Post.Ref), times(r.Post.At))
	case r.Delivery != nil:
		return r.Delivery.check()
	}
	return r.Trailer.check()
}

func (h Header) check() error {
	slug, err := kanban.Slug(h.Board.Slug)
	return all(err, want(slug == h.Board.Slug, "slug %q", h.Board.Slug), want(!h.ExportedAt.IsZero(), "no exported_at"), times(h.ExportedAt, h.Board.CreatedAt))
}

func (t taskRow) check() error {
	return all(
		aTask(t.ID), want(slices.Contains(kanban.Statuses, t.Status), "status %q", t.Status),
		want(t.Origin == "" || kanban.IsTaskID(t.Origin), "origin %q", t.Origin), aLine("assignee", t.Assignee), aLine("tenant", t.Tenant), theLabels(t.Labels),
		times(t.CreatedAt, t.StartedAt, t.CompletedAt, t.UpdatedAt, t.NotBefore, t.BlockedAt, t.ClaimEnds, t.Heartbeat),
		want(t.Version > 0, "version %d", t.Version), aWorkspace(t.Workspace),
		want(t.Priority == int(int32(t.Priority)), "priority %d", t.Priority),
		natural("max_runtime", int64(t.MaxRuntime)), natural("max_attempts", t.MaxAttempts), natural("failures", t.Failures),
		natural("losses", t.Losses), natural("review_rounds", t.ReviewRounds), natural("worker_pid", t.WorkerPID),
		natural("current_run", t.CurrentRun), natural("live_run", t.LiveRun),
		want(t.BlockKind == "" || wordForm.MatchString(string(t.BlockKind)), "block_kind %q", t.BlockKind),
		want(t.Closed == "" || wordForm.MatchString(t.Closed), "closed %q", t.Closed),
		aLine("reviewer", t.Reviewer), natural("max_rounds", t.MaxRounds),
		want(t.Reviews == "" || kanban.IsTaskID(t.Reviews), "reviews %q", t.Reviews), aRef("revision", t.Revision),
		want(t.OnRetry == "" || t.OnRetry == kanban.Continue || t.OnRetry == kanban.Fresh, "on_retry %q", t.OnRetry),
		t.Budget.Check(),
	)
}

func aWorkspace(w kanban.Workspace) error {
	return all(
		want(slices.Contains([]string{kanban.Scratch, kanban.Dir, kanban.Worktree, kanban.Clone}, w.Kind), "workspace %q", w.Kind),
		aPath(w.Path), aPath(w.Repo), aRef("branch", w.Branch),
	)
}

func (r runRow) check() error {
	return all(
		anID("id", r.ID), aTask(r.Task), aLine("lane", r.Lane), want(r.Attempt > 0, "attempt %d", r.Attempt),
		want(r.Outcome == "" || wordForm.MatchString(string(r.Outcome)), "outcome %q", r.Outcome),
		times(r.StartedAt, r.EndedAt, r.Heartbeat, r.Progress, r.ClaimEnds), natural("max_runtime", int64(r.MaxRuntime)),
		natural("worker_pid", r.WorkerPID), anObject("metadata", r.Metadata),
		aPath(r.Workspace), aRef("branch", r.Branch), aRef("base", r.Base), aRef("snapshot", r.Snapshot), aLine("signal", r.Signal),
		aRef("revision", r.Revision), aLine("account", r.Account), aLine("model", r.Model), aLine("session", r.Session),
		r.Usage.Check(), r.Reserved.Check(), anObject("pending", r.Pending),
	)
}

func (e eventRow) check() error {
	return all(
		anID("id", e.ID), want(e.Task == "" || kanban.IsTaskID(e.Task), "task %q", e.Task), natural("run", e.Run),
		want(wordForm.MatchString(string(e.Kind)), "kind %q", e.Kind), want(!e.At.IsZero(), "no time"), times(e.At),
	)
}

func (a artifactRow) check() error {
	return all(
		aTask(a.Task), natural("run", a.Run), want(filepath.IsLocal(a.Path), "path %q", a.Path), digest(a.SHA256),
		natural("size", a.Size), aLine("type", a.Type),
	)
}

func (s subscriptionRow) check() error {
	err := aPlace(s.Sink, s.Target, s.Thread)
	for _, k := range s.Kinds {
		err = all(err, want(wordForm.MatchString(string(k)), "kind %q", k))
	}
	return all(
		anID("id", s.ID), aTaskOrNone(s.Task), err, natural("destination", s.Destination),
		aLine("lane", s.Lane), aLine("tenant", s.Tenant), aLine("creator", s.Creator), theLabels(s.Labels), times(s.CreatedAt),
	)
}

func (d destinationRow) check() error {
	return all(anID("id", d.ID), aPlace(d.Sink, d.Target, d.Thread), times(d.Until))
}

func (m muteRow) check() error {
	return all(anID("destination", m.Destination), aTaskOrNone(m.Task), aLine("by", m.By), times(m.Until, m.At))
}

func aPlace(sink, target, thread string) error {
	slug, err := kanban.Slug(sink)
	return all(err, want(slug == sink, "sink %q", sink), aLine("target", target), aLine("thread", thread))
}

func aTaskOrNone(id string) error { return want(id == "" || kanban.IsTaskID(id), "task %q", id) }

func (d deliveryRow) check() error {
	known := []store.DeliveryState{store.Pending, store.Delivered, store.Parked}
	return all(
		anID("id", d.ID), natural("destination", d.Destination), want(d.Batch == store.Single || d.Batch >= 0 && d.Batch <= maxID, "batch %d", d.Batch), anID("subscription", d.Subscription), anID("event", d.Event), natural("attempts", d.Attempts),
		want(slices.Contains(known, d.State), "state %q", d.State), times(d.NextAt, d.DoneAt),
	)
}

func (t trailer) check() error {
	return all(
		digest(t.SHA256), natural("last_ids", t.LastIDs.Run), natural("last_ids", t.LastIDs.Comment), natural("last_ids", t.LastIDs.Event),
		natural("last_ids", t.LastIDs.Destination), natural("last_ids", t.LastIDs.Subscription), natural("last_ids", t.LastIDs.Delivery),
	)
}

// all is the first of several errors.
func all(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func want(holds bool, format string, args ...any) error {
	if holds {
		return nil
	}
	return fmt.Errorf("bad value: "+format, args...)
}

func aTask(id string) error { return want(kanban.IsTaskID(id), "task id %q", id) }

// maxID leaves room for the ids that come after.
const maxID = 1 << 53

func anID(what string, id int64) error {
	return want(id > 0 && id <= maxID, "%s %d", what, id)
}

func natural[N int | int64](what string, n N) error {
	return want(n >= 0 && (int64(n) <= maxID || what == "max_runtime"), "%s %d", what, n)
}

func digest(s string) error { return want(digestForm.MatchString(s), "sha256 %q", s) }

func aLine(what, s string) error {
	return want(!strings.ContainsFunc(s, unicode.IsControl), "%s %q", what, s)
}

func theLabels(words []string) error {
	labels, err := kanban.Labels(words)
	return all(err, want(slices.Equal(labels, words), "labels %q", words))
}

func aPath(p string) error {
	return want(p == "" || filepath.IsAbs(p) && !strings.ContainsRune(p, 0), "path %q", p)
}

// aRef is a name in git; one that begins with a dash would be an option.
func aRef(what, s string) error {
	return all(aLine(what, s), want(!strings.HasPrefix(s, "-") && !strings.Contains(s, ".."), "%s %q", what, s))
}

func anObject(what string, raw json.RawMessage) error {
	var fields map[string]json.RawMessage
	if len(raw) == 0 {
		return nil
	}
	if err := json.Unmarshal(raw, &fields); err != nil || fields == nil {
		return errors.New(what + " is not an object")
	}
	return nil
}

// lastTime is the last that can be written in JSON.
var lastTime = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

func times(all ...time.Time) error {
	for _, t := range all {
		if !t.IsZero() && (t.Unix() < 0 || t.After(lastTime)) {
			return fmt.Errorf("bad value: time %s", t)
		}
	}
	return nil
}
