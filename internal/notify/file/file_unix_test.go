//go:build unix

package file

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/andon-dev/andon/internal/notify"
)

func TestAPipeIsRefusedAndNotWaitedFor(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	var f *notify.Failure
	if _, err := New(pipe).Send(t.Context(), message("k", "")); !errors.As(err, &f) || !f.Permanent {
		t.Errorf("a pipe: %v", err)
	}
}
