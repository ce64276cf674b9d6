package worker

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// Who has no descriptor left cannot look at a process. That is no proof that it
// carries no mark of a run: its run would be handed out again, or it would be
// taken for a human.
func TestG12_G15_NoDescriptorLeftIsNoProof(t *testing.T) {
	if _, err := marks(os.Getpid()); err != nil {
		t.Fatal(err)
	}
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	none := unix.Rlimit{Cur: 0, Max: before.Max}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	_, envErr := environ(os.Getpid())
	_, filesErr := openFiles(os.Getpid())
	_, marksErr := marks(os.Getpid())
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	if envErr == nil || filesErr == nil || marksErr == nil {
		t.Errorf("environment: %v, files: %v, marks: %v", envErr, filesErr, marksErr)
	}
}
