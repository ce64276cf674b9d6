package gateway

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/store"
)

// TestG06_BackupsByTheClock: one a day, those that a machine slept through are
// made up for once, a clock that was wrong makes no flood, and the newest stay.
func TestG06_BackupsByTheClock(t *testing.T) {
	now := time.Date(2026, 11, 1, 3, 0, 0, 0, time.UTC)
	c := config.Defaults()
	c.Dispatch.MinFree, c.Backup.Keep = 0, 3
	a := appAt(t, c, func() time.Time { return now })
	for i, step := range []struct {
		after  time.Duration
		isMade bool
		there  int
	}{
		{0, true, 1},
		{23 * time.Hour, false, 1},
		{time.Hour, true, 2},
		{5 * 24 * time.Hour, true, 3}, // asleep: one, not five
		{time.Minute, false, 3},
		{24 * time.Hour, true, 3},        // the oldest went
		{-365 * 24 * time.Hour, true, 4}, // the clock was set back: those of the future do not count
		{time.Minute, false, 4},
	} {
		now = now.Add(step.after)
		newest := "default-" + now.Format("20060102T150405Z")
		check(t, a.shelf.look(t.Context()))
		there := ids(t, a)
		if len(there) != step.there || slices.Contains(there, newest) != step.isMade {
			t.Errorf("step %d: there are %v", i, there)
		}
	}
}

func ids(t *testing.T, a *app) (out []string) {
	t.Helper()
	all, err := a.shelf.List(t.Context(), "default")
	check(t, err)
	for _, b := range all {
		out = append(out, b.ID)
	}
	return out
}

// TestG06_AFailedScheduledBackupIsTold, tried again after a while, and leaves
// nothing behind.
func TestG06_AFailedScheduledBackupIsTold(t *testing.T) {
	now := time.Date(2026, 11, 1, 3, 0, 0, 0, time.UTC)
	c := config.Defaults()
	c.Dispatch.MinFree, c.Backup.To = 1<<50, filepath.Join(t.TempDir(), "to") // more than any disk has
	a := appAt(t, c, func() time.Time { return now })
	check(t, a.shelf.look(t.Context()))
	if why := a.shelf.troubles()["default"]; why == "" {
		t.Fatal("nothing is told")
	}
	left, err := os.ReadDir(c.Backup.To)
	check(t, err)
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	c.Dispatch.MinFree = 0
	a.config.Store(&c)
	check(t, a.shelf.look(t.Context()))
	if len(a.shelf.troubles()) == 0 {
		t.Error("it was tried again at once")
	}
	now = now.Add(retryAfter)
	check(t, a.shelf.look(t.Context()))
	made, err := a.home.ListBackups(context.Background(), c.Backup.To, "default")
	check(t, err)
	if len(made) != 1 || made[0].Kind != store.ScheduledBackup || len(a.shelf.troubles()) != 0 {
		t.Errorf("made %v, told %v", made, a.shelf.troubles())
	}
}

// TestG06_AFailedScheduledBackupIsDueOnceSomethingIsMended: it need not wait for
// its time.
func TestG06_AFailedScheduledBackupIsDueOnceSomethingIsMended(t *testing.T) {
	c := config.Defaults()
	c.Dispatch.MinFree = 1 << 50
	a := appAt(t, c, time.Now)
	check(t, a.shelf.look(t.Context()))
	c.Dispatch.MinFree = 0
	a.config.Store(&c)
	a.shelf.retry()
	if len(a.shelf.again) == 0 {
		t.Fatal("nobody looks again")
	}
	check(t, a.shelf.look(t.Context()))
	if len(ids(t, a)) != 1 || len(a.shelf.troubles()) != 0 {
		t.Errorf("made %v, told %v", ids(t, a), a.shelf.troubles())
	}
}

// appAt is a home with its default board, under a clock.
func appAt(t *testing.T, c config.Config, clock func() time.Time) *app {
	t.Helper()
	home := t.TempDir()
	p, err := config.PathsOf(home, func(string) string { return "/tmp" })
	check(t, err)
	a, err := newApp(Options{Home: home, Version: "test", Log: slog.New(slog.DiscardHandler), Clock: clock}, p, c, true)
	check(t, err)
	t.Cleanup(func() { check(t, a.Close()) })
	_, err = a.boards.Board(t.Context(), "default")
	check(t, err)
	return a
}
