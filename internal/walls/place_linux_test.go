package walls

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
)

// TestG15_APlaceIsFoundWithoutLinks: neither at the end of a path nor on its way.
func TestG15_APlaceIsFoundWithoutLinks(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := os.MkdirAll(at("a/b"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("a", at("link")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"a/b", "a", "/"} {
		if path != "/" {
			path = at(path)
		}
		if _, err := PlaceOf(path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	for _, path := range []string{"link", "link/b"} {
		if _, err := PlaceOf(at(path)); kanban.CodeOf(err) != kanban.Gated {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestG15_AnExchangedFolderIsNoticed: whatever was put up around, a plan whose
// names lead elsewhere by now is not settled.
func TestG15_AnExchangedFolderIsNoticed(t *testing.T) {
	dir := t.TempDir()
	meant, other := filepath.Join(dir, "meant"), filepath.Join(dir, "other")
	for _, d := range []string{meant, other} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	place, err := PlaceOf(meant)
	if err != nil {
		t.Fatal(err)
	}
	plan := Plan{Mode: Bwrap, Dir: meant, Places: map[string]Place{meant: place}}
	t.Chdir(meant)
	if err := plan.within().settled(); err != nil {
		t.Errorf("as it was: %v", err)
	}
	t.Chdir(other)
	if err := plan.within().settled(); err == nil {
		t.Error("it would work elsewhere")
	}
	t.Chdir(meant)
	if err := os.Rename(meant, meant+"-moved"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(other, meant); err != nil {
		t.Fatal(err)
	}
	if err := plan.within().settled(); err == nil {
		t.Error("its name leads elsewhere")
	}
}
