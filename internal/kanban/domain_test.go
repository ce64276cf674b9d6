package kanban

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestG17_Satisfies is the one rule of satisfaction.
func TestG17_Satisfies(t *testing.T) {
	completed := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	cases := []struct {
		name string
		task Task
		want bool
	}{
		{"done", Task{Status: Done}, true},
		{"archived after it was done", Task{Status: Archived, Closed: string(Done)}, true},
		{"archived unfinished", Task{Status: Archived, Closed: string(Todo)}, false},
		{"archived unfinished, completed before a reopen", Task{Status: Archived, Closed: string(Ready), CompletedAt: completed}, false},
		{"cancelled", Task{Status: Archived, Closed: Cancelled, CompletedAt: completed}, false},
		{"archived by the reference, completed", Task{Status: Archived, CompletedAt: completed}, true},
		{"archived by the reference, never completed", Task{Status: Archived}, false},
		{"reopened", Task{Status: Ready, CompletedAt: completed, Closed: string(Done)}, false},
		{"in review", Task{Status: Review}, false},
	}
	for _, c := range cases {
		if got := c.task.Satisfies(); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestSlug(t *testing.T) {
	for name, want := range map[string]string{
		"default": "default", " Default ": "default", "ATM10-Server_2": "atm10-server_2", "7": "7",
		strings.Repeat("a", 64): strings.Repeat("a", 64),
	} {
		if got, err := Slug(name); got != want || err != nil {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
	for _, name := range []string{"", " ", "_archived", "-x", "../etc", "a/b", "a b", "ä", "a\x00", "a\nb", strings.Repeat("a", 65)} {
		if got, err := Slug(name); CodeOf(err) != Invalid {
			t.Errorf("%q passed as %q", name, got)
		}
	}
}

func TestTaskID(t *testing.T) {
	id := TaskID([4]byte{0x1f, 0x3a, 0x9c, 0x20})
	if id != "t_1f3a9c20" || !IsTaskID(id) {
		t.Errorf("id %q", id)
	}
	for _, s := range []string{"", "t_", "t_1f3a9c2", "T_1F3A9C20", "t_1f3a9c2g", "x t_1f3a9c20", "t_1f3a9c20\n"} {
		if IsTaskID(s) {
			t.Errorf("%q passed", s)
		}
	}
}

func TestMentions(t *testing.T) {
	text := "see t_1f3a9c20, (t_77d0be11) and t_1f3a9c20 again; not at_1f3a9c20, t_1f3a or t_1f3a9c20x"
	if got := Mentions(text); !slices.Equal(got, []string{"t_1f3a9c20", "t_77d0be11"}) {
		t.Errorf("mentions %q", got)
	}
}

func TestParseStatus(t *testing.T) {
	for _, s := range Statuses {
		if got, err := ParseStatus(" " + strings.ToUpper(string(s)) + "\n"); got != s || err != nil {
			t.Errorf("%s: %s, %v", s, got, err)
		}
	}
	_, err := ParseStatus("doing")
	if e := new(Error); !errors.As(err, &e) || e.Code != Invalid || !strings.Contains(e.Way, "scheduled, ready, running") {
		t.Errorf("unknown status: %#v", err)
	}
}

func TestParseBlockKind(t *testing.T) {
	for s, want := range map[string]BlockKind{
		"": NeedsInput, "needs_input": NeedsInput, " Capability": Capability, "transient": Transient,
		"dependency": Dependency, "operator": Operator,
	} {
		if got, err := ParseBlockKind(s); got != want || err != nil {
			t.Errorf("%q: %s, %v", s, got, err)
		}
	}
	for _, s := range []string{"breaker", "tired"} { // the breaker's kind is the dispatcher's
		if _, err := ParseBlockKind(s); CodeOf(err) != Invalid {
			t.Errorf("%q passed", s)
		}
	}
}

func TestErrors(t *testing.T) {
	err := error(Errorf(Gated, "task %s waits: %w", "t_1f3a9c20", fs.ErrNotExist).Hint("andon why %s", "t_1f3a9c20").In(Todo))
	if err.Error() != "task t_1f3a9c20 waits: file does not exist" || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("message or cause is lost: %v", err)
	}
	wrapped := fmt.Errorf("outer: %w", err)
	for want, err := range map[Code]error{"": nil, Internal: fs.ErrNotExist, Gated: wrapped} {
		if got := CodeOf(err); got != want {
			t.Errorf("code of %v: %q, want %q", err, got, want)
		}
	}
	if e := err.(*Error); e.Way != "andon why t_1f3a9c20" || e.State != "todo" {
		t.Errorf("hint or state is lost: %+v", e)
	}
}

// TestNoteworthyKindsExist: a subscription cannot wait for what never comes.
func TestNoteworthyKindsExist(t *testing.T) {
	for _, k := range Noteworthy {
		if !slices.Contains(EventKinds, k) {
			t.Errorf("%s", k)
		}
	}
	seen := map[EventKind]bool{}
	for _, k := range EventKinds {
		if seen[k] {
			t.Errorf("%s twice", k)
		}
		seen[k] = true
	}
}
