//go:build linux

package heard

import (
	"context"
	"flag"
	"math/rand/v2"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/andon-dev/andon/client"
	_ "github.com/andon-dev/andon/internal/cli" // what is run is built apart: without this a change would find a cached result
)

var (
	duration  = flag.Duration("duration", 4*time.Second, "how long there is trouble")
	perSecond = flag.Int("changes", 50, "changes of tasks in a second")
	seed      = flag.Uint64("seed", 0, "of the troubles; 0 = a new one")
)

const (
	killEvery = 20 * time.Second
	turn      = 7 * time.Second
	patience  = 10 * time.Minute // until all was told, once there is no trouble
)

// TestG20_EverybodyIsTold is the soak of the senders.
func TestG20_EverybodyIsTold(t *testing.T) {
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	t.Logf("seed %d", *seed)
	h := newHouse(t)
	for _, sink := range []string{"telegram", "slack", "hook"} {
		if _, err := h.api.Subscribe(t.Context(), board, client.SubscriptionCreate{Sink: sink, Kinds: kinds}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), *duration)
	defer cancel()
	var all sync.WaitGroup
	var made int64
	var troubles int
	all.Go(func() { made = h.load(ctx, *perSecond) })
	all.Go(func() { troubles = h.trouble(ctx, rand.New(rand.NewPCG(*seed, 0)), min(turn, *duration/4)) })
	for kill := time.NewTicker(min(killEvery, *duration/2)); ctx.Err() == nil; {
		select {
		case <-kill.C:
			h.kill()
		case <-ctx.Done():
		}
	}
	all.Wait()
	began := time.Now()
	parked := h.settle()
	t.Logf("%d changes of tasks, %d troubles, %d kills; the last message %s after the last trouble", made, troubles, h.kills, time.Since(began).Round(time.Second))

	events := h.events()
	for _, place := range []struct {
		name string
		said []string
	}{{"telegram", h.telegram.Said(room)}, {"slack", h.slack.Said(ops)}, {"hook", h.hook.Said()}} {
		compare(t, place.name, events, parked, place.said)
	}
}

// settle waits until nothing is pending, and returns what was parked, by event.
func (h *house) settle() map[int64]bool {
	h.Helper()
	for end := time.Now().Add(patience); ; {
		pending, err := h.api.Deliveries(context.Background(), board, "pending", 1)
		if err == nil && len(pending) == 0 {
			break
		}
		if time.Now().After(end) {
			h.Fatalf("still pending: %+v, %v", pending, err)
		}
		time.Sleep(again) // nobody tells when all is told
	}
	all, err := h.api.Deliveries(context.Background(), board, "parked", 1000)
	if err != nil {
		h.Fatal(err)
	}
	parked := map[int64]bool{}
	for _, d := range all {
		h.Logf("parked: %s of %s: %s", d.Event.Kind, d.Event.Task, d.Error)
		parked[d.Event.ID] = true
	}
	return parked
}

// events returns those that were subscribed, by id.
func (h *house) events() map[int64]client.Event {
	h.Helper()
	found := map[int64]client.Event{}
	for q := (client.EventQuery{Kinds: kinds, Limit: 1000}); ; {
		page, err := h.api.Events(context.Background(), board, q)
		if err != nil {
			h.Fatal(err)
		}
		for _, e := range page.Items {
			found[e.ID] = e
			q.After = e.ID
		}
		if len(page.Items) == 0 {
			return found
		}
	}
}

// key is BOARD-DESTINATION-EVENT. A digest has one for each of its messages.
var key = regexp.MustCompile(board + `-(\d+)-(\d+)\b`)

// compare holds what a place was told against what happened.
func compare(t *testing.T, place string, events map[int64]client.Event, parked map[int64]bool, said []string) {
	told := map[int64]int{}      // how often, by event
	newest := map[string]int64{} // event told, by task
	destination, digests := "", 0
	for _, text := range said {
		keys := key.FindAllStringSubmatch(text, -1)
		if len(keys) == 0 {
			t.Errorf("%s: a message without a key: %q", place, text)
		}
		if len(keys) > 1 {
			digests++
		}
		batch := map[string]int64{} // a digest names first who has to act
		for _, k := range keys {
			id, err := strconv.ParseInt(k[2], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			if destination == "" {
				destination = k[1]
			}
			e, known := events[id]
			if !known || k[1] != destination {
				t.Errorf("%s: %s is of no event, or of another place", place, k[0])
				continue
			}
			if told[id]++; told[id] == 1 && id < newest[e.Task] {
				t.Errorf("%s: event %d of %s comes after event %d", place, id, e.Task, newest[e.Task])
			}
			batch[e.Task] = max(batch[e.Task], id)
		}
		for task, id := range batch {
			newest[task] = max(newest[task], id)
		}
	}
	missing, again := 0, 0
	for id, e := range events {
		again += max(0, told[id]-1)
		if told[id] == 0 && !parked[id] {
			if missing++; missing < 10 {
				t.Errorf("%s: event %d (%s of %s) was told to nobody", place, id, e.Kind, e.Task)
			}
		}
	}
	t.Logf("%s: %d events in %d messages, of which %d digests; %d came again, %d were lost", place, len(events), len(said), digests, again, missing)
}
