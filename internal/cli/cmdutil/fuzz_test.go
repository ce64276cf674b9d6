package cmdutil_test

import (
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/kanban"
)

// FuzzDuration: a duration flag is positive or refused.
func FuzzDuration(f *testing.F) {
	for _, s := range []string{"90", "90s", "1h30m", "2d", "0.5d", "-1", "NaN", "Inf", "1e300d", "0x1p-2", "1_000", "106752d", " 5m "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := cmdutil.ParseDuration(s)
		if err != nil {
			wantRefusal(t, err)
			return
		}
		if d <= 0 {
			t.Fatalf("%q is %v", s, d)
		}
		if again, err := cmdutil.ParseDuration(d.String()); err != nil || again != d {
			t.Fatalf("%q is %v, and that %v (%v)", s, d, again, err)
		}
	})
}

// FuzzMoment: a point in time lies ahead and can be told in JSON, or is refused.
func FuzzMoment(f *testing.F) {
	for _, s := range []string{"+2h", "15:04", "2026-01-31", "2099-01-31T15:04:05Z", "+106751d", "9999-12-31T23:59:59-12:00", "24:00", "+", "++1h"} {
		f.Add(s)
	}
	now := time.Date(2026, 11, 23, 22, 0, 0, 0, time.FixedZone("", 3600))
	f.Fuzz(func(t *testing.T, s string) {
		at, err := cmdutil.ParseMoment(s, now)
		if err != nil {
			if kanban.CodeOf(err) != kanban.Invalid {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		if at.Before(now) {
			t.Fatalf("%q is %v, which is past", s, at)
		}
		if _, err := at.UTC().MarshalJSON(); err != nil {
			t.Fatalf("%q is %v: %v", s, at, err)
		}
	})
}

// FuzzIDs: whatever comes as words and on stdin gives ids, each once and none
// blank, or is refused.
func FuzzIDs(f *testing.F) {
	f.Add("-", "t_1 t_2\nt_1")
	f.Add("t_1\n-\n@last", "")
	f.Add("\u00a0", "")
	f.Add("-\n-", "x\x00y")
	f.Fuzz(func(t *testing.T, words, stdin string) {
		s := shell(t, nil)
		s.In = strings.NewReader(stdin)
		ids, err := s.IDs(strings.Split(words, "\n"))
		if err != nil {
			if code := kanban.CodeOf(err); code != kanban.Invalid && code != kanban.NotFound {
				t.Fatalf("%q: %v", words, err)
			}
			return
		}
		seen := map[string]bool{}
		for _, id := range ids {
			if strings.TrimSpace(id) == "" || seen[id] {
				t.Fatalf("%q gives %q", words, ids)
			}
			seen[id] = true
		}
	})
}

func wantRefusal(t *testing.T, err error) {
	t.Helper()
	e, _ := err.(*kanban.Error)
	if e == nil || e.Code != kanban.Invalid || e.Way == "" {
		t.Fatalf("%v is no refusal with a hint", err)
	}
}
