package workspace_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/workspace"
)

// G15: a worker that is still there can put anything into its git directory between
// two looks at it. Each of these is what it could have there when git comes.
func TestG15_ACloneThatLeadsElsewhereBringsNothingIn(t *testing.T) {
	secret := repository(t)
	write(t, secret, "secret", "42")
	git(t, secret, "add", ".")
	git(t, secret, "commit", "--quiet", "-m", "Secret")
	theirs := git(t, secret, "rev-parse", "HEAD")
	loose := filepath.Join("objects", theirs[:2], theirs[2:])
	blob := git(t, secret, "rev-parse", "HEAD:secret")
	packed := filepath.Join(t.TempDir(), "packed")
	git(t, ".", "clone", "--quiet", "--bare", "--no-local", secret, packed)
	git(t, packed, "repack", "-a", "-d", "-q")
	pack, err := filepath.Glob(filepath.Join(packed, "objects/pack/pack-*.pack"))
	fail(t, err)
	link := func(t *testing.T, private, from, to string) {
		t.Helper()
		fail(t, os.MkdirAll(filepath.Dir(filepath.Join(private, to)), 0o755))
		fail(t, os.Symlink(from, filepath.Join(private, to)))
	}
	head := func(t *testing.T, private string) { write(t, private, "refs/heads/andon/t_1", theirs+"\n") }
	for name, c := range map[string]struct {
		words string
		lead  func(t *testing.T, private string)
	}{
		"alternates": {"cannot be taken over", func(t *testing.T, private string) {
			write(t, private, "objects/info/alternates", filepath.Join(secret, ".git/objects")+"\n")
			head(t, private)
		}},
		"alternates that are a link": {"cannot be taken over", func(t *testing.T, private string) {
			fail(t, os.Remove(filepath.Join(private, "objects/info/alternates")))
			list := filepath.Join(t.TempDir(), "list")
			write(t, filepath.Dir(list), "list", filepath.Join(secret, ".git/objects")+"\n")
			link(t, private, list, "objects/info/alternates")
			head(t, private)
		}},
		"all objects": {"cannot be taken", func(t *testing.T, private string) {
			fail(t, os.RemoveAll(filepath.Join(private, "objects")))
			link(t, private, filepath.Join(secret, ".git/objects"), "objects")
			head(t, private)
		}},
		"a folder of objects": {"objects/" + theirs[:2] + " cannot be taken", func(t *testing.T, private string) {
			link(t, private, filepath.Join(secret, ".git/objects", theirs[:2]), "objects/"+theirs[:2])
			head(t, private)
		}},
		"one object": {loose + " cannot be taken", func(t *testing.T, private string) {
			link(t, private, filepath.Join(secret, ".git", loose), loose)
			head(t, private)
		}},
		"a pack": {".pack cannot be taken", func(t *testing.T, private string) {
			for _, end := range []string{".pack", ".idx"} {
				link(t, private, strings.TrimSuffix(pack[0], ".pack")+end, "objects/pack/pack-"+strings.Repeat("0", 40)+end)
			}
			head(t, private)
		}},
		"a known commit of theirs": {"cannot be taken over", func(t *testing.T, private string) { write(t, private, "HEAD", theirs+"\n") }},
		"a link for HEAD": {"HEAD cannot be taken", func(t *testing.T, private string) {
			fail(t, os.Remove(filepath.Join(private, "HEAD")))
			link(t, private, filepath.Join(secret, ".git/refs/heads/main"), "HEAD")
		}},
		"a ref with a path": {"cannot be taken", func(t *testing.T, private string) {
			write(t, private, "HEAD", "ref: ../../../../"+filepath.Join(secret, ".git/refs/heads/main")+"\n")
		}},
		"refs": {"refs/heads/andon/t_1 cannot be taken", func(t *testing.T, private string) {
			fail(t, os.RemoveAll(filepath.Join(private, "refs")))
			link(t, private, filepath.Join(secret, ".git/refs"), "refs")
		}},
		"the index": {"index cannot be taken", func(t *testing.T, private string) {
			fail(t, os.Remove(filepath.Join(private, "index")))
			link(t, private, filepath.Join(secret, ".git/index"), "index")
		}},
		"a git directory elsewhere": {".git was removed or replaced", func(t *testing.T, private string) {
			fail(t, os.RemoveAll(private))
			fail(t, os.WriteFile(private, []byte("gitdir: "+filepath.Join(secret, ".git")+"\n"), 0o644))
		}},
		"a link for the git directory": {".git was removed or replaced", func(t *testing.T, private string) {
			fail(t, os.RemoveAll(private))
			fail(t, os.Symlink(filepath.Join(secret, ".git"), private))
		}},
		"a pipe for the git directory": {".git was removed or replaced", func(t *testing.T, private string) {
			fail(t, os.RemoveAll(private))
			fail(t, syscall.Mkfifo(private, 0o644))
		}},
		"a pipe for an object": {loose + " cannot be taken", func(t *testing.T, private string) {
			fail(t, os.MkdirAll(filepath.Dir(filepath.Join(private, loose)), 0o755))
			fail(t, syscall.Mkfifo(filepath.Join(private, loose), 0o644))
			head(t, private)
		}},
		"a pipe for the packs": {"objects/pack cannot be taken", func(t *testing.T, private string) {
			fail(t, os.RemoveAll(filepath.Join(private, "objects/pack")))
			fail(t, syscall.Mkfifo(filepath.Join(private, "objects/pack"), 0o644))
			head(t, private)
		}},
		"a pipe for HEAD": {"HEAD cannot be taken", func(t *testing.T, private string) {
			fail(t, os.Remove(filepath.Join(private, "HEAD")))
			fail(t, syscall.Mkfifo(filepath.Join(private, "HEAD"), 0o644))
		}},
		"an object without an end": {"holds more than 4 GiB", func(t *testing.T, private string) {
			write(t, private, loose, "")
			fail(t, os.Truncate(filepath.Join(private, loose), 1<<40))
			head(t, private)
		}},
		"HEAD in a circle": {"HEAD cannot be taken", func(t *testing.T, private string) { write(t, private, "HEAD", "ref: HEAD\n") }},
	} {
		t.Run(name, func(t *testing.T) {
			repo, m := repository(t), newManager(t)
			place := prepare(t, m, clone(repo, "t_1"))
			write(t, place.Path, "own", "work")
			c.lead(t, filepath.Join(place.Path, ".git"))
			_, _, err := handIn(t, m, place, "Out")
			refused(t, err, kanban.Conflict, c.words)
			_, err = m.Snapshot(t.Context(), place.Path, "t_1", 1, 0)
			refused(t, err, kanban.Conflict, c.words)
			for _, id := range []string{theirs, blob} {
				if _, err := tryGit(repo, "cat-file", "-e", id); err == nil {
					t.Error("the secret came into the source")
				}
			}
		})
	}
}

// What git would heed of a git directory, and Andon does not, is in nobody's way.
func TestG15_WhatIsNotTakenOfACloneCounts(t *testing.T) {
	secret := repository(t)
	write(t, secret, "secret", "42")
	git(t, secret, "add", ".")
	git(t, secret, "commit", "--quiet", "-m", "Secret")
	repo, m := repository(t), newManager(t)
	place := prepare(t, m, clone(repo, "t_1"))
	private := filepath.Join(place.Path, ".git")
	write(t, place.Path, "own", "work")
	write(t, private, "commondir", filepath.Join(secret, ".git"))
	write(t, private, "objects/info/alternates", filepath.Join(secret, ".git/objects")+"\n")
	write(t, private, "objects/pack/tmp_pack_1", "half")
	write(t, private, "objects/pack/pack-1234.idx", "without a pack")
	fail(t, syscall.Mkfifo(filepath.Join(private, "index.andon"), 0o644))
	rev, changed, err := handIn(t, m, place, "Own")
	if err != nil || !changed || git(t, repo, "show", rev+":own") != "work" {
		t.Errorf("handed in %s, %v, %v", rev, changed, err)
	}
}

// A commit that is not there makes git ask where its settings say, which takes a program.
func TestG15_NobodyIsAskedForWhatACloneLacks(t *testing.T) {
	repo, m := repository(t), newManager(t)
	spec := clone(repo, "t_1")
	spec.Walled = true
	place := prepare(t, m, spec)
	escaped := filepath.Join(t.TempDir(), "escaped")
	lacking := func(dir string) {
		git(t, dir, "config", "extensions.partialClone", "origin")
		git(t, dir, "config", "core.repositoryFormatVersion", "1")
		git(t, dir, "config", "remote.origin.url", "ssh://nowhere/x")
		git(t, dir, "config", "remote.origin.promisor", "true")
		git(t, dir, "config", "core.sshCommand", "touch "+escaped+"; false")
	}
	inner := filepath.Join(place.Path, "inner")
	git(t, ".", "init", "--quiet", "--initial-branch=main", inner)
	git(t, inner, "commit", "--quiet", "--allow-empty", "-m", "Inner")
	git(t, place.Path, "add", "inner")
	git(t, place.Path, "commit", "--quiet", "-m", "A repository inside")
	nowhere := strings.Repeat("1", 40)
	lacking(inner)
	write(t, inner, ".git/refs/heads/main", nowhere+"\n")
	shot := snapshot(t, m, place.Path, 1, 0)
	if len(shot.Skipped) != 1 || shot.Skipped[0] != "inner (a repository inside)" {
		t.Errorf("left out %q", shot.Skipped)
	}
	if exists(escaped) {
		t.Error("something of the worker's was run for a repository inside")
	}
	lacking(place.Path)
	write(t, place.Path, ".git/refs/heads/andon/t_1", nowhere+"\n")
	_, _, err := handIn(t, m, place, "Nothing")
	if exists(escaped) {
		t.Error("something of the worker's was run")
	}
	refused(t, err, kanban.Conflict, "cannot be taken over")
}

// A repository inside that is at another commit is named by it, if it is inside.
func TestG15_ARepositoryElsewhereIsNotNamed(t *testing.T) {
	secret := repository(t)
	theirs := git(t, secret, "commit-tree", "-m", "Secret", "HEAD^{tree}")
	git(t, secret, "reset", "--quiet", "--hard", theirs)
	repo, m := repository(t), newManager(t)
	place := prepare(t, m, clone(repo, "t_1"))
	inner := filepath.Join(place.Path, "inner")
	git(t, ".", "init", "--quiet", inner)
	git(t, inner, "commit", "--quiet", "--allow-empty", "-m", "Inner")
	git(t, place.Path, "add", "inner")
	git(t, place.Path, "commit", "--quiet", "-m", "A repository inside")
	git(t, inner, "commit", "--quiet", "--allow-empty", "-m", "Moved on")
	rev, _, err := handIn(t, m, place, "Its commit")
	if at := git(t, inner, "rev-parse", "HEAD"); err != nil || git(t, repo, "rev-parse", rev+":inner") != at {
		t.Errorf("want %s at inner: %v", at, err)
	}
	fail(t, os.Rename(filepath.Join(inner, ".git"), filepath.Join(place.Path, ".git", "inner")))
	write(t, inner, ".git", "gitdir: ../.git/inner\n")
	git(t, inner, "--work-tree=.", "commit", "--quiet", "--allow-empty", "-m", "And on")
	rev, _, err = handIn(t, m, place, "Its commit")
	if at := git(t, inner, "rev-parse", "HEAD"); err != nil || git(t, repo, "rev-parse", rev+":inner") != at {
		t.Errorf("want %s at inner, as a submodule: %v", at, err)
	}
	write(t, inner, ".git", "gitdir: "+filepath.Join(secret, ".git")+"\n")
	_, _, err = handIn(t, m, place, "Its commit")
	refused(t, err, kanban.Conflict, `"inner"`)
}

// Git looks what a file is before it opens it. What it is led to take in is a copy,
// which no worker can exchange in between; a filter of the source's sees where.
func TestG15_FilesAreTakenInFromCopies(t *testing.T) {
	repo, m := repository(t), newManager(t)
	where := filepath.Join(t.TempDir(), "where")
	git(t, repo, "config", "filter.peek.clean", "pwd >>"+where+"; tr a-z A-Z")
	place := prepare(t, m, clone(repo, "t_1"))
	write(t, place.Path, ".gitattributes", "*.txt filter=peek\n")
	write(t, place.Path, "folder/new.txt", "new\n")
	fail(t, os.WriteFile(filepath.Join(place.Path, "tool"), []byte("#!/bin/sh\n"), 0o755))
	fail(t, os.Symlink("/nowhere", filepath.Join(place.Path, "link")))
	fail(t, os.Remove(filepath.Join(place.Path, "README")))
	shot := snapshot(t, m, place.Path, 1, 0)
	rev, _, err := handIn(t, m, place, "Copies")
	fail(t, err)
	for _, at := range []string{shot.Ref, rev} {
		if got := git(t, repo, "ls-tree", "-r", "--format=%(objectmode) %(path)", at); got != "100644 .gitattributes\n100644 folder/new.txt\n120000 link\n100755 tool" {
			t.Errorf("%s holds\n%s", at, got)
		}
		if got := git(t, repo, "show", at+":folder/new.txt") + git(t, repo, "show", at+":link"); got != "NEW/nowhere" {
			t.Errorf("%s has %q", at, got)
		}
	}
	if at := read(t, filepath.Dir(where), "where"); at == "" || strings.Contains(at, place.Path+"\n") {
		t.Errorf("git took files in at %s", at)
	}
}

func TestG15_AWalledTreeIsNotAskedForItsRepository(t *testing.T) {
	repo, m := repository(t), newManager(t)
	spec := worktree(repo, "t_1")
	spec.Walled = true
	place := prepare(t, m, spec)
	write(t, place.Path, "new", "line\n")
	rev, _, err := handIn(t, m, place, "New")
	fail(t, err)
	evil := filepath.Join(place.Path, "evil")
	git(t, ".", "init", "--quiet", "--bare", evil)
	fail(t, os.WriteFile(filepath.Join(place.Path, ".git"), []byte("gitdir: "+evil+"\n"), 0o644))
	if at, err := m.Head(t.Context(), place.Path, "t_1", "andon/t_1"); err != nil || at != rev {
		t.Errorf("the branch is at %s, %v, want %s", at, err, rev)
	}
	patch, err := m.Diff(t.Context(), workspace.Range{Dir: place.Path, Task: "t_1", From: place.Base, To: rev}, false, 1<<20)
	if err != nil || !strings.Contains(string(patch.Text), "+line") {
		t.Errorf("the difference is %q, %v", patch.Text, err)
	}
}
