package notify

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

func TestAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	down := errors.New("down")
	d := store.Delivery{ID: 7, State: store.Pending, NextAt: now, Error: "earlier"}
	for name, c := range map[string]struct {
		attempts int
		err      error
		want     store.Delivery
	}{
		"sent":      {0, nil, store.Delivery{State: store.Delivered, Attempts: 1, NextAt: now, DoneAt: now}},
		"first":     {0, down, store.Delivery{State: store.Pending, Attempts: 1, NextAt: now.Add(time.Second), Error: "down"}},
		"fourth":    {3, down, store.Delivery{State: store.Pending, Attempts: 4, NextAt: now.Add(8 * time.Second), Error: "down"}},
		"late":      {30, down, store.Delivery{State: store.Pending, Attempts: 31, NextAt: now.Add(time.Hour), Error: "down"}},
		"told when": {0, Later(down, time.Minute), store.Delivery{State: store.Pending, Attempts: 1, NextAt: now.Add(time.Minute), Error: "down"}},
		"told too soon": {
			9, Later(down, time.Second),
			store.Delivery{State: store.Pending, Attempts: 10, NextAt: now.Add(512 * time.Second), Error: "down"},
		},
		"told too late": {
			0, Later(down, 1000*time.Hour),
			store.Delivery{State: store.Pending, Attempts: 1, NextAt: now.Add(24 * time.Hour), Error: "down"},
		},
		"permanent": {0, Permanent(down), store.Delivery{State: store.Parked, Attempts: 1, NextAt: now, Error: "down"}},
		"last": {
			maxTries - 1, down,
			store.Delivery{State: store.Parked, Attempts: maxTries, NextAt: now, Error: "given up after 44 attempts: down"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, want := d, c.want
			d.Attempts, want.ID = c.attempts, d.ID
			if diff := cmp.Diff(want, after(d, c.err, now, 1)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPauseIsHalfJitter(t *testing.T) {
	if got := pause(3, 0); got != 2*time.Second {
		t.Errorf("shortest third pause is %v", got)
	}
	if got := pause(3, 0.5); got != 3*time.Second {
		t.Errorf("average third pause is %v", got)
	}
}

func TestAnErrorIsKeptShort(t *testing.T) {
	d := after(store.Delivery{}, errors.New(strings.Repeat("é", 1000)), time.Time{}, 0)
	if want := strings.Repeat("é", maxError/2); d.Error != want {
		t.Errorf("kept %d bytes", len(d.Error))
	}
}

func TestG32_AMessageCarriesNoLock(t *testing.T) {
	payload := map[string]any{"lock": "host:1:x", "prev_lock": "host:1:w", "claimer": "host:1:x", "run_id": 3.0}
	var d board.Outgoing
	d.Event = kanban.Event{ID: 9, Task: "t_00000001", Kind: kanban.EvClaimed, Payload: payload}
	m := compose("default", store.Destination{ID: 2}, d)
	if diff := cmp.Diff(map[string]any{"run_id": 3.0}, m.Event.Payload); diff != "" {
		t.Error(diff)
	}
	if m.Key != "default-2-9" {
		t.Errorf("key %q", m.Key)
	}
}

// The clock may be set back by hours: nothing waits for it to catch up that has
// no reason to wait.
func TestG20_G23_AClockThatIsSetBackHoldsNoMessage(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	for _, c := range []struct {
		name string
		d    store.Delivery
		due  bool
	}{
		{"never tried, written before the clock was set back", store.Delivery{NextAt: now.Add(6 * time.Hour)}, true},
		{"failed, and told to wait", store.Delivery{Attempts: 1, NextAt: now.Add(time.Minute)}, false},
		{"failed, before the clock was set back by hours", store.Delivery{Attempts: 1, NextAt: now.Add(10 * time.Hour), Event: kanban.Event{At: now.Add(9 * time.Hour)}}, true},
		{"failed, before the clock was set back by days", store.Delivery{Attempts: 1, NextAt: now.Add(48 * time.Hour)}, true},
	} {
		if got := !due(c.d, now).After(now); got != c.due {
			t.Errorf("%s: due %t", c.name, got)
		}
	}
}
