package notify_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/notify"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/memory"
)

// A pump can be killed before each of its commits and sends, and after it.

// mortal is a process: from a step on nothing that it does has an effect.
type mortal struct {
	mu   sync.Mutex
	left int // steps until it dies; negative = it lives on
}

// step reports whether a step has an effect.
func (m *mortal) step() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.left > 0 {
		m.left--
	}
	return m.left != 0
}

// own is the store as one process has it.
type own struct {
	store.Store
	process *mortal
}

var errDead = errors.New("the process is dead")

func (o own) Update(ctx context.Context, fn func(store.Tx) error) error {
	if !o.process.step() {
		return errDead
	}
	return o.Store.Update(ctx, fn)
}

// answer is what a place does with a message.
type answer int

const (
	takes    answer = iota
	refuses         // for good
	fails           // for now
	swallows        // takes it, and the answer gets lost
	rests           // takes nothing for ten minutes
)

const rest = 10 * time.Minute

// mail is a place with a memory of all that it was ever sent.
type mail struct {
	process *mortal
	mu      sync.Mutex
	next    []answer
	sent    []letter
	until   time.Time // it asked to be sent nothing before
	early   []string  // what came all the same
	forgot  bool      // whoever knew that was killed
}

type letter struct {
	key    string
	events []int64
}

func (p *mail) Send(_ context.Context, m notify.Message) (notify.Receipt, error) {
	if !p.process.step() {
		return notify.Receipt{}, errDead
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Now().Before(p.until) && !p.forgot {
		p.early = append(p.early, fmt.Sprint(m.Key, " at ", time.Now()))
	}
	what := takes
	if len(p.next) > 0 {
		what, p.next = p.next[0], p.next[1:]
	}
	switch what {
	case refuses:
		return notify.Receipt{}, notify.Permanent(errors.New("refused"))
	case fails:
		return notify.Receipt{}, errors.New("down")
	case rests:
		p.until, p.forgot = time.Now().Add(rest), false
		return notify.Receipt{}, notify.Later(errors.New("slow down"), rest)
	}
	l := letter{key: m.Key}
	for _, item := range m.Items {
		l.events = append(l.events, item.Event.ID)
	}
	if len(m.Items) == 0 {
		l.events = []int64{m.Event.ID}
	}
	p.sent = append(p.sent, l)
	if what == swallows {
		return notify.Receipt{}, errors.New("no answer")
	}
	return notify.Receipt{Ref: m.Key}, nil
}

// fate is one step of a history.
type fate struct {
	Do     string
	Task   int
	N      int
	Answer answer
}

var fates = rapid.Custom(func(t *rapid.T) fate {
	return fate{
		Do:     rapid.SampledFrom([]string{"happen", "happen", "happen", "happen", "answer", "answer", "kill", "pass", "retry"}).Draw(t, "do"),
		Task:   rapid.IntRange(0, 2).Draw(t, "task"),
		N:      rapid.IntRange(0, 7).Draw(t, "n"),
		Answer: answer(rapid.IntRange(0, 4).Draw(t, "answer")),
	}
})

// TestG20_WhateverFailsAndWheneverItIsKilled: each event is delivered to each place
// or parked, in order per task, and copies have one key and hold the same.
func TestG20_WhateverFailsAndWheneverItIsKilled(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		history := rapid.SliceOfN(fates, 1, 40).Draw(rt, "history")
		var wrong []string
		synctest.Test(t, func(t *testing.T) { wrong = live(t, history) })
		if len(wrong) > 0 {
			rt.Fatal(wrong)
		}
	})
}

// world is a board that people use while pumps come and go.
type world struct {
	t      *testing.T
	disk   *memory.Store
	people *board.Board
	house  *house
	places map[string]*mail
	tasks  []string
	events []kanban.Event // that have to be told
	parked map[int64]bool // were, at some time
}

// digests are the places, and from how many messages on they get one.
var digests = map[string]int{"machine": 0, "people": 2}

func live(t *testing.T, history []fate) []string {
	w := &world{t: t, disk: memory.New(), places: map[string]*mail{}, parked: map[int64]bool{}}
	w.people = newBoard("default", w.disk)
	for _, name := range slices.Sorted(maps.Keys(digests)) {
		w.places[name] = &mail{}
		s := store.Subscription{Sink: name, Kinds: []kanban.EventKind{kanban.EvCommented}}
		if _, _, err := w.people.Subscribe(t.Context(), human, s); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		made, err := w.people.Create(t.Context(), human, board.NewTask{Title: "watched"})
		if err != nil {
			t.Fatal(err)
		}
		w.tasks = append(w.tasks, made.Task.ID)
	}
	w.begin(-1)
	for _, f := range history {
		w.live(f)
	}
	w.end()
	return w.judge()
}

// begin starts a process that dies at a step.
func (w *world) begin(steps int) {
	process := &mortal{left: steps}
	for _, p := range w.places {
		p.mu.Lock()
		p.process = process
		p.mu.Unlock()
	}
	w.house = &house{t: w.t, boards: []*board.Board{newBoard("default", own{w.disk, process})}, sinks: map[string]notify.Sink{}}
	for name, p := range w.places {
		w.house.sinks[name] = p
	}
	w.house.digests = digests
	w.house.start()
}

// live lets one thing happen.
func (w *world) live(f fate) {
	switch f.Do {
	case "happen":
		for range 1 + f.N/2 {
			if _, err := w.people.Comment(w.t.Context(), human, w.tasks[f.Task], "hm"); err != nil {
				w.t.Fatal(err)
			}
		}
	case "answer":
		for _, p := range w.places {
			p.mu.Lock()
			p.next = append(p.next, f.Answer)
			p.mu.Unlock()
		}
	case "kill":
		w.house.stop()
		w.begin(f.N)
		pass(time.Duration(1+f.N) * time.Second)
		w.note()
		w.house.stop()
		for _, p := range w.places {
			p.forgot = true
		}
		w.begin(-1)
	case "pass":
		pass(time.Duration(f.N*f.N) * time.Minute)
	case "retry":
		if _, err := w.people.RetryParked(w.t.Context(), 0); err != nil {
			w.t.Fatal(err)
		}
	}
	synctest.Wait()
	w.note()
}

func (w *world) note() {
	parked, err := w.people.Deliveries(w.t.Context(), store.Parked, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, d := range parked {
		w.parked[d.Event.ID] = true
	}
}

// end waits until everything has come to rest.
func (w *world) end() {
	for _, p := range w.places {
		p.mu.Lock()
		p.next = nil
		p.mu.Unlock()
	}
	pass(3 * time.Hour)
	w.house.stop()
	events, err := w.people.Events(w.t.Context(), store.EventQuery{Kinds: []kanban.EventKind{kanban.EvCommented}, Limit: 10000})
	if err != nil {
		w.t.Fatal(err)
	}
	w.events = events
}

func (w *world) judge() (wrong []string) {
	for name, p := range w.places {
		for _, what := range w.judgePlace(name, p) {
			wrong = append(wrong, name+": "+what)
		}
	}
	return wrong
}

func (w *world) judgePlace(name string, p *mail) (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if len(p.early) > 0 {
		say("it was to be left alone: %v", p.early)
	}
	task := map[int64]string{}
	for _, e := range w.events {
		task[e.ID] = e.Task
	}
	under, content, last := map[int64]string{}, map[string][]int64{}, map[string]int64{}
	for _, l := range p.sent {
		if before, known := content[l.key]; known && !slices.Equal(before, l.events) {
			say("%s held %v, then %v", l.key, before, l.events)
		}
		content[l.key] = l.events
		if digests[name] == 0 && len(l.events) > 1 {
			say("%s is a digest", l.key)
		}
		for _, id := range l.events {
			if before, again := under[id]; again && before != l.key {
				say("event %d came as %s and as %s", id, before, l.key)
			} else if !again && id < last[task[id]] && !w.parked[id] {
				say("event %d of %s came after %d", id, task[id], last[task[id]])
			}
			under[id] = l.key
			last[task[id]] = max(last[task[id]], id)
		}
	}
	return append(wrong, w.judgeRows(name, under)...)
}

// judgeRows expects what is on record to be what has happened.
func (w *world) judgeRows(name string, came map[int64]string) (wrong []string) {
	err := w.disk.View(w.t.Context(), func(r store.Reader) error {
		places, err := r.Destinations()
		if err != nil {
			return err
		}
		at := slices.IndexFunc(places, func(d store.Destination) bool { return d.Sink == name })
		for _, e := range w.events {
			d, err := r.DeliveryOf(places[at].ID, e.ID)
			switch {
			case err != nil:
				return err
			case d.State == store.Delivered && came[e.ID] == "":
				wrong = append(wrong, fmt.Sprintf("event %d counts as delivered and never came", e.ID))
			case d.State == store.Pending:
				wrong = append(wrong, fmt.Sprintf("event %d still waits: %s", e.ID, d.Error))
			}
		}
		return nil
	})
	if err != nil {
		wrong = append(wrong, err.Error())
	}
	return wrong
}
