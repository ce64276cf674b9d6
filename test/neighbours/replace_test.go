package neighbours

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/andon-dev/andon/client"
)

// Somebody moves a restored file over the live one. Writing ends, everybody is
// told, and what was acknowledged until then is kept.
func TestG01_G03_G04_AFileMovedOverTheLiveOneEndsWriting(t *testing.T) {
	h := newHome(t)
	g := h.serve(t)
	for i := range 20 {
		h.ledger.note(h.must(t, "add", fmt.Sprint("before the backup ", i), "-q"), "")
	}
	restored := filepath.Join(t.TempDir(), "restored.db")
	h.sqlite3(t, ".backup '"+restored+"'")
	c := h.client()
	write := func() error {
		task, err := c.CreateTask(t.Context(), "default", client.TaskCreate{Title: "after it"})
		if err == nil {
			h.ledger.note(task.ID, "")
		}
		return err
	}
	for range 20 {
		must(t, write())
	}
	must(t, os.Rename(restored, h.db()))
	after := h.ledger.len()
	var refused error
	until(t, "a write is refused", func() bool { refused = write(); return refused != nil })
	t.Logf("%d writes were acknowledged after the move, then: %v", h.ledger.len()-after, refused)

	add := h.command("add", "again")
	if said, _ := add.CombinedOutput(); add.ProcessState.ExitCode() != 7 || !strings.Contains(string(said), "no more writes") {
		t.Errorf("the command line ends with %d: %s", add.ProcessState.ExitCode(), said)
	}
	status := h.command("gateway", "status")
	if said, _ := status.Output(); status.ProcessState.ExitCode() != 8 || !strings.Contains(string(said), "no more writes") {
		t.Errorf("gateway status ends with %d: %s", status.ProcessState.ExitCode(), said)
	}
	var copies []string
	until(t, "a copy of what is open stands in andon/rescued", func() bool {
		copies, _ = filepath.Glob(filepath.Join(h.dir, "andon", "rescued", "*", "*Z", "manifest.json"))
		return len(copies) > 0
	})
	kept := filepath.Join(filepath.Dir(copies[0]), "kanban.db")
	if v := h.ledger.judge(kept); !v.ok() {
		t.Errorf("the copy: %s", v)
	}
	// What is asked for is refused until the old WAL is out of the way.
	if out, err := h.command("boards", "reopen", "default").CombinedOutput(); err == nil || !strings.Contains(string(out), "-wal") {
		t.Errorf("reopened beside the WAL of another file: %v: %s", err, out)
	}
	must(t, exec.Command("rm", h.db()+"-wal", h.db()+"-shm").Run())
	h.must(t, "boards", "reopen", "default")
	must(t, write())
	g.end(syscall.SIGTERM)
	if got := h.sqlite3(t, "PRAGMA integrity_check"); got != "ok" {
		t.Errorf("the restored file: %s", got)
	}
}
