package workspace_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
)

// FuzzKeep: no path that a run declares, whatever it is, brings a file from
// outside its workspace into the store.
func FuzzKeep(f *testing.F) {
	for _, path := range []string{
		"report.md", "./sub/../report.md", "../secret", "/etc/passwd", "link", "dir/link", "out", "out/../../secret", "", ".", "..",
		"report.md/", "report.md\x00", "//report.md", `..\secret`, "sub/./a", "pipe", strings.Repeat("a/", 3000), "\xff", "~/secret",
	} {
		f.Add(path, false)
		f.Add(path, true)
	}
	f.Fuzz(func(t *testing.T, path string, absolute bool) {
		kept, _ := openArtifacts(t)
		base := t.TempDir()
		work := filepath.Join(base, "work")
		for name, content := range map[string]string{"secret": "secret", "work/report.md": "inside", "work/sub/a": "inside"} {
			put(t, filepath.Join(base, name), content)
		}
		for name, to := range map[string]string{"link": "../secret", "out": "..", "sub/link": "../../secret"} {
			if err := os.Symlink(to, filepath.Join(work, name)); err != nil {
				t.Fatal(err)
			}
		}
		if absolute {
			path = work + "/" + path
		}
		got, err := kept.Keep(t.Context(), work, []string{path}, 0)
		if err != nil {
			if kanban.CodeOf(err) != kanban.Invalid {
				t.Fatalf("%q: %v", path, err)
			}
			return
		}
		if len(got) != 1 || !filepath.IsLocal(got[0].Path) || content(t, kept, got[0].SHA256) != "inside" {
			t.Fatalf("%q was kept as %+v", path, got)
		}
	})
}

func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
