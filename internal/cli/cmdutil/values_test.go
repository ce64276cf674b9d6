package cmdutil_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/cli/clitest"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/kanban"
)

func TestParseDuration(t *testing.T) {
	for s, want := range map[string]time.Duration{
		"90": 90 * time.Second, "1.5": 1500 * time.Millisecond, "90s": 90 * time.Second, "1.5h": 90 * time.Minute,
		"1h30m": 90 * time.Minute, "2d": 48 * time.Hour, "0.5d": 12 * time.Hour, "250ms": 250 * time.Millisecond,
	} {
		if got, err := cmdutil.ParseDuration(s); err != nil || got != want {
			t.Errorf("%q is %s %v, want %s", s, got, err, want)
		}
	}
	for _, s := range []string{"", "0", "-5", "-1h", "soon", "5w", "NaN", "Inf", "1e300", "d"} {
		if got, err := cmdutil.ParseDuration(s); kanban.CodeOf(err) != kanban.Invalid {
			t.Errorf("%q is %s %v, want an invalid error", s, got, err)
		}
	}
}

func TestParseMoment(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for s, want := range map[string]time.Time{
		"+2h":                       now.Add(2 * time.Hour),
		"+1d":                       now.AddDate(0, 0, 1),
		"15:04":                     time.Date(2026, 11, 30, 15, 4, 0, 0, time.UTC),
		"09:00":                     time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC),
		"12:00":                     time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC),
		"2027-01-31":                time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC),
		"2027-01-31 08:30":          time.Date(2027, 1, 31, 8, 30, 0, 0, time.UTC),
		"2026-11-30T14:00:00+01:00": time.Date(2026, 11, 30, 13, 0, 0, 0, time.UTC),
	} {
		if got, err := cmdutil.ParseMoment(s, now); err != nil || !got.Equal(want) {
			t.Errorf("%q is %s %v, want %s", s, got, err, want)
		}
	}
	for _, s := range []string{"", "2h", "2026-11-01", "25:00", "tomorrow", "+-1h"} {
		if got, err := cmdutil.ParseMoment(s, now); kanban.CodeOf(err) != kanban.Invalid {
			t.Errorf("%q is %s %v, want an invalid error", s, got, err)
		}
	}
}

func TestMetadata(t *testing.T) {
	file := filepath.Join(t.TempDir(), "m.json")
	if err := os.WriteFile(file, []byte(`{"n": 1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	s := clitest.New(t, nil)
	s.In = strings.NewReader(`{"stdin": true}`)
	for name, tt := range map[string]struct {
		m    cmdutil.Metadata
		want string
	}{
		"none":    {cmdutil.Metadata{}, ""},
		"text":    {cmdutil.Metadata{Text: `{"a": [1]}`}, `{"a": [1]}`},
		"at file": {cmdutil.Metadata{Text: "@" + file}, `{"n": 1}`},
		"file":    {cmdutil.Metadata{File: file}, `{"n": 1}`},
		"stdin":   {cmdutil.Metadata{File: "-"}, `{"stdin": true}`},
	} {
		if got, err := tt.m.Read(s.Factory); err != nil || string(got) != tt.want {
			t.Errorf("%s: got %s %v, want %s", name, got, err, tt.want)
		}
	}
	for _, text := range []string{"[1]", "null", "1", "{", "@/nowhere/at/all"} {
		if got, err := (cmdutil.Metadata{Text: text}).Read(s.Factory); kanban.CodeOf(err) != kanban.Invalid {
			t.Errorf("%q: got %s %v, want an invalid error", text, got, err)
		}
	}
}

func TestConfirm(t *testing.T) {
	for name, tt := range map[string]struct {
		terminal, yes bool
		answer        string
		want          kanban.Code
	}{
		"said before":  {false, true, "", ""},
		"nobody there": {false, false, "y\n", kanban.Invalid},
		"yes":          {true, false, "y\n", ""},
		"no":           {true, false, "n\n", kanban.Conflict},
		"just enter":   {true, false, "\n", kanban.Conflict},
	} {
		s := clitest.New(t, nil)
		s.Terminal.In, s.Terminal.Err = tt.terminal, tt.terminal
		s.In = strings.NewReader(tt.answer)
		if got := kanban.CodeOf(s.Confirm(tt.yes, "Delete?")); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}
