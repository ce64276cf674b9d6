package sqlite

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/kanban"
)

// On a disk that is really full, big and small writes are refused one by one,
// and go on when there is room: no latch, nothing lost, nothing half there.
func TestAFullDiskIsSurvived(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=2m"); err != nil {
		t.Skip("cannot mount a small disk:", err)
	}
	t.Cleanup(func() { must(t, unix.Unmount(dir, 0)) })
	path := filepath.Join(dir, "notes.db")
	must(t, newFile(path, "notes", nil, func(c *conn) error { return climbAll(c, noteSteps) }))
	d := openSpec(t, testSpec(path))
	t.Cleanup(func() { must(t, d.close()) }) // before the unmount

	kept := 0
	for {
		err := note(d, strings.Repeat("x", 10_000))
		if err != nil {
			wantCode(t, err, kanban.Unavailable)
			if !strings.Contains(err.Error(), "the disk is full") {
				t.Fatalf("told %v", err)
			}
			break
		}
		kept++
	}
	must(t, d.latch.err())
	if n := count(t, d, ""); n != kept {
		t.Fatalf("%d of %d acknowledged notes", n, kept)
	}
	must(t, unix.Mount("tmpfs", dir, "tmpfs", unix.MS_REMOUNT, "size=4m"))
	must(t, note(d, "room again"))
	must(t, d.view(background, func(c *conn) error {
		verdict, err := c.text("PRAGMA integrity_check")
		if verdict != "ok" {
			t.Errorf("integrity: %s", verdict)
		}
		return err
	}))
}
