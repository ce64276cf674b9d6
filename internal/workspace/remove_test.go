package workspace_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/workspace"
)

func TestG19_RemoveTakesOnlyWhatAndonMade(t *testing.T) {
	for name, meanwhile := range map[string]func(t *testing.T, path, precious string){
		"replaced by a directory": func(t *testing.T, path, precious string) {
			rename(t, path, path+".old")
			rename(t, precious, path)
		},
		"replaced at once, so that the inode is used again": func(t *testing.T, path, precious string) {
			os.RemoveAll(path)
			if err := os.Mkdir(path, 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, path, "file", "precious")
		},
		"replaced by a link": func(t *testing.T, path, precious string) {
			rename(t, path, path+".old")
			if err := os.Symlink(precious, path); err != nil {
				t.Fatal(err)
			}
		},
		"with a parent that became a link": func(t *testing.T, path, precious string) {
			rename(t, filepath.Dir(path), filepath.Dir(path)+".old")
			elsewhere := filepath.Join(filepath.Dir(precious), "elsewhere")
			write(t, elsewhere, "t_1/file", "precious")
			rename(t, filepath.Join(filepath.Dir(path)+".old", ".andon"), filepath.Join(elsewhere, ".andon"))
			if err := os.Symlink(elsewhere, filepath.Dir(path)); err != nil {
				t.Fatal(err)
			}
		},
		"with a marker that cannot be read": func(t *testing.T, path, precious string) {
			write(t, path, "file", "precious")
			write(t, filepath.Dir(path), ".andon/t_1.json", "{")
		},
		"with the marker of another task": func(t *testing.T, path, precious string) {
			write(t, path, "file", "precious")
			write(t, filepath.Dir(path), ".andon/t_1.json", read(t, filepath.Dir(path), ".andon/t_2.json"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			m := workspace.New(filepath.Join(home, "workspaces"))
			place := prepare(t, m, workspace.Spec{Kind: workspace.Scratch, Task: "t_1"})
			prepare(t, m, workspace.Spec{Kind: workspace.Scratch, Task: "t_2"})
			precious := filepath.Join(home, "precious")
			write(t, precious, "file", "precious")

			meanwhile(t, place.Path, precious)
			refused(t, m.Remove(t.Context(), "t_1", place), kanban.Conflict, "not a directory that Andon made")
			if content := read(t, place.Path, "file"); content != "precious" {
				t.Errorf("the file is now %q", content)
			}
			owned, err := m.Owned()
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range owned {
				if o.Task == "t_1" {
					t.Errorf("gc would still look at %+v", o)
				}
			}
		})
	}
}

func TestG19_RemoveNeverTakesADirOfTheUser(t *testing.T) {
	m, dir := newManager(t), t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "made-by-prepare")} {
		place := prepare(t, m, workspace.Spec{Kind: workspace.Dir, Path: path, Task: "t_1"})
		refused(t, m.Remove(t.Context(), "t_1", place), kanban.Conflict, "not a directory that Andon made")
	}
	scratch := prepare(t, m, workspace.Spec{Kind: workspace.Scratch, Task: "t_1"})
	refused(t, m.Remove(t.Context(), "t_1", workspace.Place{Path: dir}), kanban.Conflict, dir)
	if !exists(dir) || !exists(scratch.Path) {
		t.Error("something was removed")
	}
}

func TestG19_RemoveDoesNotFollowLinks(t *testing.T) {
	m, outside := newManager(t), t.TempDir()
	write(t, outside, "file", "precious")
	place := prepare(t, m, workspace.Spec{Kind: workspace.Scratch, Task: "t_1"})
	write(t, place.Path, "a/b/c", "")
	for _, name := range []string{"link", "a/link"} {
		if err := os.Symlink(outside, filepath.Join(place.Path, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Remove(t.Context(), "t_1", place); err != nil {
		t.Fatal(err)
	}
	if exists(place.Path) || read(t, outside, "file") != "precious" {
		t.Error("the workspace is there, or more than it is gone")
	}
	if again := prepare(t, m, workspace.Spec{Kind: workspace.Scratch, Task: "t_1"}); !again.Created {
		t.Errorf("after removal: %+v", again)
	}
}

func TestRemoveEndsAnInterruptedRemoval(t *testing.T) {
	root := filepath.Join(t.TempDir(), "workspaces")
	m, spec := workspace.New(root), workspace.Spec{Kind: workspace.Scratch, Task: "t_1"}
	place := prepare(t, m, spec)
	trash := filepath.Join(root, ".andon-removed-t_1")
	rename(t, place.Path, trash)
	if owned, err := m.Owned(); err != nil || len(owned) != 1 {
		t.Errorf("gc does not see it: %v, %v", owned, err)
	}
	if err := m.Remove(t.Context(), "t_1", place); err != nil || exists(trash) {
		t.Errorf("Remove: %v", err)
	}

	// A new attempt may come first.
	place = prepare(t, m, spec)
	rename(t, place.Path, trash)
	if place = prepare(t, m, spec); !place.Created || exists(trash) {
		t.Errorf("got %+v beside the old trash", place)
	}
}

func TestRemoveTakesFoldersWithoutWritePermission(t *testing.T) {
	if !asOrdinaryUser(t) {
		return
	}
	m := newManager(t)
	place := prepare(t, m, workspace.Spec{Kind: workspace.Scratch, Task: "t_1"})
	write(t, place.Path, "mod/cache/file", "")
	for _, name := range []string{"mod/cache", "mod"} {
		if err := os.Chmod(filepath.Join(place.Path, name), 0o555); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Remove(t.Context(), "t_1", place); err != nil || exists(place.Path) {
		t.Errorf("Remove: %v", err)
	}
}

func TestRemoveOfAWorktree(t *testing.T) {
	t.Run("locked by a user", func(t *testing.T) {
		repo, m := repository(t), newManager(t)
		place := prepare(t, m, worktree(repo, "t_1"))
		git(t, repo, "worktree", "lock", "--reason", "looking at it", place.Path)
		refused(t, m.Remove(t.Context(), "t_1", place), kanban.Conflict, "looking at it")
		if !exists(place.Path) {
			t.Error("removed all the same")
		}
	})
	t.Run("with uncommitted work and a submodule", func(t *testing.T) {
		repo, m, library := repository(t), newManager(t), repository(t)
		git(t, repo, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library, "library")
		git(t, repo, "commit", "--quiet", "-m", "Submodule")
		place := prepare(t, m, worktree(repo, "t_1"))
		git(t, place.Path, "-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init")
		write(t, place.Path, "new", "")
		if err := m.Remove(t.Context(), "t_1", place); err != nil || exists(place.Path) {
			t.Errorf("Remove: %v", err)
		}
	})
	t.Run("whose repository is gone", func(t *testing.T) {
		repo, m := repository(t), newManager(t)
		place := prepare(t, m, worktree(repo, "t_1"))
		if err := os.RemoveAll(repo); err != nil {
			t.Fatal(err)
		}
		if err := m.Remove(t.Context(), "t_1", place); err != nil || exists(place.Path) {
			t.Errorf("Remove: %v", err)
		}
	})
	t.Run("that is gone", func(t *testing.T) {
		repo, m := repository(t), newManager(t)
		place := prepare(t, m, worktree(repo, "t_1"))
		if err := os.RemoveAll(place.Path); err != nil {
			t.Fatal(err)
		}
		if err := m.Remove(t.Context(), "t_1", place); err != nil {
			t.Errorf("Remove: %v", err)
		}
		if list := git(t, repo, "worktree", "list"); len(list) == 0 || filepath.Base(list) == "t_1" {
			t.Errorf("still registered: %s", list)
		}
	})
}

func TestOwnedTellsWhatAndonMade(t *testing.T) {
	repo, m := repository(t), newManager(t)
	if owned, err := m.Owned(); err != nil || len(owned) != 0 {
		t.Errorf("before anything was made: %v, %v", owned, err)
	}
	tree := prepare(t, m, worktree(repo, "t_1"))
	scratch := prepare(t, m, workspace.Spec{Kind: workspace.Scratch, Task: "t_2"})
	prepare(t, m, workspace.Spec{Kind: workspace.Dir, Path: t.TempDir(), Task: "t_3"})
	owned, err := m.Owned()
	if err != nil || len(owned) != 2 {
		t.Fatalf("Owned: %+v, %v", owned, err)
	}
	for i, want := range []workspace.Owned{
		{Task: "t_1", Path: tree.Path, Kind: workspace.Worktree},
		{Task: "t_2", Path: scratch.Path, Kind: workspace.Scratch},
	} {
		if owned[i].MadeAt.IsZero() {
			t.Errorf("%s was made at no time", want.Task)
		}
		want.MadeAt = owned[i].MadeAt
		if owned[i] != want {
			t.Errorf("got %+v, want %+v", owned[i], want)
		}
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}
