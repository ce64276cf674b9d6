package board_test

import (
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/sqlite"
)

// newHome is a home with its boards, which share a clock that stands still.
func newHome(t *testing.T) *board.Boards {
	t.Helper()
	home := must(sqlite.OpenHome(t.TempDir(), sqlite.Options{}))(t)
	t.Cleanup(func() { ok(t, home.Close()) })
	return board.NewBoards(home, func(string) board.Ports {
		return board.Ports{
			Clock: func() time.Time { return t0 }, Work: &work{},
			Settings: func() board.Settings {
				return board.Settings{Lanes: map[string]board.Lane{"builder": {}}, Lease: time.Hour}
			},
		}
	})
}

// TestA16_BoardsNeverShare: what is on one board is not on another, and a board
// has one handle, however it is spelled.
func TestA16_BoardsNeverShare(t *testing.T) {
	home := newHome(t)
	_, created, err := home.Create(bg, ann, store.BoardInfo{Slug: " Docs "})
	ok(t, err)
	_, again, err := home.Create(bg, ann, store.BoardInfo{Slug: "docs", Name: "Other"})
	ok(t, err)
	if !created || again {
		t.Errorf("created %v, then %v", created, again)
	}
	docs, main := must(home.Board(bg, "DOCS"))(t), must(home.Board(bg, "default"))(t)
	if docs != must(home.Board(bg, "docs"))(t) || docs == main {
		t.Error("spellings of one board are not one, or two boards are")
	}
	task := must(docs.Create(bg, ann, board.NewTask{Title: "write", Key: "k"}))(t).Task
	_, err = main.Task(bg, task.ID)
	refused(t, err, kanban.NotFound)
	if !must(main.Create(bg, ann, board.NewTask{Title: "write", Key: "k"}))(t).Created {
		t.Error("the key of one board counts on another")
	}
	_, err = home.Board(bg, "ghost")
	refused(t, err, kanban.NotFound)
	same(t, "boards", len(must(home.List(bg, true))(t)), 2)
}

func TestBoardLife(t *testing.T) {
	home := newHome(t)
	_, _, err := home.Create(bg, ann, store.BoardInfo{Slug: "docs", WorkDir: "relative"})
	refused(t, err, kanban.Invalid, "absolute")
	_, _, err = home.Create(bg, ann, store.BoardInfo{Slug: "docs"})
	ok(t, err)
	same(t, "name", must(home.Change(bg, ann, "docs", func(i *store.BoardInfo) { i.Name = "The docs" }))(t).Name, "The docs")
	ok(t, home.Switch(bg, ann, "Docs"))
	same(t, "current", must(home.Current(bg))(t), "docs")
	refused(t, home.Switch(bg, ann, "ghost"), kanban.NotFound)

	docs := must(home.Board(bg, "docs"))(t)
	task := must(docs.Create(bg, ann, board.NewTask{Title: "write", Assignee: "builder"}))(t).Task
	must(docs.Claim(bg, ann, task.ID, 0, nil))(t)
	refused(t, home.Archive(bg, ann, "docs"), kanban.Conflict, "1 runs are alive")
	must(docs.Complete(bg, ann, kanban.Lease{Task: task.ID}, kanban.Handoff{}))(t)
	ok(t, home.Archive(bg, ann, "docs"))
	same(t, "current", must(home.Current(bg))(t), kanban.DefaultBoard)
	_, err = home.Board(bg, "docs")
	refused(t, err, kanban.NotFound)
	refused(t, home.Archive(bg, ann, kanban.DefaultBoard), kanban.Invalid)

	ok(t, home.Restore(bg, ann, "docs"))
	same(t, "task", must(must(home.Board(bg, "docs"))(t).Task(bg, task.ID))(t).Title, "write")
	ok(t, home.Archive(bg, ann, "docs"))
	ok(t, home.Delete(bg, ann, "docs"))
	refused(t, home.Restore(bg, ann, "docs"), kanban.NotFound)
}

// TestG15_BoardsAreForHumans: no run makes, moves or removes boards, or opens
// what holds work back.
func TestG15_BoardsAreForHumans(t *testing.T) {
	home := newHome(t)
	ok(t, home.Pull(bg, ann, "all", "red build", t0))
	w := kanban.Actor{Kind: kanban.Worker, Name: "builder", Board: "default", Task: "t_00000000", Run: 1}
	for name, err := range map[string]error{
		"create":  func() error { _, _, err := home.Create(bg, w, store.BoardInfo{Slug: "x"}); return err }(),
		"change":  func() error { _, err := home.Change(bg, w, "default", func(*store.BoardInfo) {}); return err }(),
		"archive": home.Archive(bg, w, "default"),
		"restore": home.Restore(bg, w, "default"),
		"delete":  home.Delete(bg, w, "default"),
		"switch":  home.Switch(bg, w, "default"),
		"pull":    home.Pull(bg, w, "all", "", t0),
		"resume":  home.Resume(bg, w, "all"),
	} {
		t.Run(name, func(t *testing.T) { refused(t, err, kanban.Unauthorized) })
	}
	same(t, "holds", len(must(home.Holds(bg))(t)), 1)
}

func TestTheCord(t *testing.T) {
	home := newHome(t)
	for _, scope := range []string{"", "everything", "lane:", "task:t_1"} {
		refused(t, home.Pull(bg, ann, scope, "", t0), kanban.Invalid, scope)
	}
	ok(t, home.Pull(bg, ann, "lane:builder", "red build", t0))
	ok(t, home.CoolDown(bg, store.Hold{Scope: "lane:builder", Kind: store.Cooldown, Since: t0, Until: t0.Add(time.Hour)}))
	ok(t, home.Pull(bg, ann, "board:docs", "", t0))
	ok(t, home.Resume(bg, ann, "lane:builder"))
	refused(t, home.Resume(bg, ann, "lane:builder"), kanban.NotFound)
	holds := must(home.Holds(bg))(t)
	if len(holds) != 1 || holds[0].Scope != "board:docs" || holds[0].By != "ann" {
		t.Errorf("holds: %+v", holds)
	}
}

func TestHoldsAreAboutTheirScope(t *testing.T) {
	for _, c := range []struct {
		hold store.Hold
		want bool
	}{
		{store.Hold{Scope: "all"}, true},
		{store.Hold{Scope: "board:docs"}, true},
		{store.Hold{Scope: "board:default"}, false},
		{store.Hold{Scope: "lane:builder"}, true},
		{store.Hold{Scope: "lane:tester"}, false},
		{store.Hold{Scope: "account:claude"}, true},
		{store.Hold{Scope: "account:"}, false},
		{store.Hold{Scope: "repo:/src/app"}, true},
		{store.Hold{Scope: "repo:/src"}, false},
		{store.Hold{Scope: "all", Until: t0}, false},
		{store.Hold{Scope: "all", Until: t0.Add(time.Second)}, true},
	} {
		if got := board.Holds(c.hold, board.Held{Board: "docs", Lane: "builder", Account: "claude", Repo: "/src/app"}, t0); got != c.want {
			t.Errorf("%+v holds: %v", c.hold, got)
		}
	}
}
