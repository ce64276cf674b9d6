package board_test

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/memory"
	"github.com/andon-dev/andon/internal/store/sqlite"
)

var (
	histories = flag.Int("histories", 3, "how many concurrent histories to record of each kind")
	seed      = flag.Uint64("histories.seed", 0, "what the clients of the first history try; 0 = something new")
)

// TestG10_HistoriesAreLinearizable: whatever many clients do at once to the same
// tasks, there is an order in which one alone could have done it.
func TestG10_HistoriesAreLinearizable(t *testing.T) {
	for name, open := range map[string]func(*testing.T) store.Store{
		"memory": func(*testing.T) store.Store { return memory.New() },
		"sqlite": func(t *testing.T) store.Store { return defaultBoard(t, t.TempDir(), sqlite.Options{}) },
	} {
		t.Run(name, func(t *testing.T) {
			var all []porcupine.Operation
			for i := range *histories {
				p := plan{Seed: chosen(t, i), Clients: 8, Calls: 80}
				b := boardOn(open(t))
				p.Epoch = must(b.Own(bg))(t)
				history := p.record(b)
				wantLinear(t, history)
				all = append(all, history...)
			}
			wantContested(t, all)
		})
	}
}

// chosen is the seed of the i-th history, told in case it fails.
func chosen(t *testing.T, i int) uint64 {
	s := *seed + uint64(i)
	if *seed == 0 {
		s = rand.Uint64()
	}
	t.Logf("again with the same plan: -histories.seed=%d", s)
	return s
}

func defaultBoard(t *testing.T, dir string, o sqlite.Options) store.Store {
	t.Helper()
	home := must(sqlite.OpenHome(dir, o))(t)
	t.Cleanup(func() { ok(t, home.Close()) })
	return must(home.Open(bg, kanban.DefaultBoard))(t)
}

// boardOn is a board with the system's clock and dice.
func boardOn(s store.Store) *board.Board {
	settings := board.Settings{Retry: policy.Retry{MaxAttempts: 2}, Lease: time.Hour}
	return board.New(kanban.DefaultBoard, s, board.Ports{Work: &work{}, Settings: func() board.Settings { return settings }})
}

// plan says what the clients of one process do to a board.
type plan struct {
	Dir     string // the home, for another process
	Seed    uint64
	First   int // number of the first client
	Clients int
	Calls   int   // of each client
	Epoch   int64 // under which the dispatcher claims
}

// keys are the slots that all clients fight for.
var keys = []string{"alpha", "beta", "gamma"}

// record lets all clients of a plan loose at once and returns what they saw.
func (p plan) record(b *board.Board) []porcupine.Operation {
	n := &notebook{tasks: map[string][]string{}, leases: map[string][]call{}, seen: map[string]kanban.Status{}}
	seen := make([][]porcupine.Operation, p.Clients)
	var wg sync.WaitGroup
	for i := range p.Clients {
		wg.Go(func() {
			c := client{b: b, epoch: p.Epoch, number: p.First + i, r: rand.New(rand.NewPCG(p.Seed, uint64(p.First+i))), notes: n}
			for range p.Calls {
				seen[i] = append(seen[i], c.next())
			}
		})
	}
	wg.Wait()
	return slices.Concat(seen...)
}

// notebook is what the clients of one process know of tasks and leases.
type notebook struct {
	mu     sync.Mutex
	tasks  map[string][]string
	leases map[string][]call
	seen   map[string]kanban.Status // of the newest task
}

func (n *notebook) write(c call, r reply) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if r.Task != "" && !slices.Contains(n.tasks[c.Key], r.Task) {
		n.tasks[c.Key] = append(n.tasks[c.Key], r.Task)
	}
	if r.Token != "" {
		n.leases[c.Key] = append(n.leases[c.Key], call{Task: r.Task, Run: r.Run, Token: r.Token})
		r.Status = kanban.Running
	}
	if known := n.tasks[c.Key]; r.Task != "" && r.Task == known[len(known)-1] {
		n.seen[c.Key] = r.Status
	}
}

// client makes one call after another.
type client struct {
	b      *board.Board
	epoch  int64
	number int
	r      *rand.Rand
	notes  *notebook
}

func (c *client) next() porcupine.Operation {
	in := c.choose()
	o := porcupine.Operation{ClientId: c.number, Input: in, Call: monotonic()}
	out := c.do(in)
	o.Output, o.Return = out, monotonic()
	c.notes.write(in, out)
	return o
}

// monotonic is the time in ns of a clock that all processes of a machine share.
func monotonic() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic(err)
	}
	return ts.Nano()
}

// fitting are the verbs that may succeed on a task in a status; "" is any.
var fitting = map[kanban.Status][]string{
	"":              slices.Sorted(maps.Keys(rules)),
	kanban.Ready:    strings.Fields("claim claim take take hold read"),
	kanban.Running:  strings.Fields("heartbeat heartbeat extend complete complete block block reclaim hold read read"),
	kanban.Blocked:  strings.Fields("unblock unblock unblock cancel archive read"),
	kanban.Done:     strings.Fields("archive archive read"),
	kanban.Archived: {"create"},
}

// choose draws a call, mostly one that fits what was last seen of the task: the
// newest one, with its newest lease.
func (c *client) choose() call {
	key := keys[c.r.IntN(len(keys))]
	c.notes.mu.Lock()
	tasks, leases, status := slices.Clone(c.notes.tasks[key]), slices.Clone(c.notes.leases[key]), c.notes.seen[key]
	c.notes.mu.Unlock()
	if c.r.IntN(4) == 0 {
		status = ""
	}
	in := call{Verb: fitting[status][c.r.IntN(len(fitting[status]))], Key: key}
	switch in.Verb {
	case "create", "take":
		return in
	case "heartbeat", "extend", "complete", "block":
		if len(leases) == 0 {
			return call{Verb: "take", Key: key}
		}
		l := mostlyLast(c.r, leases)
		in.Task, in.Run, in.Token, in.Progress = l.Task, l.Run, l.Token, 1+c.r.IntN(1000)
		if c.r.IntN(8) == 0 {
			in.Token = "a guess"
		}
		return in
	}
	if len(tasks) == 0 {
		return call{Verb: "create", Key: key}
	}
	in.Task = mostlyLast(c.r, tasks)
	return in
}

func mostlyLast[T any](r *rand.Rand, all []T) T {
	if r.IntN(4) > 0 {
		return all[len(all)-1]
	}
	return all[r.IntN(len(all))]
}

// do makes the call, and again while the answer says so.
func (c *client) do(in call) reply {
	for {
		out, err := c.try(in)
		if err != nil && strings.Contains(err.Error(), "changed while its work was being kept") {
			continue
		}
		if err != nil {
			return reply{Code: kanban.CodeOf(err)}
		}
		return out
	}
}

func (c *client) try(in call) (reply, error) {
	lease, human := kanban.Lease{Task: in.Task, Run: in.Run, Token: in.Token}, kanban.Lease{Task: in.Task}
	worker := kanban.Actor{Kind: kanban.Worker, Name: in.Key, Task: in.Task, Run: in.Run}
	switch in.Verb {
	case "create":
		made, err := c.b.Create(bg, ann, board.NewTask{Title: in.Key, Assignee: in.Key, Key: in.Key})
		out := told(made.Task)
		out.Created = made.Created
		return out, err
	case "claim":
		got, err := c.b.Claim(bg, ann, in.Task, 0, nil)
		return claimed(got), err
	case "take":
		got, _, err := c.b.ClaimNext(bg, board.Offer{Lane: in.Key, Epoch: c.epoch})
		return claimed(got), err
	case "heartbeat":
		_, err := c.b.Heartbeat(bg, lease, "")
		return reply{}, err
	case "extend":
		return reply{}, c.b.Extend(bg, in.Run, progress.Add(time.Duration(in.Progress)*time.Second))
	case "complete":
		return task(c.b.Complete(bg, worker, lease, kanban.Handoff{Summary: "done"}))
	case "block":
		return task(c.b.Block(bg, worker, lease, kanban.NeedsInput, "may I?", kanban.Handoff{}))
	case "hold":
		return task(c.b.Block(bg, ann, human, kanban.Operator, "not now", kanban.Handoff{}))
	case "unblock":
		return task(c.b.Unblock(bg, ann, in.Task, ""))
	case "reclaim":
		return task(c.b.Reclaim(bg, ann, in.Task, ""))
	case "cancel":
		return task(c.b.Cancel(bg, ann, in.Task, ""))
	case "archive":
		return task(c.b.Archive(bg, ann, in.Task))
	}
	return read(c.b.Show(bg, in.Task))
}

func told(t kanban.Task) reply { return reply{Task: t.ID, Status: t.Status} }

func task(t kanban.Task, err error) (reply, error) { return told(t), err }

func claimed(c board.Claimed) reply {
	return reply{Task: c.Task.ID, Run: c.Run.ID, Token: c.Token, Attempts: c.Run.Attempt}
}

func read(d board.Details, err error) (reply, error) {
	out := told(d.Task)
	out.Run, out.Attempts = d.Task.CurrentRun, len(d.Runs)
	for _, r := range d.Runs {
		if r.Open() && r.Progress.After(progress) {
			out.Progress = int(r.Progress.Sub(progress) / time.Second)
		}
	}
	return out, err
}

// progress counts from a time that is later than any start of a run.
var progress = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)

// wantLinear fails if no order explains a history, and keeps a picture of it
// among the artifacts of the test (go test -artifacts).
func wantLinear(t *testing.T, history []porcupine.Operation) {
	t.Helper()
	for _, o := range history {
		switch code := o.Output.(reply).Code; code {
		case "", kanban.Gated, kanban.Conflict, kanban.Stale:
		default:
			t.Fatalf("%+v was answered with %q", o.Input, code)
		}
	}
	result, info := porcupine.CheckOperationsVerbose(linear, history, time.Minute)
	if result == porcupine.Ok {
		return
	}
	picture := filepath.Join(t.ArtifactDir(), "history.html")
	ok(t, porcupine.VisualizePath(linear, info, picture))
	for _, part := range linear.Partition(history) {
		if porcupine.CheckOperationsTimeout(linear, part, time.Minute) != porcupine.Ok {
			t.Error(asText(part))
		}
	}
	t.Fatalf("linearizable: %s; see %s", result, picture)
}

func asText(part []porcupine.Operation) string {
	slices.SortFunc(part, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
	var out strings.Builder
	for _, o := range part {
		fmt.Fprintf(&out, "%d..%d client %d: %s\n", o.Call-part[0].Call, o.Return-part[0].Call, o.ClientId, linear.DescribeOperation(o.Input, o.Output))
	}
	return out.String()
}

// wantContested fails unless every verb was done and refused as often as clients
// that meet must do and refuse it: a history without a quarrel proves nothing.
func wantContested(t *testing.T, history []porcupine.Operation) {
	t.Helper()
	count := map[string]int{}
	for _, part := range linear.Partition(history) {
		slices.SortFunc(part, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
		end := int64(0)
		for _, o := range part {
			verb, code := o.Input.(call).Verb, o.Output.(reply).Code
			count[strings.TrimSpace(verb+" "+string(code))]++
			if o.Call < end {
				count["at once with another"]++
			}
			end = max(end, o.Return)
		}
	}
	want := []string{"claim gated", "claim conflict", "complete stale", "block stale", "heartbeat stale", "unblock conflict", "cancel conflict", "at once with another"}
	for verb := range rules {
		want = append(want, verb)
	}
	for _, what := range want {
		if count[what] == 0 {
			t.Errorf("%q never happened: %v", what, count)
		}
	}
	t.Logf("%d calls: %v", len(history), count)
}
