package board_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/anishathalye/porcupine"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/memory"
)

// exchange is a call with its reply.
type exchange struct {
	c call
	r reply
}

// overlapping is a history in which each exchange lasts until the next but
// overlap-1 has begun: with 0, one happens after the other.
func overlapping(overlap int64, all ...exchange) []porcupine.Operation {
	history := make([]porcupine.Operation, len(all))
	for i, e := range all {
		at := int64(10 * i)
		history[i] = porcupine.Operation{ClientId: i, Input: e.c, Output: e.r, Call: at, Return: at + 5 + 10*overlap}
	}
	return history
}

// TestG10_TheCheckRefusesBrokenHistories: what the guarantee excludes is found,
// and found in what was recorded, not in the clients' manners.
func TestG10_TheCheckRefusesBrokenHistories(t *testing.T) {
	lease := call{Task: "t_1", Run: 1, Token: "one"}
	by := func(verb string, l call) call { l.Verb = verb; return l }
	at := func(s kanban.Status) reply { return reply{Task: "t_1", Status: s} }
	refusal := func(code kanban.Code) reply { return reply{Code: code} }

	create := exchange{call{Verb: "create"}, reply{Task: "t_1", Status: kanban.Ready, Created: true}}
	claim := exchange{call{Verb: "claim", Task: "t_1"}, reply{Task: "t_1", Run: 1, Token: "one", Attempts: 1}}
	again := exchange{call{Verb: "claim", Task: "t_1"}, reply{Task: "t_1", Run: 2, Token: "two", Attempts: 2}}
	reclaim := exchange{call{Verb: "reclaim", Task: "t_1"}, at(kanban.Ready)}
	complete := exchange{by("complete", lease), at(kanban.Done)}
	stale := exchange{by("complete", lease), refusal(kanban.Stale)}
	archive := exchange{call{Verb: "archive", Task: "t_1"}, at(kanban.Archived)}
	lost := exchange{call{Verb: "claim", Task: "t_1"}, refusal(kanban.Conflict)}
	sees := func(s kanban.Status, run int64, attempts int) exchange {
		r := at(s)
		r.Run, r.Attempts = run, attempts
		return exchange{call{Verb: "read", Task: "t_1"}, r}
	}

	for name, c := range map[string]struct {
		all     []exchange
		overlap int64
		right   bool
	}{
		"a task's life":                          {[]exchange{create, claim, sees(kanban.Running, 1, 1), complete, sees(kanban.Done, 0, 1), archive}, 0, true},
		"a claim after a reclaim":                {[]exchange{create, claim, reclaim, again, stale}, 0, true},
		"two claims at once, one of which loses": {[]exchange{create, claim, lost, complete}, 1, true},
		"a read beside a claim, of before":       {[]exchange{create, claim, sees(kanban.Ready, 0, 0)}, 1, true},

		"two claims that both succeed":            {[]exchange{create, claim, again}, 0, false},
		"two claims at once that both succeed":    {[]exchange{create, claim, again}, 2, false},
		"a stale completion is accepted":          {[]exchange{create, claim, reclaim, again, complete}, 0, false},
		"a completion is accepted twice":          {[]exchange{create, claim, complete, complete}, 0, false},
		"a stale heartbeat is accepted":           {[]exchange{create, claim, complete, {by("heartbeat", lease), reply{}}}, 0, false},
		"another's token is accepted":             {[]exchange{create, claim, {by("complete", call{Task: "t_1", Run: 1, Token: "x"}), at(kanban.Done)}}, 0, false},
		"an owner is told that it is stale":       {[]exchange{create, claim, stale}, 0, false},
		"a write is lost":                         {[]exchange{create, claim, complete, sees(kanban.Running, 1, 1)}, 0, false},
		"a read of what is over":                  {[]exchange{create, claim, sees(kanban.Ready, 0, 0)}, 0, false},
		"a run is lost from the count":            {[]exchange{create, claim, reclaim, {again.c, reply{Task: "t_1", Run: 2, Token: "two", Attempts: 1}}}, 0, false},
		"a run's id is used again":                {[]exchange{create, claim, reclaim, {again.c, reply{Task: "t_1", Run: 1, Token: "two", Attempts: 2}}}, 0, false},
		"a key is given to two open tasks":        {[]exchange{create, {create.c, reply{Task: "t_2", Status: kanban.Ready, Created: true}}}, 0, false},
		"a key is given to two at the same time":  {[]exchange{create, {create.c, reply{Task: "t_2", Status: kanban.Ready, Created: true}}}, 1, false},
		"an archived task is given to a new call": {[]exchange{create, archive, {create.c, reply{Task: "t_1", Status: kanban.Archived}}}, 0, false},
		"a done task is claimed":                  {[]exchange{create, claim, complete, again}, 0, false},
		"a ready task is refused":                 {[]exchange{create, lost}, 0, false},
	} {
		if got := porcupine.CheckOperations(linear, overlapping(c.overlap, c.all...)); got != c.right {
			t.Errorf("%s: accepted %v", name, got)
		}
	}
}

// forgetful acknowledges every tenth write without keeping it.
type forgetful struct {
	store.Store
	writes atomic.Int64
}

var errForgotten = errors.New("forgotten")

func (f *forgetful) Update(ctx context.Context, fn func(store.Tx) error) error {
	forget := f.writes.Add(1)%10 == 0
	err := f.Store.Update(ctx, func(tx store.Tx) error {
		if err := fn(tx); err != nil || !forget {
			return err
		}
		return errForgotten
	})
	if errors.Is(err, errForgotten) {
		return nil
	}
	return err
}

// TestG01_TheCheckFindsAStoreThatForgets: a history that was recorded like those
// of the product, on a store that loses what it acknowledged, is refused.
func TestG01_TheCheckFindsAStoreThatForgets(t *testing.T) {
	b := boardOn(&forgetful{Store: memory.New()})
	p := plan{Seed: 1, Clients: 4, Calls: 80, Epoch: must(b.Own(bg))(t)}
	if porcupine.CheckOperations(linear, p.record(b)) {
		t.Error("the history was accepted")
	}
}
