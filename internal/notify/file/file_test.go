package file

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/andon-dev/andon/internal/notify"
)

func message(key, target string) notify.Message {
	return notify.Message{Key: key, Board: "default", Text: "It is done.\nReally.", Target: target}
}

func send(t *testing.T, s *Sink, m notify.Message) {
	t.Helper()
	if _, err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

// keys reads a file back.
func keys(t *testing.T, path string) (keys []string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(raw)); lines.Scan(); {
		var m notify.Message
		if json.Unmarshal(lines.Bytes(), &m) != nil {
			m.Key = "torn"
		}
		keys = append(keys, m.Key)
	}
	return keys
}

func TestG20_EachMessageIsALine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.jsonl")
	s := New(path)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if _, err := s.Send(t.Context(), message(fmt.Sprint("k", i), "")); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := keys(t, path); len(got) != 20 || slices.Contains(got, "torn") {
		t.Errorf("lines %q", got)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestATargetIsAnotherFileOfTheFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "team"), 0o700); err != nil {
		t.Fatal(err)
	}
	target := filepath.Join(dir, "team", "a.jsonl")
	send(t, New(filepath.Join(dir, "out.jsonl")), message("k", target))
	if got := keys(t, target); !slices.Equal(got, []string{"k"}) {
		t.Errorf("lines %q", got)
	}
}

func TestG32_ATargetNeverLeavesTheFolder(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	s := New(filepath.Join(dir, "out.jsonl"))
	for _, target := range []string{
		"relative", "../up", filepath.Join(outside, "x"), dir + "/../x", dir, filepath.Join(dir, "link", "x"),
	} {
		if _, err := s.Send(t.Context(), message("k", target)); err == nil {
			t.Errorf("%s was written", target)
		}
	}
	if left, err := os.ReadDir(outside); err != nil || len(left) > 0 {
		t.Errorf("outside: %v, %v", left, err)
	}
}

func TestG20_AnUnusableTargetIsPermanent(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		path, target string
		permanent    bool
	}{
		{"out.jsonl", "", true},
		{dir + "/out.jsonl", "relative", true},
		{dir + "/out.jsonl", "/elsewhere", true},
		{dir + "/missing/out.jsonl", "", false}, // somebody may yet make the folder
	} {
		_, err := New(c.path).Send(t.Context(), message("k", c.target))
		var f *notify.Failure
		if permanent := errors.As(err, &f) && f.Permanent; err == nil || permanent != c.permanent {
			t.Errorf("%s to %q: %v", c.path, c.target, err)
		}
	}
}

func TestATornLineSpoilsNoOther(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.jsonl")
	if err := os.WriteFile(path, []byte(`{"key":"k0"}`+"\n"+`{"key":"k1`), 0o600); err != nil {
		t.Fatal(err)
	}
	send(t, New(path), message("k2", ""))
	if got := keys(t, path); !slices.Equal(got, []string{"k0", "torn", "k2"}) {
		t.Errorf("lines %q", got)
	}
}
