package kanban

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var (
	actions = []Action{
		Promote, Demote, Start, Claim, Complete, Submit, Block, Fail, Release, Stop, Schedule, Wake, Unblock, Approve,
		Reject, Cancel, Archive, Unarchive, Reopen,
	}
	actors   = []ActorKind{Human, Worker, Dispatcher}
	allFacts = Waits | NoAttempts | WasDone | WasHeld
)

// every calls fn for each status, action, actor and set of facts.
func every(fn func(Status, Action, ActorKind, Facts)) {
	for _, from := range Statuses {
		for _, action := range actions {
			for _, by := range actors {
				for facts := Facts(0); facts <= allFacts; facts++ {
					fn(from, action, by, facts)
				}
			}
		}
	}
}

// TestNext is the whole table, as each actor sees it while no fact holds.
// Whatever is not named here is refused.
func TestNext(t *testing.T) {
	may := map[ActorKind]map[Status]string{
		Human: {
			Triage:    "promote:ready archive:archived cancel:archived",
			Todo:      "promote:ready start:ready block:blocked schedule:scheduled archive:archived cancel:archived",
			Scheduled: "start:ready block:blocked schedule:scheduled unblock:ready archive:archived cancel:archived",
			Ready:     "start:ready claim:running complete:done block:blocked schedule:scheduled archive:archived cancel:archived",
			Running:   "complete:done review:review block:blocked release:ready stop:blocked schedule:scheduled archive:archived cancel:archived",
			Blocked:   "complete:done schedule:scheduled unblock:ready archive:archived cancel:archived",
			Review:    "approve:done reject:ready archive:archived cancel:archived",
			Done:      "archive:archived reopen:ready",
			Archived:  "unarchive:ready",
		},
		Worker: {
			Triage:  "promote:ready",
			Running: "complete:done review:review block:blocked schedule:scheduled",
		},
		Dispatcher: {
			Todo:      "promote:ready",
			Scheduled: "wake:ready",
			Ready:     "demote:todo claim:running block:blocked",
			Running:   "complete:done review:review block:blocked fail:ready release:ready",
		},
	}
	for by, row := range may {
		for _, from := range Statuses {
			want := strings.Fields(row[from])
			var got []string
			for _, action := range actions {
				if to, err := Next(from, action, by, 0); err == nil {
					got = append(got, string(action)+":"+string(to))
				}
			}
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s by a %s\n got %v\nwant %v", from, by, got, want)
			}
		}
	}
}

func TestNextWithFacts(t *testing.T) {
	cases := []struct {
		from   Status
		action Action
		by     ActorKind
		facts  Facts
		want   Status
	}{
		{Triage, Promote, Worker, Waits, Todo},
		{Todo, Promote, Dispatcher, Waits, Todo},
		{Todo, Start, Human, Waits, Ready}, // forced: the edge is waived
		{Scheduled, Wake, Dispatcher, Waits, Todo},
		{Scheduled, Unblock, Human, Waits, Todo},
		{Blocked, Unblock, Human, Waits, Todo},
		{Running, Fail, Dispatcher, Waits, Todo},
		{Running, Fail, Dispatcher, NoAttempts, Blocked},
		{Running, Fail, Dispatcher, NoAttempts | Waits, Blocked},
		{Running, Release, Human, NoAttempts, Blocked},
		{Review, Reject, Human, NoAttempts, Blocked},
		{Review, Reject, Human, Waits, Todo},
		{Archived, Unarchive, Human, WasDone, Done},
		{Archived, Unarchive, Human, WasDone | Waits, Done},
		{Archived, Unarchive, Human, WasHeld, Blocked},
		{Archived, Unarchive, Human, Waits, Todo},
		{Done, Reopen, Human, Waits, Todo},
	}
	for _, c := range cases {
		if got, err := Next(c.from, c.action, c.by, c.facts); got != c.want || err != nil {
			t.Errorf("%s %s by %s with facts %04b: %s, %v; want %s", c.from, c.action, c.by, c.facts, got, err, c.want)
		}
	}
}

// TestNextReturnsNothingUndeclared holds every answer against what must be true
// of any table.
func TestNextReturnsNothingUndeclared(t *testing.T) {
	every(func(from Status, action Action, by ActorKind, facts Facts) {
		to, err := Next(from, action, by, facts)
		name := string(from) + " " + string(action) + " by " + by.String()
		if err != nil {
			wantRefusal(t, name, err, from)
			return
		}
		if !slices.Contains(Statuses, to) || to == Triage {
			t.Errorf("%s: leads to %q", name, to)
		}
		if to == Running && action != Claim {
			t.Errorf("%s: runs without a claim", name)
		}
		if to == Ready && facts&Waits != 0 && action != Start {
			t.Errorf("%s: ready while a parent is open", name)
		}
		if to == Ready && facts&NoAttempts != 0 && (action == Fail || action == Release || action == Reject) {
			t.Errorf("%s: tried again without an attempt left", name)
		}
		if to == Done && !slices.Contains([]Action{Complete, Approve, Unarchive}, action) {
			t.Errorf("%s: done without anybody saying so", name)
		}
	})
}

func wantRefusal(t *testing.T, name string, err error, from Status) {
	t.Helper()
	e, ok := err.(*Error)
	if !ok || e.Code != Conflict && e.Code != Unauthorized {
		t.Errorf("%s: refused with %v", name, err)
		return
	}
	if e.Way == "" || e.State != string(from) {
		t.Errorf("%s: no way out or no state in %+v", name, e)
	}
}

func TestNextTellsWhoMayNotFromWhatCannotBe(t *testing.T) {
	for _, c := range []struct {
		from   Status
		action Action
		by     ActorKind
		want   Code
	}{
		{Blocked, Unblock, Worker, Unauthorized},
		{Review, Approve, Dispatcher, Unauthorized},
		{Done, Claim, Dispatcher, Conflict},
		{Blocked, "explode", Human, Conflict},
		{"limbo", Claim, Dispatcher, Conflict},
		{Ready, Claim, 0, Unauthorized},
	} {
		if _, err := Next(c.from, c.action, c.by, 0); CodeOf(err) != c.want {
			t.Errorf("%s %s by %s: %v, want %s", c.from, c.action, c.by, err, c.want)
		}
	}
}

func TestG15_AWorkerOpensNoGate(t *testing.T) {
	every(func(from Status, action Action, by ActorKind, facts Facts) {
		to, err := Next(from, action, by, facts)
		if by != Worker || err != nil || from == Running || from == Triage && action == Promote {
			return
		}
		t.Errorf("a worker takes a task from %s by %s to %s", from, action, to)
	})
}

// TestG15_OnlyAHumanOpensAGate: whatever dispatcher and workers do, and whatever
// is true meanwhile, a task that waits for a human goes on waiting.
func TestG15_OnlyAHumanOpensAGate(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		status := rapid.SampledFrom(Statuses).Draw(rt, "status")
		for _, step := range rapid.SliceOfN(notHuman, 1, 60).Draw(rt, "steps") {
			to, err := Next(status, step.Action, step.By, step.Facts)
			if err != nil {
				continue
			}
			if status == Blocked || status == Review {
				rt.Fatalf("%s by a %s led from %s to %s", step.Action, step.By, status, to)
			}
			status = to
		}
	})
}

// aStep is one attempt to move a task.
type aStep struct {
	Action Action
	By     ActorKind
	Facts  Facts
}

var notHuman = rapid.Custom(func(t *rapid.T) aStep {
	return aStep{
		rapid.SampledFrom(actions).Draw(t, "action"),
		rapid.SampledFrom([]ActorKind{Worker, Dispatcher, Worker | Dispatcher, 0}).Draw(t, "by"),
		Facts(rapid.IntRange(0, int(allFacts)).Draw(t, "facts")),
	}
})

// TestG14_TheBreakerHolds: once no attempt is left, failing leads to where only
// a human leads out, whatever else is true.
func TestG14_TheBreakerHolds(t *testing.T) {
	for facts := Facts(0); facts <= allFacts; facts++ {
		to, err := Next(Running, Fail, Dispatcher, facts|NoAttempts)
		if to != Blocked || err != nil {
			t.Errorf("facts %04b: %s, %v", facts, to, err)
		}
	}
}

// TestTableHasNoDeadRows: a row behind a wider one would never apply.
func TestTableHasNoDeadRows(t *testing.T) {
	table := Transitions()
	for i, row := range table {
		for _, earlier := range table[:i] {
			if earlier.From == row.From && earlier.Action == row.Action && earlier.By&row.By == row.By && earlier.When&^row.When == 0 {
				t.Errorf("%+v never applies behind %+v", row, earlier)
			}
		}
	}
	table[0].To = Done
	if Transitions()[0].To == Done {
		t.Error("a caller can change the table")
	}
}

func TestEveryStatusHasAWayOut(t *testing.T) {
	for _, from := range Statuses {
		_, err := Next(from, "explode", Human, 0)
		if e := err.(*Error); !strings.Contains(e.Way, "andon ") {
			t.Errorf("%s: hint %q names no command", from, e.Way)
		}
	}
}
