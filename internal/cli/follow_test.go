package cli_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/exit"
)

// during runs a command line that waits, does something meanwhile and returns
// the answer.
func (d *desk) during(line string, do func()) answer {
	d.t.Helper()
	got := make(chan answer, 1)
	go func() { got <- d.run(line + " --timeout 30s") }()
	do()
	return <-got
}

// TestWait: it returns when the status is there, and says so when it can no
// longer be.
func TestWait(t *testing.T) {
	d := newDesk(t)
	a, b := d.must("add -q a"), d.must("add -q b")
	if got := d.during("wait "+a, func() { d.must("complete", a) }); got.status != 0 || got.out != a+" is done\n" {
		t.Errorf("it ended with %d: %s%s", got.status, got.out, got.err)
	}
	if got := d.during("wait --any "+a+" "+b, func() {}); got.status != 0 || got.out != a+" is done\n" {
		t.Errorf("any of two: %d: %s%s", got.status, got.out, got.err)
	}
	if got := d.during("wait -q --for blocked,review "+b, func() { d.must("block " + b + " why") }); got.out != b+"\n" {
		t.Errorf("blocked: %d: %s%s", got.status, got.out, got.err)
	}
	if got := d.during("wait "+a+" "+b, func() { d.must("cancel", b) }); got.status != exit.Refused || !strings.Contains(got.err, b+" is archived") {
		t.Errorf("after the end: %d: %s", got.status, got.err)
	}
	if got := d.during("wait "+a+" --for ready", func() { d.must("delete --yes", a) }); got.status == exit.OK {
		t.Errorf("of a deleted task: %s", got.out)
	}
	c := d.must("add -q c")
	if said := d.refused(exit.TimedOut, "wait --timeout 20ms", c); !strings.Contains(said, c+" is ready") {
		t.Errorf("it said %s", said)
	}
}

// TestG21_Follow: a stream begins where it is told, sees every event once and in
// order, and ends when its task has.
func TestG21_Follow(t *testing.T) {
	d := newDesk(t)
	id := d.must("add -q a")
	got := d.during("tail -o jsonl "+id, func() {
		d.must("add another")
		d.must("comment", id, "hello")
		d.must("complete", id)
	})
	if got.status != 0 {
		t.Fatalf("it ended with %d: %s", got.status, got.err)
	}
	var kinds []string
	var cursor int64
	for line := range strings.Lines(got.out) {
		var e client.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if e.ID <= cursor {
			t.Errorf("event %d came after %d", e.ID, cursor)
		}
		kinds, cursor = append(kinds, e.Kind), e.ID
	}
	if diff := cmp.Diff([]string{"created", "commented", "completed"}, kinds); diff != "" {
		t.Error(diff)
	}
	d.must("reopen", id)
	var next client.Page[client.Event]
	if err := json.Unmarshal([]byte(d.must("events -o json --after", strconv.FormatInt(cursor, 10))), &next); err != nil {
		t.Fatal(err)
	}
	if len(next.Items) != 1 || next.Items[0].Kind != "reopened" {
		t.Errorf("after the cursor there are %+v", next.Items)
	}
}
