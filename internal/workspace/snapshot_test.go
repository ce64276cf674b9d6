package workspace_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/workspace"
)

func TestG22_SnapshotKeepsTheWorkAndTouchesNothing(t *testing.T) {
	repo, m := repository(t), newManager(t)
	place := prepare(t, m, worktree(repo, "t_1"))
	write(t, place.Path, ".gitignore", "*.o\n")
	write(t, place.Path, "ignored.o", "object")
	write(t, place.Path, "README", "changed\n")
	write(t, place.Path, "staged", "first")
	git(t, place.Path, "add", "staged")
	write(t, place.Path, "staged", "then changed")
	write(t, place.Path, "odd/new\nline \xff\t\"quoted\" ", "odd")
	if err := os.Symlink("/nowhere/at/all", filepath.Join(place.Path, "broken")); err != nil {
		t.Fatal(err)
	}
	before := observable(t, place.Path)

	shot := snapshot(t, m, place.Path, 7, 0)
	if shot.Ref != "refs/andon/t_1/7" || shot.Files != 5 || len(shot.Skipped) != 0 {
		t.Errorf("got %+v", shot)
	}
	if after := observable(t, place.Path); after != before {
		t.Errorf("the tree was changed\nbefore %s\nafter %s", before, after)
	}

	// The work is there after the tree is gone.
	if err := m.Remove(t.Context(), "t_1", place); err != nil {
		t.Fatal(err)
	}
	files := strings.Split(strings.TrimSuffix(git(t, repo, "ls-tree", "-r", "-z", "--name-only", shot.Ref), "\x00"), "\x00")
	if want := []string{".gitignore", "README", "broken", "odd/new\nline \xff\t\"quoted\" ", "staged"}; !slices.Equal(files, want) {
		t.Errorf("kept %q, want %q", files, want)
	}
	if content := git(t, repo, "show", shot.Ref+":staged"); content != "then changed" {
		t.Errorf("staged holds %q", content)
	}
	if parent := git(t, repo, "rev-parse", shot.Ref+"^"); parent != place.Base {
		t.Errorf("on top of %s, want %s", parent, place.Base)
	}
}

// observable is all that a worker or a user could notice of a snapshot.
func observable(t *testing.T, tree string) string {
	t.Helper()
	private := git(t, tree, "rev-parse", "--absolute-git-dir")
	return strings.Join([]string{
		git(t, tree, "rev-parse", "HEAD"),
		git(t, tree, "--no-optional-locks", "status", "--porcelain", "--ignored"),
		git(t, tree, "stash", "list"),
		read(t, private, "index"),
	}, "\n")
}

func TestG22_SnapshotOfWhatIsUnchanged(t *testing.T) {
	repo, m := repository(t), newManager(t)
	place := prepare(t, m, worktree(repo, "t_1"))
	want := workspace.Snapshot{Ref: "refs/andon/t_1/1", Commit: place.Base}
	got := snapshot(t, m, place.Path, 1, 0)
	if got.Ref != want.Ref || got.Commit != want.Commit || got.Files != 0 {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if at := git(t, repo, "rev-parse", want.Ref); at != place.Base {
		t.Errorf("the ref is at %s", at)
	}
}

func TestG22_SnapshotOverTheLimit(t *testing.T) {
	repo, m := repository(t), newManager(t)
	place := prepare(t, m, worktree(repo, "t_1"))
	write(t, place.Path, "a-core-dump", strings.Repeat("x", 5000))
	write(t, place.Path, "README", strings.Repeat("y", 4000))
	write(t, place.Path, "source.go", "package source\n")
	write(t, place.Path, "test.go", "package test\n")
	shot := snapshot(t, m, place.Path, 1, 3000)
	if want := []string{"README (too large)", "a-core-dump (too large)"}; !slices.Equal(shot.Skipped, want) || shot.Files != 2 || shot.Bytes > 3000 {
		t.Errorf("got %+v, want %v skipped", shot, want)
	}
	if content := git(t, repo, "show", shot.Ref+":README"); content != "hello" {
		t.Errorf("a tracked file over the limit should stay as in HEAD, is %q", content)
	}
	if files := git(t, repo, "ls-tree", "--name-only", shot.Ref); files != "README\nsource.go\ntest.go" {
		t.Errorf("kept %q", files)
	}
}

func TestG22_SnapshotOfADirThatIsARepository(t *testing.T) {
	repo, m := repository(t), newManager(t)
	write(t, repo, "new", "work")
	shot := snapshot(t, m, repo, 1, 0)
	if content := git(t, repo, "show", shot.Ref+":new"); content != "work" {
		t.Errorf("got %+v", shot)
	}
	if status := git(t, repo, "status", "--porcelain"); status != "?? new" {
		t.Errorf("the user's tree was changed: %s", status)
	}
}

func TestSnapshotOfWhatIsNoTreeOfItsOwn(t *testing.T) {
	repo, m := repository(t), newManager(t)
	write(t, repo, "sub/file", "")
	for name, path := range map[string]string{
		"a plain directory":       t.TempDir(),
		"a folder inside a tree":  filepath.Join(repo, "sub"),
		"a directory that's gone": filepath.Join(repo, "gone"),
	} {
		if shot := snapshot(t, m, path, 1, 0); shot.Ref != "" || shot.Commit != "" {
			t.Errorf("%s: %+v", name, shot)
		}
	}
	if refs := git(t, repo, "for-each-ref", "refs/andon"); refs != "" {
		t.Errorf("left %s", refs)
	}
}

func TestG22_SnapshotBeforeTheFirstCommit(t *testing.T) {
	m, dir := newManager(t), t.TempDir()
	git(t, dir, "init", "--quiet")
	if shot := snapshot(t, m, dir, 1, 0); shot.Ref != "" {
		t.Errorf("of nothing: %+v", shot)
	}
	write(t, dir, "first", "work")
	shot := snapshot(t, m, dir, 2, 0)
	if content := git(t, dir, "show", shot.Ref+":first"); content != "work" {
		t.Errorf("got %+v", shot)
	}
	if _, err := tryGit(dir, "rev-parse", "--verify", "HEAD"); err == nil {
		t.Error("the repository got a HEAD")
	}
}

func TestG22_SnapshotDuringAMergeConflict(t *testing.T) {
	repo, m := repository(t), newManager(t)
	place := prepare(t, m, worktree(repo, "t_1"))
	divergeFromMain(t, repo, place.Path)
	if out, err := tryGit(place.Path, "merge", "main"); err == nil {
		t.Fatalf("no conflict: %s", out)
	}
	shot := snapshot(t, m, place.Path, 1, 0)
	if content := git(t, repo, "show", shot.Ref+":README"); !strings.Contains(content, "<<<<<<<") {
		t.Errorf("kept %q", content)
	}
	if status := git(t, place.Path, "status", "--porcelain"); status != "UU README" {
		t.Errorf("the merge was changed: %s", status)
	}
}

func TestG22_SnapshotKeepsTheRestBesideWhatItCannotKeep(t *testing.T) {
	repo, m := repository(t), newManager(t)
	library := repository(t)
	git(t, repo, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library, "library")
	git(t, repo, "commit", "--quiet", "-m", "Submodule")
	place := prepare(t, m, worktree(repo, "t_1"))
	git(t, place.Path, "-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init")
	write(t, place.Path, "library/README", "changed inside")
	git(t, place.Path, "init", "--quiet", "empty-clone")
	git(t, place.Path, "clone", "--quiet", library, "clone")
	if err := syscall.Mkfifo(filepath.Join(place.Path, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	// A tracked file that became a folder, and a filter that fails.
	os.Remove(filepath.Join(place.Path, "README"))
	write(t, place.Path, "README/part", "one")
	write(t, place.Path, ".gitattributes", "*.bin filter=broken\n")
	write(t, place.Path, "a.bin", "")
	git(t, repo, "config", "filter.broken.clean", "false")
	git(t, repo, "config", "filter.broken.required", "true")

	shot := snapshot(t, m, place.Path, 1, 0)
	if want := []string{"a.bin (git cannot take it)", "clone/ (a repository inside)", "empty-clone/ (a repository inside)", "library (a repository inside)"}; !slices.Equal(shot.Skipped, want) {
		t.Errorf("skipped %q, want %q", shot.Skipped, want)
	}
	if content := git(t, repo, "show", shot.Ref+":README/part"); content != "one" {
		t.Errorf("kept %q", content)
	}

	// A submodule that is broken altogether costs nothing but itself.
	write(t, place.Path, "library/.git", "gitdir: /nowhere\n")
	shot = snapshot(t, m, place.Path, 2, 0)
	if !slices.Contains(shot.Skipped, "library (a repository inside)") || shot.Files != 2 {
		t.Errorf("beside a broken submodule: %+v", shot)
	}
}

// A repository inside is named as long as it may hold what is nowhere else, even
// if a worker has committed the name of its commit and git finds all clean.
func TestG22_SnapshotNamesRepositoriesInside(t *testing.T) {
	const inside = "dep (a repository inside)"
	library := repository(t)
	for name, tc := range map[string]struct {
		make func(t *testing.T, tree string)
		want []string
	}{
		"without a commit": {func(t *testing.T, tree string) {
			git(t, tree, "init", "--quiet", "dep")
			write(t, tree, "dep/file", "work")
		}, []string{"dep/ (a repository inside)"}},
		"with a commit": {func(t *testing.T, tree string) {
			git(t, tree, "clone", "--quiet", library, "dep")
		}, []string{"dep/ (a repository inside)"}},
		"with its commit only here": {func(t *testing.T, tree string) {
			git(t, tree, "init", "--quiet", "dep")
			git(t, tree+"/dep", "commit", "--quiet", "--allow-empty", "-m", "work")
			git(t, tree, "add", "dep")
			git(t, tree, "commit", "--quiet", "-m", "dep")
		}, []string{inside}},
		"with all commits from a remote": {func(t *testing.T, tree string) {
			git(t, tree, "clone", "--quiet", library, "dep")
			git(t, tree, "add", "dep")
			git(t, tree, "commit", "--quiet", "-m", "dep")
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			repo, m := repository(t), newManager(t)
			place := prepare(t, m, worktree(repo, "t_1"))
			tc.make(t, place.Path)
			if shot := snapshot(t, m, place.Path, 1, 0); !slices.Equal(shot.Skipped, tc.want) {
				t.Errorf("skipped %q, want %q", shot.Skipped, tc.want)
			}
		})
	}
}

// A worker that breaks its tree is told of: an empty snapshot would pass for
// one of a tree without changes.
func TestG22_BrokenTreesAreRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		spoil func(t *testing.T, tree string)
		says  string
	}{
		"deleted":      {func(t *testing.T, tree string) { os.RemoveAll(tree) }, "is gone"},
		"without .git": {func(t *testing.T, tree string) { os.Remove(tree + "/.git") }, "its .git was removed or replaced"},
		"with a .git that leads nowhere": {func(t *testing.T, tree string) {
			write(t, tree, ".git", "gitdir: /nowhere\n")
		}, "its .git was removed or replaced"},
		"with a repository of its own": {func(t *testing.T, tree string) {
			os.Remove(tree + "/.git")
			git(t, tree, "init", "--quiet")
			git(t, tree, "commit", "--quiet", "--allow-empty", "-m", "other")
		}, "its .git was removed or replaced"},
	} {
		t.Run(name, func(t *testing.T) {
			repo, m := repository(t), newManager(t)
			place := prepare(t, m, worktree(repo, "t_1"))
			write(t, place.Path, "new", "work")
			tc.spoil(t, place.Path)
			_, err := m.Snapshot(t.Context(), place.Path, "t_1", 1, 0)
			refused(t, err, "conflict", tc.says)
			_, _, err = m.Commit(t.Context(), place, "Result")
			refused(t, err, "conflict", tc.says)
		})
	}
}

func TestG22_SnapshotListsUnreadableFiles(t *testing.T) {
	if !asOrdinaryUser(t) {
		return
	}
	repo, m := repository(t), newManager(t)
	place := prepare(t, m, worktree(repo, "t_1"))
	write(t, place.Path, "kept", "work")
	write(t, place.Path, "secret", "")
	write(t, place.Path, "closed/file", "")
	for name, mode := range map[string]os.FileMode{"secret": 0, "closed": 0} {
		if err := os.Chmod(filepath.Join(place.Path, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	shot := snapshot(t, m, place.Path, 1, 0)
	if want := []string{"closed/ (unreadable)", "secret (unreadable)"}; !slices.Equal(shot.Skipped, want) || shot.Files != 1 {
		t.Errorf("got %+v, want %q skipped", shot, want)
	}
	_, _, err := m.Commit(t.Context(), place, "Result")
	refused(t, err, "conflict", "secret")

	if err := m.Remove(t.Context(), "t_1", place); err != nil || exists(place.Path) {
		t.Errorf("Remove: %v", err)
	}
}

// Git compares the time of the index with those of files to find changes made
// within one tick of the clock; the copy must not look younger.
func TestG22_SnapshotSeesAChangeOfTheSameSizeAndTime(t *testing.T) {
	repo, m := repository(t), newManager(t)
	place := prepare(t, m, worktree(repo, "t_1"))
	file, index := filepath.Join(place.Path, "README"), filepath.Join(git(t, place.Path, "rev-parse", "--absolute-git-dir"), "index")
	git(t, place.Path, "config", "core.trustctime", "false")
	git(t, place.Path, "config", "core.checkStat", "minimal")
	aMinuteAgo := time.Now().Add(-time.Minute)
	backdate := func(paths ...string) {
		for _, path := range paths {
			if err := os.Chtimes(path, aMinuteAgo, aMinuteAgo); err != nil {
				t.Fatal(err)
			}
		}
	}
	backdate(file)
	git(t, place.Path, "update-index", "--refresh")
	write(t, place.Path, "README", "HELLO\n")
	backdate(file, index)
	shot := snapshot(t, m, place.Path, 1, 0)
	if content := git(t, repo, "show", shot.Ref+":README"); content != "HELLO" {
		t.Errorf("kept %q", content)
	}
}
