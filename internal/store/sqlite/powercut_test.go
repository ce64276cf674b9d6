package sqlite

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

var (
	cuts    = flag.Int("cuts", 25, "how many power cuts are played of each workload; 0 = at every call")
	cutSeed = flag.Uint64("cut-seed", 0, "seed of the power cuts; 0 = a new one")
)

// recording is what was asked of the disk, in order, and what was acknowledged
// to callers when.
type recording struct {
	mu    sync.Mutex
	calls []call
	acks  map[string]int // text -> calls that came before its acknowledgement
	tried []string
}

func (r *recording) note(c call) error {
	switch c.op {
	case "write", "truncate", "sync", "delete":
		c.p = bytes.Clone(c.p)
		r.mu.Lock()
		r.calls = append(r.calls, c)
		r.mu.Unlock()
	}
	return nil
}

func (r *recording) ack(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.acks[text] = len(r.calls)
}

// disk is a file: what is on the medium for sure, and what is on its way.
type disk struct {
	sure    []byte
	pending []call
}

func apply(content []byte, c call) []byte {
	if c.op == "truncate" {
		return append(content[:min(int64(len(content)), c.off):min(int64(len(content)), c.off)], make([]byte, max(0, c.off-int64(len(content))))...)
	}
	if need := c.off + int64(len(c.p)); int64(len(content)) < need {
		content = append(content, make([]byte, need-int64(len(content)))...)
	}
	copy(content[c.off:], c.p)
	return content
}

// A loss says which of the pending writes reach the medium.
type loss struct {
	name string
	keep func(r *rand.Rand, c call) []call
}

var losses = []loss{
	{"all arrives", func(_ *rand.Rand, c call) []call { return []call{c} }},
	{"nothing arrives", func(*rand.Rand, call) []call { return nil }},
	{"any of it arrives", func(r *rand.Rand, c call) []call {
		if r.IntN(2) == 0 {
			return nil
		}
		return []call{c}
	}},
	{"torn at sectors of 512", torn(512)},
	{"torn at sectors of 4096", torn(4096)},
}

// torn lets any sectors of a write arrive.
func torn(sector int64) func(*rand.Rand, call) []call {
	return func(r *rand.Rand, c call) (kept []call) {
		if c.op != "write" {
			return slices.Repeat([]call{c}, r.IntN(2))
		}
		for from := c.off; from < c.off+int64(len(c.p)); {
			to := min((from/sector+1)*sector, c.off+int64(len(c.p)))
			if r.IntN(2) == 0 {
				kept = append(kept, call{"write", c.path, c.p[from-c.off : to-c.off], from})
			}
			from = to
		}
		return kept
	}
}

// after is what a power cut after n calls leaves of each file.
func (r *recording) after(n int, start map[string][]byte, l loss, random *rand.Rand) map[string][]byte {
	disks := map[string]*disk{}
	of := func(path string) *disk {
		if disks[path] == nil {
			disks[path] = &disk{sure: bytes.Clone(start[path])}
		}
		return disks[path]
	}
	for path := range start {
		of(path)
	}
	for _, c := range r.calls[:n] {
		d := of(c.path)
		if c.op != "sync" {
			d.pending = append(d.pending, c)
			continue
		}
		for _, p := range d.pending {
			d.sure = apply(d.sure, p)
		}
		d.pending = nil
	}
	left := map[string][]byte{}
	for path, d := range disks {
		for _, p := range d.pending {
			for _, kept := range l.keep(random, p) {
				d.sure = apply(d.sure, kept)
			}
		}
		left[path] = d.sure
	}
	return left
}

// record runs a workload with group commit and checkpoints, on a connection as
// it is always opened, and changed by pragmas.
func record(t *testing.T, changed ...string) (path string, start map[string][]byte, r *recording) {
	t.Helper()
	path = makeNotes(t)
	content, err := os.ReadFile(path)
	must(t, err)
	r = &recording{acks: map[string]int{}}
	s := &shim{dir: path, before: r.note}
	spec := testSpec(path)
	spec.vfs = s.register(t, t.Name())
	d, err := openDatabase(spec)
	must(t, err)
	for _, p := range append(changed, "PRAGMA wal_autocheckpoint=12") {
		_, err := d.writer.c.text(p) // the writer rests
		must(t, err)
	}
	for round := range 30 {
		var all sync.WaitGroup
		for caller := range 6 {
			text := fmt.Sprintf("%d of round %d", caller, round)
			r.tried = append(r.tried, text)
			all.Go(func() {
				if twice(d, text) == nil {
					r.ack(text)
				}
			})
		}
		all.Wait()
		if round%10 == 9 {
			must(t, d.writer.c.truncate())
		}
	}
	must(t, d.close())
	if len(r.acks) != len(r.tried) {
		t.Fatalf("%d of %d were acknowledged", len(r.acks), len(r.tried))
	}
	return path, map[string][]byte{path: content}, r
}

// play cuts the power at some or all calls and returns what was wrong after.
func play(t *testing.T, path string, start map[string][]byte, r *recording) (played int, wrong []string) {
	t.Helper()
	seed := *cutSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-cut-seed=%d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	places := random.Perm(len(r.calls) + 1)
	if *cuts > 0 {
		places = places[:min(*cuts, len(places))]
	}
	dir := t.TempDir()
	for _, n := range places {
		for _, l := range losses {
			at := filepath.Join(dir, fmt.Sprintf("%d-%d", n, played), "notes.db")
			must(t, os.MkdirAll(filepath.Dir(at), 0o700))
			for file, content := range r.after(n, start, l, random) {
				must(t, os.WriteFile(at+file[len(path):], content, 0o600))
			}
			var said []string
			for text, before := range r.acks {
				if before <= n {
					said = append(said, text)
				}
			}
			for _, problem := range rise(t, at, said, r.tried) {
				wrong = append(wrong, fmt.Sprintf("after %d of %d calls, %s: %s", n, len(r.calls), l.name, problem))
			}
			must(t, os.RemoveAll(filepath.Dir(at)))
			played++
		}
	}
	return played, wrong
}

// rise opens a database after a power cut, as the next gateway does.
func rise(t *testing.T, path string, said, tried []string) []string {
	t.Helper()
	d, err := openDatabase(testSpec(path))
	if err != nil {
		return []string{"cannot be opened: " + err.Error()}
	}
	problems := whole(t, d, said, tried)
	if err := note(d, "after the cut"); err != nil {
		problems = append(problems, "cannot be written: "+err.Error())
	}
	return append(problems, errorsOf(d.close())...)
}

func errorsOf(err error) []string {
	if err == nil {
		return nil
	}
	return []string{err.Error()}
}

func TestG01_PowerCutLosesNothingAcknowledged(t *testing.T) {
	path, start, r := record(t)
	played, wrong := play(t, path, start, r)
	for _, problem := range wrong[:min(len(wrong), 10)] {
		t.Error(problem)
	}
	t.Logf("%d power cuts in %d calls, %d acknowledged operations: %d wrong", played, len(r.calls), len(r.acks), len(wrong))
}

// The check has to be able to fail: without a sync at each commit, acknowledged
// ones are lost.
func TestG01_PowerCutWouldSeeALoss(t *testing.T) {
	path, start, r := record(t, "PRAGMA synchronous=NORMAL")
	played, wrong := play(t, path, start, r)
	if len(wrong) == 0 {
		t.Fatal("nothing was lost with synchronous=NORMAL")
	}
	t.Logf("%d power cuts: %d losses", played, len(wrong))
}
