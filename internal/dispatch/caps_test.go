package dispatch_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
)

// held is a worker that tells that it runs, and ends when it is let go.
const held = `echo "$ANDON_BOARD $ANDON_TASK" >$TELL; read go <$GATES/$ANDON_TASK`

// TestG16_CapsHold lets real workers run on two boards under caps of every kind,
// as many as there may be, and ends one at a time.
func TestG16_CapsHold(t *testing.T) {
	caps := map[string]int{"home": 5, "board:default": 4, "tenant:acme": 2, "lane:fast": 1, "account:max": 2}
	h := newHouse(t, map[string]string{"fast": held, "slow": held, "free": held}, func(c *config.Config) {
		c.Dispatch.MaxParallel = caps["home"]
		c.Boards = map[string]config.Board{"default": {
			MaxParallel: caps["board:default"], Tenants: map[string]config.Tenant{"acme": {MaxParallel: caps["tenant:acme"]}},
		}}
		c.Accounts = map[string]config.Account{"max": {MaxParallel: caps["account:max"]}}
		edit(c, "fast", func(l *config.Lane) { l.MaxParallel = caps["lane:fast"] })
		edit(c, "slow", func(l *config.Lane) { l.Account = "max" })
	})
	tell := h.hear()
	h.open()
	h.newBoard("other")

	dice := rand.New(rand.NewPCG(1, 2))
	counts, gates := map[string][]string{}, map[string]*pipe{} // what each task counts against
	const tasks = 24
	for i := range tasks {
		n := board.NewTask{Assignee: []string{"fast", "slow", "free"}[dice.IntN(3)], Priority: dice.IntN(3)}
		slug := []string{"default", "other"}[i%2]
		against := []string{"home", "board:" + slug, "lane:" + n.Assignee}
		if slug == "default" && i%3 == 0 {
			n.Tenant = "acme"
			against = append(against, "tenant:acme")
		}
		if n.Assignee == "slow" {
			against = append(against, "account:max")
		}
		// The pipe is there before the worker that reads it.
		n.Triage = true
		id := h.addTo(slug, n)
		gates[id] = h.fifo(id)
		counts[id] = against
		_, err := h.board(slug).Promote(context.Background(), ann, id, false, "")
		fail(t, err)
	}

	lines := make(chan string, tasks)
	go func() {
		for range tasks {
			lines <- tell.line()
		}
	}()
	running, used, most, done := []string{}, map[string]int{}, 0, 0
	for done < tasks {
		var started string
		h.await("a start, or that nothing more can be started", func() bool {
			select {
			case started = <-lines:
				return true
			default:
			}
			// In this order: a run that has ended counts in the plan until the
			// dispatcher forgets it, and one is claimed before it is known there.
			if total, _ := h.d.Running(); total != len(running) {
				return false
			}
			plan, _, err := h.d.Plan(context.Background(), "")
			fail(t, err)
			return len(plan) == 0 && h.live() == len(running)
		})
		if started != "" {
			var slug, id string
			fmt.Sscan(started, &slug, &id)
			running = append(running, id)
			for _, cap := range counts[id] {
				if used[cap]++; caps[cap] > 0 && used[cap] > caps[cap] {
					t.Fatalf("%d run under the cap %s of %d", used[cap], cap, caps[cap])
				}
			}
			most = max(most, len(running))
			continue
		}
		at := dice.IntN(len(running))
		id := running[at]
		running = append(running[:at], running[at+1:]...)
		for _, cap := range counts[id] {
			used[cap]--
		}
		gates[id].say("go")
		done++
		h.await("the end of "+id, func() bool { return h.ended(id) })
	}
	if most != caps["home"] {
		t.Errorf("at most %d ran at once, the caps have room for %d", most, caps["home"])
	}
}

// live counts the runs that are open, or settle, on both boards.
func (h *house) live() (n int) {
	for _, slug := range []string{"default", "other"} {
		runs, err := h.board(slug).LiveRuns(context.Background())
		fail(h.t, err)
		n += len(runs)
	}
	return n
}

func (h *house) ended(id string) bool {
	for _, slug := range []string{"default", "other"} {
		if t, err := h.board(slug).Task(context.Background(), id); err == nil {
			return t.CurrentRun == 0 && t.LiveRun == 0
		}
	}
	return false
}

// edit changes one lane.
func edit(c *config.Config, lane string, f func(*config.Lane)) {
	l := c.Lanes[lane]
	f(&l)
	c.Lanes[lane] = l
}
