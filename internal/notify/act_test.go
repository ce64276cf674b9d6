package notify

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/kanban"
)

func TestWhoHasToActIsTold(t *testing.T) {
	for _, c := range []struct {
		kind      kanban.EventKind
		variant   string
		attention bool
		acts      []Act
	}{
		{kanban.EvCompleted, "", false, nil},
		{kanban.EvPaused, "", true, nil},
		{kanban.EvBlocked, "needs_input", true, []Act{{"answer", "Answer"}, {"mute", "Mute"}}},
		{kanban.EvBlocked, "operator", false, []Act{{"retry", "Let it run"}, {"mute", "Mute"}}},
		{kanban.EvBlocked, "of the future", true, []Act{{"answer", "Answer"}, {"retry", "Let it run"}, {"mute", "Mute"}}},
		{kanban.EvReview, "", true, []Act{{"approve", "Approve"}, {"changes", "Request changes"}, {"reject", "Reject"}, {"mute", "Mute"}}},
		{kanban.EvCrashed, "", false, []Act{{"stop", "Stop"}, {"mute", "Mute"}}},
	} {
		m := Message{Event: Event{Kind: c.kind, Payload: map[string]any{"kind": c.variant}}}
		m.describe()
		if m.Attention != c.attention {
			t.Errorf("%s %s: attention %t", c.kind, c.variant, m.Attention)
		}
		if diff := cmp.Diff(c.acts, m.Acts); diff != "" {
			t.Errorf("%s %s: %s", c.kind, c.variant, diff)
		}
	}
}

func TestEveryActIsOfAKnownKind(t *testing.T) {
	for _, table := range []map[string][]string{urgent, offers} {
		for variant, acts := range table {
			if _, known := lines[variant]; !known {
				t.Errorf("no words for %s", variant)
			}
			for _, name := range acts {
				if labels[name] == "" {
					t.Errorf("no label for %s", name)
				}
			}
		}
	}
}
