//go:build linux || darwin

package worker

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// What a worker leaves in the place of the files that tell of its end cannot
// hold the gateway.
func TestG32_NothingInAFilesPlaceHoldsTheReader(t *testing.T) {
	for what, leave := range map[string]func(path string) error{
		"a pipe":   func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"a link":   func(path string) error { return os.Symlink("/dev/zero", path) },
		"a folder": func(path string) error { return os.Mkdir(path, 0o700) },
	} {
		t.Run(what, func(t *testing.T) {
			dir := t.TempDir()
			for _, name := range []string{exitFile, startedFile, endFile, LogFile} {
				if err := leave(filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := ReadExit(dir); err == nil || errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the exit: %v", err)
			}
			if _, err := ReadStarted(dir); err == nil || errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the start: %v", err)
			}
			log := OpenLog(dir)
			defer log.Close()
			if _, _, err := log.Bounds(); err == nil {
				t.Error("the log can be read")
			}
		})
	}
}
