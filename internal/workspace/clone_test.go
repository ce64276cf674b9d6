package workspace_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/workspace"
)

func clone(repo, task string) workspace.Spec {
	return workspace.Spec{Kind: workspace.Clone, Repo: repo, Task: task}
}

func handIn(t *testing.T, m *workspace.Manager, place workspace.Place, message string) (rev string, changed bool, err error) {
	t.Helper()
	place.Task = "t_1"
	return m.Commit(t.Context(), place, message)
}

func TestCloneFromFirstAttemptToRemoval(t *testing.T) {
	repo := repository(t)
	git(t, repo, "tag", "v1")
	root := filepath.Join(t.TempDir(), "workspaces")
	m := workspace.New(root)
	head := git(t, repo, "rev-parse", "HEAD")

	first := prepare(t, m, clone(repo, "t_1"))
	want := workspace.Place{Path: filepath.Join(root, "t_1"), Branch: "andon/t_1", Base: head, Created: true}
	if first != want {
		t.Fatalf("got %+v, want %+v", first, want)
	}
	if read(t, first.Path, "README") != "hello\n" || git(t, first.Path, "status", "--porcelain", "--ignored") != "" {
		t.Error("it is not the source's clean state")
	}
	if at := git(t, first.Path, "describe", "--tags"); at != "v1" {
		t.Errorf("described as %s", at)
	}
	if in := git(t, repo, "branch", "--list", "andon/*"); in != "" {
		t.Errorf("the source has a branch before anything was handed in: %s", in)
	}

	write(t, first.Path, "half", "done")
	again := prepare(t, workspace.New(root), clone(repo, "t_1"))
	want.Created = false
	if again != want || read(t, again.Path, "half") != "done" {
		t.Errorf("the retry got %+v, want %+v", again, want)
	}
	rev, changed, err := handIn(t, m, again, "Half of it")
	if err != nil || !changed {
		t.Fatalf("handed in: %s, %v, %v", rev, changed, err)
	}
	if tip := git(t, repo, "rev-parse", "andon/t_1"); tip != rev || git(t, repo, "show", "andon/t_1:half") != "done" {
		t.Errorf("the source's branch is at %s, want %s", tip, rev)
	}
	if at := git(t, first.Path, "rev-parse", "HEAD"); at != rev || git(t, first.Path, "status", "--porcelain") != "" {
		t.Errorf("the clone is at %s and not clean", at)
	}

	// More of it, with a history that was written anew: the branch is the task's own.
	git(t, first.Path, "commit", "--quiet", "--amend", "-m", "Another word")
	write(t, first.Path, "other", "half")
	if rev, _, err = handIn(t, m, again, "The rest"); err != nil || git(t, repo, "rev-parse", "andon/t_1") != rev {
		t.Errorf("handed in again: %v", err)
	}
	if same, changed, err := handIn(t, m, again, "Nothing new"); same != rev || changed || err != nil {
		t.Errorf("nothing new: %s, %v, %v", same, changed, err)
	}

	if err := m.Remove(t.Context(), "t_1", again); err != nil {
		t.Fatal(err)
	}
	if exists(first.Path) || git(t, repo, "for-each-ref", "refs/andon") != "" {
		t.Error("the clone or its pins are still there")
	}
	// The branch outlived the clone; a reopened task goes on from it.
	if place := prepare(t, m, clone(repo, "t_1")); !place.Created || place.Base != head || read(t, place.Path, "other") != "half" {
		t.Errorf("reopened: %+v", place)
	}
}

// What a worker does in its clone is nobody else's.
func TestCloneSharesNeitherRefsNorStashNorHooks(t *testing.T) {
	repo, m := repository(t), newManager(t)
	hook := filepath.Join(repo, ".git/hooks/pre-commit")
	fail(t, os.WriteFile(hook, []byte("#!/bin/sh\nexit 1\n"), 0o755))
	before := git(t, repo, "for-each-ref", "refs/heads", "refs/tags", "refs/stash")
	place := prepare(t, m, clone(repo, "t_1"))

	write(t, place.Path, "README", "changed\n")
	git(t, place.Path, "stash")
	git(t, place.Path, "branch", "main", "HEAD")
	git(t, place.Path, "tag", "mine")
	write(t, place.Path, "new", "file")
	git(t, place.Path, "add", ".")
	git(t, place.Path, "commit", "--quiet", "-m", "No hook runs")
	git(t, place.Path, "branch", "--force", "main", "HEAD")
	if out, err := tryGit(place.Path, "push", "origin", "main"); err == nil {
		t.Errorf("it could push: %s", out)
	}
	if after := git(t, repo, "for-each-ref", "refs/heads", "refs/tags", "refs/stash"); after != before {
		t.Errorf("the source's refs\nbefore %s\nafter %s", before, after)
	}
}

func TestG22_SnapshotOfACloneKeepsCommitsAndFiles(t *testing.T) {
	repo, m := repository(t), newManager(t)
	place := prepare(t, m, clone(repo, "t_1"))
	write(t, place.Path, "committed", "one")
	git(t, place.Path, "add", ".")
	git(t, place.Path, "commit", "--quiet", "-m", "One")
	git(t, place.Path, "switch", "--quiet", "--detach")
	write(t, place.Path, "untracked", "two")
	before := observable(t, place.Path)

	shot := snapshot(t, m, place.Path, 7, 0)
	if shot.Ref != "refs/andon/t_1/7" || shot.Files != 1 || len(shot.Skipped) != 0 {
		t.Errorf("got %+v", shot)
	}
	if after := observable(t, place.Path); after != before {
		t.Errorf("the clone was changed\nbefore %s\nafter %s", before, after)
	}
	fail(t, m.Remove(t.Context(), "t_1", place))
	git(t, repo, "gc", "--quiet", "--prune=now")
	if git(t, repo, "show", shot.Ref+":committed") != "one" || git(t, repo, "show", shot.Ref+":untracked") != "two" {
		t.Error("the snapshot is not whole")
	}
}

// A clone borrows objects: the source's gc leaves it what it borrowed.
func TestCloneOutlivesTheBranchItStartedFrom(t *testing.T) {
	repo, m := repository(t), newManager(t)
	git(t, repo, "switch", "--quiet", "-c", "topic")
	write(t, repo, "topic", "work")
	git(t, repo, "add", ".")
	git(t, repo, "commit", "--quiet", "-m", "Topic")
	spec := clone(repo, "t_1")
	spec.Base = "topic"
	place := prepare(t, m, spec)
	git(t, repo, "switch", "--quiet", "main")
	git(t, repo, "branch", "-D", "topic")
	git(t, repo, "reflog", "expire", "--expire=now", "--all")
	git(t, repo, "gc", "--quiet", "--prune=now")
	if out := git(t, place.Path, "fsck", "--connectivity-only"); strings.Contains(out, "missing") {
		t.Error(out)
	}
}

func TestG19_HandingInMovesNoBranchOfOthers(t *testing.T) {
	repo, m := repository(t), newManager(t)
	spec := clone(repo, "t_1")
	spec.Branch = "main"
	_, err := m.Prepare(t.Context(), spec)
	refused(t, err, kanban.Conflict, "main is checked out at "+repo)

	place := prepare(t, m, clone(repo, "t_1"))
	write(t, place.Path, "a", "mine")
	_, _, err = handIn(t, m, place, "Mine")
	fail(t, err)
	git(t, repo, "switch", "--quiet", "andon/t_1")
	write(t, place.Path, "a", "mine again")
	_, _, err = handIn(t, m, place, "Again")
	refused(t, err, kanban.Conflict, "is checked out at "+repo)

	write(t, repo, "b", "theirs")
	git(t, repo, "add", ".")
	git(t, repo, "commit", "--quiet", "-m", "Theirs")
	theirs := git(t, repo, "rev-parse", "HEAD")
	git(t, repo, "switch", "--quiet", "main")
	_, _, err = handIn(t, m, place, "Again")
	refused(t, err, kanban.Conflict, "holds commits that the task's clone has not")
	if tip := git(t, repo, "rev-parse", "andon/t_1"); tip != theirs {
		t.Errorf("the branch is at %s, want %s", tip, theirs)
	}
	// The way out that the hint names.
	git(t, place.Path, "pull", "--quiet", "--no-rebase", "--no-edit", repo, "andon/t_1")
	if _, _, err := handIn(t, m, place, "Joined"); err != nil || git(t, repo, "show", "andon/t_1:b") != "theirs" {
		t.Errorf("joined: %v", err)
	}
}

// G15: git is run in a clone by Andon, outside of the worker's walls. Nothing that the
// worker wrote there may be run by that, or bring in what it could not read.
func TestG15_NothingOfAWorkersGitDirectoryIsRun(t *testing.T) {
	for _, kind := range []string{workspace.Clone, workspace.Worktree, workspace.Scratch} {
		t.Run(kind, func(t *testing.T) { nothingIsRun(t, kind) })
	}
}

func nothingIsRun(t *testing.T, kind string) {
	repo, m := repository(t), newManager(t)
	spec := workspace.Spec{Kind: kind, Repo: repo, Task: "t_1", Walled: true}
	place := prepare(t, m, spec)
	if kind == workspace.Scratch {
		git(t, ".", "init", "--quiet", place.Path)
	}
	if kind == workspace.Worktree { // it replaces what leads git to the repository
		evil := filepath.Join(place.Path, "evil")
		git(t, ".", "clone", "--quiet", "--bare", repo, evil)
		fail(t, os.WriteFile(filepath.Join(place.Path, ".git"), []byte("gitdir: "+evil+"\n"), 0o644))
		git(t, evil, "config", "core.bare", "false")
	}
	escaped := filepath.Join(t.TempDir(), "escaped")
	evil := "touch " + escaped + "; cat"
	for _, key := range []string{
		"filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "core.fsmonitor", "core.sshCommand", "core.pager", "core.editor",
		"diff.external", "uploadpack.packObjectsHook", "core.alternateRefsCommand", "gpg.program",
	} {
		git(t, place.Path, "config", key, evil)
	}
	git(t, place.Path, "config", "core.hooksPath", ".evil")
	for _, name := range []string{"pre-commit", "reference-transaction", "post-index-change", "post-commit"} {
		write(t, place.Path, ".evil/"+name, "#!/bin/sh\n"+evil+"\n")
		fail(t, os.Chmod(filepath.Join(place.Path, ".evil", name), 0o755))
	}
	write(t, place.Path, ".gitattributes", "* filter=evil diff=evil\n")
	git(t, ".", "init", "--quiet", filepath.Join(place.Path, "inner"))
	git(t, filepath.Join(place.Path, "inner"), "config", "core.fsmonitor", evil)
	git(t, filepath.Join(place.Path, "inner"), "config", "filter.evil.clean", evil)
	write(t, place.Path, "inner/file", "x")

	snapshot(t, m, place.Path, 1, 0)
	_, _, err := handIn(t, m, place, "Harmless")
	if kind != workspace.Scratch {
		fail(t, err)
		if git(t, repo, "show", "andon/t_1:.gitattributes") != "* filter=evil diff=evil" {
			t.Error("the work was not handed in")
		}
	}
	prepare(t, m, spec)
	if exists(escaped) {
		t.Error("something of the worker's was run")
	}
}

func TestAWalledWorktreeIsKeptAndCommitted(t *testing.T) {
	repo, m := repository(t), newManager(t)
	spec := worktree(repo, "t_1")
	spec.Walled = true
	place := prepare(t, m, spec)
	write(t, place.Path, "committed", "one")
	git(t, place.Path, "add", ".")
	git(t, place.Path, "commit", "--quiet", "-m", "One")
	write(t, place.Path, "untracked", "two")
	shot := snapshot(t, m, place.Path, 1, 0)
	if shot.Files != 1 || git(t, repo, "show", shot.Ref+":untracked") != "two" || git(t, repo, "show", shot.Ref+"^:committed") != "one" {
		t.Errorf("kept %+v", shot)
	}
	rev, changed, err := handIn(t, m, place, "Two")
	if err != nil || !changed || git(t, repo, "rev-parse", "andon/t_1") != rev {
		t.Errorf("committed %s, %v, %v", rev, changed, err)
	}
	if git(t, place.Path, "rev-parse", "HEAD") != rev || git(t, place.Path, "status", "--porcelain") != "" {
		t.Error("the tree is not at its commit, and clean")
	}
	fail(t, m.Remove(t.Context(), "t_1", place))
}

// What a worker does to its own repository is no reason not to take its work.
func TestCloneThatWasTidiedIsHandedIn(t *testing.T) {
	repo := repository(t)
	root := filepath.Join(t.TempDir(), "workspaces")
	m := workspace.New(root)
	place := prepare(t, m, clone(repo, "t_1"))
	for _, name := range []string{"one", "two"} {
		write(t, place.Path, name, name)
		git(t, place.Path, "add", ".")
		git(t, place.Path, "commit", "--quiet", "-m", name)
		git(t, place.Path, "repack", "-a", "-d", "-q")
		git(t, place.Path, "pack-refs", "--all")
		git(t, place.Path, "update-index", "--split-index")
		write(t, place.Path, name+".txt", "not committed")
		rev, _, err := handIn(t, m, place, "Tidied")
		if err != nil || git(t, repo, "rev-parse", "andon/t_1") != rev || git(t, repo, "show", rev+"^:"+name) != name {
			t.Errorf("handed in %s: %v", rev, err)
		}
	}
	left := func() []string {
		all, err := filepath.Glob(filepath.Join(root, ".andon", "*aside*"))
		fail(t, err)
		return all
	}
	if at := left(); len(at) != 0 {
		t.Errorf("left behind: %q", at)
	}
	fail(t, os.MkdirAll(filepath.Join(root, ".andon", "t_1.aside-1", "between"), 0o700)) // as of a killed gateway
	fail(t, m.Remove(t.Context(), "t_1", place))
	if at := left(); len(at) != 0 {
		t.Errorf("left after the clone: %q", at)
	}
}

func TestCloneRefusals(t *testing.T) {
	repo, m := repository(t), newManager(t)
	_, err := m.Prepare(t.Context(), workspace.Spec{Kind: workspace.Clone, Task: "t_1"})
	refused(t, err, kanban.Invalid, "the clone of task t_1 has no source repository")
	spec := clone(repo, "t_1")
	spec.Path = repo
	_, err = m.Prepare(t.Context(), spec)
	refused(t, err, kanban.Invalid, "has no path of its own")
	spec = clone(repo, "t_1")
	spec.Base = "nowhere"
	_, err = m.Prepare(t.Context(), spec)
	refused(t, err, kanban.NotFound, `no commit "nowhere"`)
	git(t, repo, "config", "extensions.partialClone", "origin")
	_, err = m.Prepare(t.Context(), clone(repo, "t_1"))
	refused(t, err, kanban.Conflict, "partial clone")
	if owned, err := m.Owned(); err != nil || len(owned) != 0 {
		t.Errorf("left behind: %v, %v", owned, err)
	}
}

// A source that is shallow, bare, or of another hash gives clones that work.
func TestClonesOfOddSources(t *testing.T) {
	for name, make := range map[string]func(t *testing.T, from, to string){
		"shallow": func(t *testing.T, from, to string) { git(t, ".", "clone", "--quiet", "--depth=1", "file://"+from, to) },
		"bare":    func(t *testing.T, from, to string) { git(t, ".", "clone", "--quiet", "--bare", from, to) },
		"sha256": func(t *testing.T, _, to string) {
			git(t, ".", "init", "--quiet", "--object-format=sha256", to)
			git(t, to, "commit", "--quiet", "--allow-empty", "-m", "First")
		},
	} {
		t.Run(name, func(t *testing.T) {
			from := repository(t)
			git(t, from, "commit", "--quiet", "--allow-empty", "-m", "Second")
			repo, m := filepath.Join(t.TempDir(), "odd"), newManager(t)
			make(t, from, repo)
			place := prepare(t, m, clone(repo, "t_1"))
			write(t, place.Path, "new", "file")
			rev, _, err := handIn(t, m, place, "New")
			if err != nil || git(t, repo, "rev-parse", "andon/t_1") != rev {
				t.Errorf("handed in: %v", err)
			}
			git(t, place.Path, "log", "--oneline")
		})
	}
}

func fail(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
