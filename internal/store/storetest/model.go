package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/memory"
)

// modelTest runs random histories on the adapter and on memory. Each step is an
// Update of several operations, some of which end in an error; the answers of
// every operation, and after each step the answers of every query, must be equal.
func modelTest(t *testing.T, open Open) {
	Fewer(t, "rapid.checks", "25")
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		history := rapid.SliceOfN(steps, 1, 12).Draw(rt, "history")
		var diff string
		n++
		t.Run(fmt.Sprint(n), func(t *testing.T) { diff = lockstep(open(t), memory.New(), history) })
		if diff != "" {
			rt.Fatal(diff)
		}
	})
}

// given are the flags of the command line: what a test has set counts as set, too.
var given = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { names[f.Name] = true })
	return names
})

// Fewer sets a flag of rapid for one test unless it was given: each check opens
// a store.
func Fewer(t *testing.T, name, value string) {
	t.Helper()
	if given()[name] {
		return
	}
	before := flag.Lookup(name).Value.String()
	do(flag.Set(name, value))
	t.Cleanup(func() { do(flag.Set(name, before)) })
}

// lockstep returns the first difference between two stores, "" if there is none.
func lockstep(adapter, model store.Store, history []step) string {
	for i, step := range history {
		got, want := step.run(adapter, i), step.run(model, i)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			return fmt.Sprintf("step %d %+v (-model +adapter):\n%s", i, step, diff)
		}
		if diff := cmp.Diff(survey(model), survey(adapter), cmpopts.EquateEmpty()); diff != "" {
			return fmt.Sprintf("queries after step %d %+v (-model +adapter):\n%s", i, step, diff)
		}
	}
	return ""
}

// step is one Update.
type step struct {
	Ops  []op
	Fail bool // in the end
}

// op is one call of the port. Which fields count depends on Do.
type op struct {
	Do          string
	Task, Other string
	N           int
	Status      kanban.Status
	Words       string
	On          bool
	Minutes     int // of every time that the operation writes
}

var (
	verbs = []string{
		"insert task", "insert task", "update task", "update task", "note task", "delete task", "put link", "put link", "delete link",
		"put key", "release keys", "insert run", "update run", "put artifact", "add comment", "add event", "add event",
		"subscribe", "subscribe", "set kinds", "unsubscribe", "end subscriptions", "add delivery", "add delivery", "update delivery", "delete delivery",
		"put destination", "hold destination", "mute", "mute", "unmute", "put post", "put post",
		"set meta", "put operation", "prune",
	}
	taskNames = []string{"t_00000001", "t_00000002", "t_00000003", "t_00000004", "t_0000000a"}
	someWords = []string{"", "apple", "Apple Pie", "über", "100% a_b", "'; --", "☂\n\x01"}
	lanes     = []string{"", "builder", "painter"}
	tenants   = []string{"", "acme"}
	labels    = [][]string{nil, {"bug"}, {"bug", "ui"}, {"ui"}}

	steps = rapid.Custom(func(t *rapid.T) step {
		return step{Ops: rapid.SliceOfN(ops, 1, 8).Draw(t, "ops"), Fail: rapid.IntRange(0, 5).Draw(t, "fail") == 0}
	})
	ops = rapid.Custom(func(t *rapid.T) op {
		return op{
			Do:      rapid.SampledFrom(verbs).Draw(t, "do"),
			Task:    rapid.SampledFrom(taskNames).Draw(t, "task"),
			Other:   rapid.SampledFrom(taskNames).Draw(t, "other"),
			N:       rapid.IntRange(0, 5).Draw(t, "n"),
			Status:  rapid.SampledFrom(kanban.Statuses).Draw(t, "status"),
			Words:   rapid.SampledFrom(someWords).Draw(t, "words"),
			On:      rapid.Bool().Draw(t, "on"),
			Minutes: rapid.IntRange(0, 3).Draw(t, "minutes"),
		}
	})
)

// answers are what the operations of a step returned, and its own end.
type answers []string

var errWanted = errors.New("as the step says")

func (s step) run(on store.Store, n int) answers {
	var all answers
	err := on.Update(context.Background(), func(tx store.Tx) error {
		for _, o := range s.Ops {
			value, err := o.run(tx, n)
			all = append(all, fmt.Sprintf("%s: %v %s", o.Do, value, kanban.CodeOf(err)))
		}
		if s.Fail {
			return errWanted
		}
		return nil
	})
	return append(all, fmt.Sprint(err))
}

// at is the operation's time; the milliseconds differ from step to step.
func (o op) at(step int) time.Time {
	return t0.Add(time.Duration(o.Minutes)*time.Minute + time.Duration(step)*time.Millisecond)
}

// maybe is a time that may be missing.
func (o op) maybe(step int) time.Time {
	if !o.On {
		return time.Time{}
	}
	return o.at(step)
}

func (o op) run(tx store.Tx, n int) (any, error) {
	switch o.Do {
	case "insert task":
		return nil, tx.InsertTask(o.task(n))
	case "update task":
		return nil, tx.UpdateTask(o.task(n))
	case "note task":
		return nil, tx.NoteTask(o.task(n))
	case "delete task":
		return nil, tx.DeleteTask(o.Task)
	case "put link":
		return nil, tx.PutLink(kanban.Link{Parent: o.Task, Child: o.Other, Waived: o.On, WaivedBy: o.Words})
	case "delete link":
		return nil, tx.DeleteLink(o.Task, o.Other)
	case "put key":
		return nil, tx.PutKey("key"+o.Words, o.Task)
	case "release keys":
		return nil, tx.ReleaseKeys(o.Task)
	case "insert run":
		return tx.InsertRun(o.runOf(n))
	case "update run":
		r := o.runOf(n)
		r.ID = int64(o.N)
		return nil, tx.UpdateRun(r)
	case "put artifact":
		return nil, tx.PutArtifacts([]kanban.Artifact{{Task: o.Task, Run: int64(o.N), Path: o.Words, SHA256: o.Other, Size: int64(o.Minutes)}})
	case "add comment":
		return tx.AddComment(kanban.Comment{Task: o.Task, Author: "ann", Body: o.Words, At: o.at(n)})
	case "add event":
		return tx.AddEvent(kanban.Event{Task: o.Task, Run: int64(o.N), Kind: kanban.EventKinds[o.N], At: o.at(n), Payload: o.payload()})
	case "set meta":
		return nil, tx.SetMeta(o.Task, o.Words)
	case "put operation":
		return nil, tx.PutOperation(fmt.Sprint(o.Task, o.N), []byte(o.Words), o.at(n))
	case "prune":
		return tx.Prune(store.Prune{Events: o.at(n), Operations: o.at(n), Deliveries: o.at(n), Now: o.at(n), Limit: o.N})
	}
	return o.runOutbox(tx, n)
}

func (o op) runOutbox(tx store.Tx, n int) (any, error) {
	place := int64(1 + o.Minutes)
	delivery := store.Delivery{
		ID: int64(o.N), Destination: place, Subscription: int64(o.N), Event: kanban.Event{ID: int64(1 + len(o.Words)%4)}, Attempts: o.N,
		State: []store.DeliveryState{store.Pending, store.Delivered, store.Parked}[o.N%3], NextAt: o.at(n), Error: o.Words, DoneAt: o.maybe(n),
		Batch: []int64{0, store.Single, 1, 2}[o.Minutes],
	}
	about := ""
	if o.On {
		about = o.Task
	}
	switch o.Do {
	case "subscribe":
		id, created, err := tx.PutSubscription(store.Subscription{
			Task: about, Lane: lanes[o.N%3], Tenant: tenants[o.Minutes%2], Labels: labels[(o.N+o.Minutes)%4], Alone: o.N == 4, Sink: o.Other, Target: o.Words,
			Kinds: kanban.EventKinds[:o.N], CreatedAt: o.at(n),
		})
		return fmt.Sprint(id, created), err
	case "set kinds":
		return nil, tx.SetKinds(int64(o.N), kanban.EventKinds[:o.Minutes])
	case "unsubscribe":
		return nil, tx.DeleteSubscription(int64(o.N))
	case "end subscriptions":
		return nil, tx.EndSubscriptions(about)
	case "add delivery":
		delivery.State = store.Pending
		return tx.AddDelivery(delivery)
	case "update delivery":
		return nil, tx.UpdateDelivery(delivery)
	case "delete delivery":
		return nil, tx.DeleteDelivery(delivery.ID)
	case "put destination":
		return tx.PutDestination(o.Other, o.Words, "")
	case "hold destination":
		return nil, tx.HoldDestination(place, o.maybe(n))
	case "mute":
		return nil, tx.PutMute(store.Mute{Destination: place, Task: about, Until: o.maybe(n), By: o.Words, At: o.at(n)})
	case "unmute":
		return nil, tx.DeleteMute(place, about)
	case "put post":
		return nil, tx.PutPost(store.Post{Destination: place, Task: o.Task, Ref: o.Words, At: o.at(n)})
	}
	panic("unknown operation " + o.Do)
}

func (o op) task(n int) kanban.Task {
	t := kanban.Task{
		ID: o.Task, Title: o.Words, Body: o.Other, Status: o.Status, Priority: o.N - 2, Assignee: lanes[o.N%3], Tenant: tenants[o.N%2], Labels: labels[o.Minutes%4],
		CreatedAt: o.at(n), UpdatedAt: o.at(n).Add(time.Hour), CompletedAt: o.maybe(n), NotBefore: o.maybe(n),
		MaxRuntime: time.Duration(o.N) * 700 * time.Millisecond, SessionID: o.Words,
	}
	if o.On {
		t.IdempotencyKey, t.Skills = "key"+o.Words, []string{o.Words}
		t.Origin = o.Other
	}
	if o.N == 4 {
		t.LiveRun = 1
	}
	if o.Status == kanban.Archived {
		t.Closed = []string{"", "done", kanban.Cancelled}[o.N%3]
	}
	return t
}

func (o op) runOf(n int) kanban.Run {
	r := kanban.Run{Task: o.Task, Lane: lanes[o.N%3], Attempt: 1 + o.N, StartedAt: o.at(n), EndedAt: o.maybe(n), Summary: o.Words, Live: o.N == 1}
	if o.On {
		r.Outcome = []kanban.Outcome{kanban.Completed, kanban.Crashed}[o.N%2]
		r.Metadata = json.RawMessage(`{"n": 1}`)
	}
	return r
}

func (o op) payload() map[string]any {
	if !o.On {
		return nil
	}
	return map[string]any{"words": o.Words, "n": o.N}
}
