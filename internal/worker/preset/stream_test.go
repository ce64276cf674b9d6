package preset_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/worker/preset"
)

//go:generate go test -run TestRecorded -update .

var update = flag.Bool("update", false, "rewrite golden files")

// recordedAt is when the first of the streams in testdata was recorded.
var recordedAt = func() time.Time {
	raw, err := os.ReadFile("testdata/recorded.txt")
	if err != nil {
		panic(err)
	}
	at, err := time.Parse(time.RFC3339, strings.TrimSpace(string(raw)))
	if err != nil {
		panic(err)
	}
	return at.UTC()
}()

// TestRecorded reads what the real programs streamed; make lanes-real RECORD=1
// records them anew.
func TestRecorded(t *testing.T) {
	files, err := filepath.Glob("testdata/*.jsonl")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d recordings, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".jsonl")
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := read(t, presetOf(t, name), raw, len(raw))
			if pieces := read(t, presetOf(t, name), raw, 7); pieces != got {
				t.Errorf("in pieces of 7 bytes: %s", cmp.Diff(got, pieces))
			}
			golden := strings.TrimSuffix(file, ".jsonl") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func presetOf(t *testing.T, file string) preset.Preset {
	for _, p := range preset.All() {
		if short, _, _ := strings.Cut(p.Name, "-"); strings.HasPrefix(file, short+"-") {
			return p
		}
	}
	t.Fatalf("%s is of no preset", file)
	return preset.Preset{}
}

// read tells a stream as it looks to people, and what was understood of it.
func read(t *testing.T, p preset.Preset, raw []byte, size int) string {
	var out strings.Builder
	s := p.Stream(func(e preset.Entry) { fmt.Fprintf(&out, "%-7s%s\n", e.Kind, e.Text) })
	for len(raw) > 0 {
		n := min(size, len(raw))
		s.Write(raw[:n], recordedAt)
		raw = raw[n:]
	}
	s.Close(0, recordedAt)
	report, err := json.MarshalIndent(s.Report, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return out.String() + string(report) + "\n"
}

// TestVerdicts is what became of each recorded run, at a glance.
func TestVerdicts(t *testing.T) {
	const told = true
	for name, want := range map[string]struct {
		kind  preset.Kind
		until bool
	}{
		"claude-edit":    {preset.Finished, false},
		"claude-text":    {preset.Finished, false},
		"claude-resumed": {preset.Finished, false},
		"claude-429":     {preset.Later, false},
		"claude-limit":   {preset.Later, told},
		"claude-500":     {preset.Later, false},
		"claude-key":     {preset.Denied, false},
		"claude-login":   {preset.Denied, false},
		"claude-billing": {preset.Denied, false},
		"claude-budget":  {preset.Spent, false},
		"codex-edit":     {preset.Finished, false},
		"codex-text":     {preset.Finished, false},
		"codex-resumed":  {preset.Finished, false},
		"codex-limit":    {preset.Later, told},
		"codex-billing":  {preset.Denied, false},
		"codex-key":      {preset.Denied, false},
		"gemini-edit":    {preset.Finished, false},
		"gemini-resumed": {preset.Finished, false},
		"gemini-key":     {preset.Denied, false},
		"opencode-edit":  {preset.Finished, false},
		"opencode-key":   {preset.Denied, false},
	} {
		raw, err := os.ReadFile("testdata/" + name + ".jsonl")
		if err != nil {
			t.Fatal(err)
		}
		s := presetOf(t, name).Stream(nil)
		s.Write(raw, recordedAt)
		s.Close(0, recordedAt)
		got := s.Report.Verdict
		if soon := got.Until.After(recordedAt) && got.Until.Sub(recordedAt) < 4*time.Hour; got.Kind != want.kind || soon != want.until {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

// What providers write about when to come back, seen in the wild.
func TestUntil(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zones here")
	}
	now := time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"Claude AI usage limit reached|1795770000":                                                time.Unix(1795770000, 0),
		"You've hit your session limit · resets 3pm (Europe/Berlin)":                              time.Date(2026, 11, 27, 15, 0, 0, 0, berlin),
		"You've hit your limit · resets 7:30am (UTC)":                                             time.Date(2026, 11, 28, 7, 30, 0, 0, time.UTC),
		"You've hit your weekly limit · resets Dec 2, 1pm (UTC)":                                  time.Date(2026, 12, 2, 13, 0, 0, 0, time.UTC),
		"You've hit your usage limit. Try again at Dec 3rd, 2026 9:12 PM.":                        time.Date(2026, 12, 3, 21, 12, 0, 0, time.UTC),
		"You've hit your usage limit. Try again in 1 day 2 hours 3 minutes.":                      now.Add(26*time.Hour + 3*time.Minute),
		"You have exhausted your daily quota on this model. Your quota will reset after 5h12m3s.": now.Add(5*time.Hour + 12*time.Minute + 3*time.Second),
		"Rate limit reached for gpt-5. Please try again in 1.5s. Visit the docs.":                 now.Add(1500 * time.Millisecond),
		"usage limit, try again at Jan 1st, 2031 1:00 AM":                                         {}, // nobody waits for years
		"Claude AI usage limit reached|1600000000":                                                {}, // that is past
		"rate limit": {},
	} {
		s := codexError(t, text, now)
		if s.Kind != preset.Later || !s.Until.Equal(want) {
			t.Errorf("%q: %s until %v, want %v", text, s.Kind, s.Until, want)
		}
	}
}

func codexError(t *testing.T, text string, now time.Time) preset.Verdict {
	p, _ := preset.Named("codex")
	line, err := json.Marshal(map[string]any{"type": "turn.failed", "error": map[string]any{"message": text}})
	if err != nil {
		t.Fatal(err)
	}
	s := p.Stream(nil)
	s.Write(append(line, '\n'), now)
	return s.Report.Verdict
}

// A worker may print what it likes; what is kept of it is bounded.
func TestEndlessLine(t *testing.T) {
	p, _ := preset.Named("claude-code")
	told := 0
	s := p.Stream(func(preset.Entry) { told++ })
	piece := []byte(strings.Repeat("x", 64<<10))
	for range 100 {
		s.Write(piece, recordedAt)
	}
	s.Write([]byte("\n"+`{"type":"system","subtype":"init","session_id":"s1"}`+"\n"), recordedAt)
	if s.Report.Session != "s1" || told != 2 {
		t.Errorf("session %q, %d entries", s.Report.Session, told)
	}
}

// Authentication that fails before there is a stream is told by the exit status.
func TestExitStatus(t *testing.T) {
	p, _ := preset.Named("gemini")
	s := p.Stream(nil)
	s.Write([]byte("Invalid auth method selected.\n"), recordedAt)
	s.Close(41, recordedAt)
	if v := s.Report.Verdict; v.Kind != preset.Denied || v.Reason != "Invalid auth method selected." {
		t.Errorf("%+v", v)
	}
}

// Terminals are not to be played with by what an agent says.
func TestControlCharacters(t *testing.T) {
	p, _ := preset.Named("codex")
	s := p.Stream(nil)
	s.Write([]byte(`{"type":"item.completed","item":{"type":"agent_message","text":"a\u001b[2Jb\u0007\u009bc"}}`+"\n"), recordedAt)
	if s.Report.Last != "a[2Jbc" {
		t.Errorf("%q", s.Report.Last)
	}
}

func FuzzStream(f *testing.F) {
	files, err := filepath.Glob("testdata/*.jsonl")
	if err != nil {
		f.Fatal(err)
	}
	for i, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(i, raw, 11)
	}
	f.Fuzz(func(t *testing.T, which int, raw []byte, size int) {
		all := preset.All()
		p := all[uint(which)%uint(len(all))]
		one, other := p.Stream(nil), p.Stream(nil)
		one.Write(raw, recordedAt)
		for rest := raw; len(rest) > 0; {
			n := min(1+int(uint(size)%4096), len(rest))
			other.Write(rest[:n], recordedAt)
			rest = rest[n:]
		}
		one.Close(1, recordedAt)
		other.Close(1, recordedAt)
		if diff := cmp.Diff(one.Report, other.Report); diff != "" {
			t.Errorf("pieces matter: %s", diff)
		}
		u := one.Report.Usage
		if u.Input < 0 || u.Output < 0 || u.CacheRead < 0 || u.CacheWrite < 0 || u.Cost < 0 || u.Turns < 0 {
			t.Errorf("negative usage %+v", u)
		}
		if u := one.Report.Verdict.Until; !u.IsZero() && (u.Before(recordedAt) || u.Sub(recordedAt) > 36*24*time.Hour) {
			t.Errorf("waits until %s", u)
		}
		if len(one.Report.Last) > 16<<10 || len(one.Report.Progress) > 200 || strings.ContainsRune(one.Report.Progress, '\n') {
			t.Errorf("too much was kept")
		}
	})
}
