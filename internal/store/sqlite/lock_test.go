package sqlite

import (
	"context"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/kanban"
)

func TestSharedWritersWaitForTheSidecar(t *testing.T) {
	path := makeNotes(t)
	gateway := openSpec(t, testSpec(path))
	s := testSpec(path)
	s.shared = true
	cli := openSpec(t, s)

	unlock, err := lockFile(background, cli.path+lockSuffix, unix.LOCK_EX)
	must(t, err)
	second := make(chan error)
	go func() { second <- note(cli, "second") }()
	must(t, note(gateway, "first"))
	unlock()
	must(t, <-second)
	if n := count(t, gateway, "WHERE id = 1 AND text = 'first' OR id = 2 AND text = 'second'"); n != 2 {
		t.Fatal("the shared writer did not wait")
	}
}

func TestWaitingForALockIsBounded(t *testing.T) {
	path := t.TempDir() + "/x" + lockSuffix
	unlock, err := lockFile(background, path, unix.LOCK_SH)
	must(t, err)
	also, err := lockFile(background, path, unix.LOCK_SH)
	must(t, err)
	ctx, cancel := context.WithCancel(background)
	cancel()
	_, err = lockFile(ctx, path, unix.LOCK_EX)
	wantCode(t, err, kanban.Unavailable)
	unlock()
	also()
	// The waiter that gave up does not keep what it got late.
	unlock, err = lockFile(background, path, unix.LOCK_EX)
	must(t, err)
	unlock()
}
