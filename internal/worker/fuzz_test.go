//go:build linux || darwin

package worker

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// FuzzExit: of an exit.json that was cut short or overwritten, either all is
// read or nothing counts as an exit.
func FuzzExit(f *testing.F) {
	for _, raw := range []string{
		`{"reason":"exited","code":0,"started":"2026-11-23T10:00:00Z","ended":"2026-11-23T10:00:01Z"}`,
		`{"reason":"exited","code":0,"star`, "", "null", "{}", `{"reason":"exited","code":1e99}`, `{"started":"yesterday"}`, "\x00\x00",
	} {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		dir := t.TempDir()
		leave(t, dir, exitFile, raw)
		exit, err := ReadExit(dir)
		if err != nil {
			return
		}
		if exit.Reason == "" {
			t.Fatalf("%q counts as an exit: %+v", raw, exit)
		}
		if _, err := json.Marshal(exit); err != nil {
			t.Fatalf("%+v: %v", exit, err)
		}
	})
}

// FuzzLog: whatever a rotation noted beside the two generations of a log, every
// byte between the bounds can be read, and none before or after.
func FuzzLog(f *testing.F) {
	f.Add([]byte("new"), []byte("old"), int64(3), "")
	f.Add([]byte("new"), []byte("old"), int64(1000), "")
	f.Add([]byte("\x1b[2J\xff"), []byte{}, int64(0), "")
	f.Add([]byte("new"), []byte("old"), int64(math.MaxInt64), "")
	f.Add([]byte("new"), []byte("old"), int64(math.MinInt64), "")
	f.Add([]byte("new"), []byte("old"), int64(0), `{"inode":1,"en`)
	f.Fuzz(func(t *testing.T, current, old []byte, end int64, torn string) {
		dir := t.TempDir()
		leave(t, dir, LogFile, current)
		leave(t, dir, OldLogFile, old)
		info, err := os.Stat(filepath.Join(dir, OldLogFile))
		if err == nil {
			err = write(dir, endFile, generationEnd{Inode: inode(info), End: end}, false)
		}
		if err != nil {
			t.Fatal(err)
		}
		if torn != "" {
			leave(t, dir, endFile, []byte(torn))
		}
		log := OpenLog(dir)
		start, stop, err := log.Bounds()
		if err != nil {
			return
		}
		if start < 0 || stop-start != int64(len(current)+len(old)) {
			t.Fatalf("bounds %d to %d of %d and %d bytes", start, stop, len(old), len(current))
		}
		got, err := io.ReadAll(io.NewSectionReader(log, start, stop-start))
		if want := slices.Concat(old, current); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("read %q of %q: %v", got, want, err)
		}
		for _, at := range []int64{start - 1, stop} {
			if n, err := log.ReadAt(make([]byte, 1), at); n != 0 || err == nil {
				t.Fatalf("%d bytes at %d, outside of %d to %d (%v)", n, at, start, stop, err)
			}
		}
	})
}

func leave(t *testing.T, dir, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
		t.Fatal(err)
	}
}
