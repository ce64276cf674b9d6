package workspace_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/workspace"
)

const (
	helloDigest = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03" // of "hello\n"
	unknown     = "0000000000000000000000000000000000000000000000000000000000000000"
)

func openArtifacts(t *testing.T) (*workspace.Artifacts, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "artifacts")
	return workspace.NewArtifacts(dir), dir
}

func content(t *testing.T, a *workspace.Artifacts, sha string) string {
	t.Helper()
	f, size, err := a.Open(sha)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := io.ReadAll(f)
	if err != nil || int64(len(all)) != size {
		t.Fatalf("read %d of %d bytes: %v", len(all), size, err)
	}
	return string(all)
}

// stored counts the files of a store, unfinished ones included.
func stored(t *testing.T, dir string) (n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestG19_ArtifactsOutliveTheWorkspace(t *testing.T) {
	m := newManager(t)
	store, _ := openArtifacts(t)
	place := prepare(t, m, workspace.Spec{Kind: workspace.Scratch, Task: "t_1"})
	write(t, place.Path, "out/report.html", "<p>done</p>")
	write(t, place.Path, "hello", "hello\n")
	if err := os.Symlink("hello", filepath.Join(place.Path, "latest")); err != nil {
		t.Fatal(err)
	}
	kept, err := store.Keep(t.Context(), place.Path,
		[]string{"out/report.html", filepath.Join(place.Path, "hello"), "./out/../hello", "latest"}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	want := []workspace.Artifact{
		{Path: "out/report.html", SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte("<p>done</p>"))), Size: 11, Type: "text/html; charset=utf-8"},
		{Path: "hello", SHA256: helloDigest, Size: 6, Type: "text/plain; charset=utf-8"},
		{Path: "latest", SHA256: helloDigest, Size: 6, Type: "text/plain; charset=utf-8"},
	}
	if diff := cmp.Diff(want, kept); diff != "" {
		t.Error(diff)
	}
	if err := m.Remove(t.Context(), "t_1", place); err != nil {
		t.Fatal(err)
	}
	if got := content(t, store, kept[0].SHA256); got != "<p>done</p>" {
		t.Errorf("the report is now %q", got)
	}
	if got := content(t, store, helloDigest); got != "hello\n" {
		t.Errorf("hello is now %q", got)
	}
}

func TestG32_ArtifactsDoNotEscapeTheWorkspace(t *testing.T) {
	store, dir := openArtifacts(t)
	home := t.TempDir()
	ws := filepath.Join(home, "ws")
	write(t, home, "secret", "secret")
	write(t, ws, "fine", "")
	write(t, ws, "folder/file", "")
	for name, target := range map[string]string{"passwd": "/etc/passwd", "up": "../secret", "home": ".."} {
		if err := os.Symlink(target, filepath.Join(ws, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(ws, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	bad := map[string]string{
		"../secret":                   "it is outside the workspace",
		"folder/../../secret":         "it is outside the workspace",
		"/etc/passwd":                 "it is outside the workspace",
		filepath.Join(home, "secret"): "it is outside the workspace",
		"":                            "it is outside the workspace",
		"passwd":                      "path escapes from parent",
		"up":                          "path escapes from parent",
		"home/secret":                 "path escapes from parent",
		filepath.Join(ws, "passwd"):   "path escapes from parent",
		"pipe":                        "it is not a regular file",
		"folder":                      "it is a directory: name its files, or pack it",
		".":                           "it is a directory",
		"missing":                     "no such file",
		"nul\x00byte":                 "invalid argument",
	}
	paths := []string{"fine"}
	for path := range bad {
		paths = append(paths, path)
	}
	_, err := store.Keep(t.Context(), ws, paths, 0)
	for path, why := range bad {
		refused(t, err, kanban.Invalid, fmt.Sprintf("%q: %s", path, why))
		_, alone := store.Keep(t.Context(), ws, []string{path}, 0)
		refused(t, alone, kanban.Invalid, why)
	}
	if n := stored(t, dir); n != 0 {
		t.Errorf("%d files were kept all the same", n)
	}
}

func TestArtifactsUnderALimit(t *testing.T) {
	store, dir := openArtifacts(t)
	ws := t.TempDir()
	write(t, ws, "four", "1234")
	write(t, ws, "five", "12345")
	if kept, err := store.Keep(t.Context(), ws, []string{"four", "five"}, 9); err != nil || len(kept) != 2 {
		t.Errorf("nine bytes under nine: %v, %v", kept, err)
	}
	write(t, ws, "five", "123456")
	before := stored(t, dir)
	_, err := store.Keep(t.Context(), ws, []string{"four", "five"}, 9)
	refused(t, err, kanban.Invalid, `"five": over the limit of 9 bytes`)
	if n := stored(t, dir); n != before {
		t.Errorf("%d files, before %d", n, before)
	}
}

func TestArtifactsStopWithTheirCaller(t *testing.T) {
	store, dir := openArtifacts(t)
	ws := t.TempDir()
	write(t, ws, "file", "content")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := store.Keep(ctx, ws, []string{"file"}, 0); !errors.Is(err, context.Canceled) || stored(t, dir) != 0 {
		t.Errorf("got %v", err)
	}
}

func TestArtifactsOpenRefuses(t *testing.T) {
	store, dir := openArtifacts(t)
	write(t, filepath.Dir(dir), "secret", "")
	for _, sha := range []string{"", "../secret", strings.ToUpper(helloDigest), helloDigest + "\n", unknown[1:]} {
		if _, _, err := store.Open(sha); kanban.CodeOf(err) != kanban.Invalid {
			t.Errorf("Open(%q): %v", sha, err)
		}
	}
	_, _, err := store.Open(unknown)
	refused(t, err, kanban.NotFound, unknown)
}

func TestSweepRemovesOldOrphans(t *testing.T) {
	store, dir := openArtifacts(t)
	ws := t.TempDir()
	digest := map[string]string{}
	keep := func(name string) {
		write(t, ws, name, name)
		kept, err := store.Keep(t.Context(), ws, []string{name}, 0)
		if err != nil {
			t.Fatal(err)
		}
		digest[name] = kept[0].SHA256
	}
	age := func(path string) {
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-48*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"orphan", "referenced", "kept again", "young"} {
		keep(name)
		if name != "young" {
			age(filepath.Join(dir, digest[name][:2], digest[name]))
		}
	}
	write(t, dir, "tmp/keep-crashed", "")
	age(filepath.Join(dir, "tmp/keep-crashed"))
	write(t, dir, "tmp/keep-running", "")

	// A run keeps the same content while the sweep asks who refers to it.
	referenced := func(sha string) (bool, error) {
		if sha == digest["kept again"] {
			keep("kept again")
		}
		return sha == digest["referenced"], nil
	}
	removed, err := store.Sweep(t.Context(), referenced, time.Now().Add(-time.Hour))
	if err != nil || removed != 1 {
		t.Errorf("removed %d, %v; want the orphan", removed, err)
	}
	for _, name := range []string{"referenced", "kept again", "young"} {
		if got := content(t, store, digest[name]); got != name {
			t.Errorf("%s is now %q", name, got)
		}
	}
	if exists(filepath.Join(dir, "tmp/keep-crashed")) || !exists(filepath.Join(dir, "tmp/keep-running")) {
		t.Error("of unfinished copies, the old ones go and the young ones stay")
	}

	broken := errors.New("the board cannot answer")
	if _, err := store.Sweep(t.Context(), func(string) (bool, error) { return false, broken }, time.Now()); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	if content(t, store, digest["young"]) != "young" {
		t.Error("removed without an answer")
	}
}
