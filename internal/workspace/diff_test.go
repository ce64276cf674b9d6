package workspace_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/workspace"
)

func TestDiffShowsWhatARunChanged(t *testing.T) {
	repo, m := repository(t), newManager(t)
	place := prepare(t, m, worktree(repo, "t_1"))
	write(t, place.Path, "README", "hello world\n")
	first := snapshot(t, m, place.Path, 1, 0)
	write(t, place.Path, "new.txt", "one\ntwo\n")
	second := snapshot(t, m, place.Path, 2, 0)

	whole := diff(t, m, workspace.Range{Dir: repo, From: place.Base, To: second.Ref}, false, 1<<20)
	for _, want := range []string{"-hello\n", "+hello world\n", "+++ b/new.txt\n", "+two\n"} {
		if !strings.Contains(string(whole.Text), want) {
			t.Errorf("there is no %q in\n%s", want, whole.Text)
		}
	}
	between := diff(t, m, workspace.Range{Dir: repo, From: first.Ref, To: second.Ref}, false, 1<<20)
	if text := string(between.Text); !strings.Contains(text, "+two\n") || strings.Contains(text, "README") {
		t.Errorf("between the two runs:\n%s", text)
	}
	stat := diff(t, m, workspace.Range{Dir: repo, From: place.Base, To: second.Ref}, true, 1<<20)
	if !strings.Contains(string(stat.Text), "2 files changed, 3 insertions(+), 1 deletion(-)") {
		t.Errorf("counted:\n%s", stat.Text)
	}
}

// A running task's changes are seen without a trace in its repository.
func TestDiffOfFilesAsTheyAre(t *testing.T) {
	repo, m := repository(t), newManager(t)
	place := prepare(t, m, worktree(repo, "t_1"))
	write(t, place.Path, ".gitignore", "*.o\n")
	write(t, place.Path, "ignored.o", "object")
	write(t, place.Path, "untracked", "text\n")
	git(t, place.Path, "rm", "-q", "README")
	before, objects := observable(t, place.Path), git(t, repo, "count-objects", "-v")

	now := string(diff(t, m, workspace.Range{Dir: place.Path, Task: "t_1", From: place.Base}, false, 1<<20).Text)
	if !strings.Contains(now, "+++ b/untracked") || !strings.Contains(now, "deleted file") || strings.Contains(now, "ignored.o") {
		t.Errorf("got\n%s", now)
	}
	if after := observable(t, place.Path); after != before {
		t.Errorf("the tree was changed\nbefore %s\nafter %s", before, after)
	}
	if after := git(t, repo, "count-objects", "-v"); after != objects {
		t.Errorf("the repository grew\nbefore %s\nafter %s", objects, after)
	}
}

func TestDiffEndsAtItsLimitAfterAWholeLine(t *testing.T) {
	repo, m := repository(t), newManager(t)
	place := prepare(t, m, worktree(repo, "t_1"))
	write(t, place.Path, "long", strings.Repeat("a line of text\n", 100_000))
	shot := snapshot(t, m, place.Path, 1, 0)
	p := diff(t, m, workspace.Range{Dir: repo, From: place.Base, To: shot.Ref}, false, 10_000)
	if !p.Cut || len(p.Text) > 10_000 || len(p.Text) < 9_900 || !strings.HasSuffix(string(p.Text), "text\n") {
		t.Errorf("cut: %t, %d bytes, the end %q", p.Cut, len(p.Text), p.Text[max(0, len(p.Text)-40):])
	}
}

// A worker may write .gitattributes and its repository's configuration; neither
// makes Andon run a program.
func TestDiffRunsNoProgramOfTheRepository(t *testing.T) {
	repo, m := repository(t), newManager(t)
	place := prepare(t, m, worktree(repo, "t_1"))
	trap := filepath.Join(t.TempDir(), "trap")
	for _, key := range []string{"diff.external", "diff.evil.command", "diff.evil.textconv"} {
		git(t, repo, "config", key, "touch "+trap+"; cat")
	}
	write(t, place.Path, ".gitattributes", "* diff=evil\n")
	write(t, place.Path, "README", "changed\n")
	diff(t, m, workspace.Range{Dir: place.Path, Task: "t_1", From: place.Base}, false, 1<<20)
	if exists(trap) {
		t.Error("it ran one")
	}
}

func TestDiffSaysWhatIsGone(t *testing.T) {
	repo, m := repository(t), newManager(t)
	_, err := m.Diff(t.Context(), workspace.Range{Dir: repo, From: "refs/andon/t_1/1", To: "HEAD"}, false, 1<<20)
	refused(t, err, kanban.Conflict, "no longer in the repository")
	_, err = m.Diff(t.Context(), workspace.Range{Dir: repo + "-moved", From: "HEAD", To: "HEAD"}, false, 1<<20)
	refused(t, err, kanban.Conflict, "is gone")
}

func diff(t *testing.T, m *workspace.Manager, r workspace.Range, stat bool, limit int) workspace.Patch {
	t.Helper()
	p, err := m.Diff(t.Context(), r, stat, limit)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
