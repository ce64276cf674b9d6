package storetest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// OpenBoards returns a home with no board but default, and closes it when t
// ends.
type OpenBoards func(t *testing.T) store.Boards

// BoardsRun tests everything that the port promises of Boards.
func BoardsRun(t *testing.T, open OpenBoards) {
	for name, test := range map[string]func(*testing.T, store.Boards){
		"DescribedAndListed": boardsDescribed,
		"OneHandle":          boardsOneHandle,
		"NothingInCommon":    boardsApart,
		"ArchiveAndRestore":  boardsArchive,
		"Delete":             boardsDelete,
		"Current":            boardsCurrent,
		"Codes":              boardsCodes,
		"Holds":              boardsHolds,
		"Filled":             boardsFilled,
		"FilledOrNot":        boardsFilledOrNot,
		"Close":              boardsClose,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

var ctx = context.Background()

func slugs(boards []store.BoardInfo) (all []string) {
	for _, b := range boards {
		if b.Archived {
			b.Slug += " (archived)"
		}
		all = append(all, b.Slug)
	}
	return all
}

func boardsDescribed(t *testing.T, b store.Boards) {
	want := store.BoardInfo{Slug: "zoo", Name: "The Zoo", Description: "animals ☂", Icon: "Z", Color: "#fff", WorkDir: "/src/zoo"}
	do(b.Create(ctx, store.BoardInfo{Slug: " Zoo ", Name: want.Name, Description: want.Description, Icon: want.Icon, Color: want.Color, WorkDir: want.WorkDir}))
	do(b.Create(ctx, store.BoardInfo{Slug: "art"}))
	equal(t, "default first, then by slug", slugs(get(b.List(ctx, true))), []string{"default", "art", "zoo"})

	got := get(b.Info(ctx, "ZOO"))
	if got.ID == "" || got.ID == get(b.Info(ctx, "art")).ID || got.CreatedAt.IsZero() {
		t.Errorf("no id of its own, or no time: %+v", got)
	}
	want.ID, want.CreatedAt = got.ID, got.CreatedAt
	equal(t, "created", got, want)

	want.Name, want.Description, want.Icon, want.Color, want.WorkDir = "Zoo", "", "", "", ""
	changed := want
	changed.ID, changed.CreatedAt = "another", time.Time{}
	do(b.Save(ctx, changed))
	equal(t, "saved", get(b.Info(ctx, "zoo")), want)
	if name := get(b.Info(ctx, "art")).Name; name == "" {
		t.Error("a board without a name")
	}
}

func boardsOneHandle(t *testing.T, b store.Boards) {
	one := get(b.Open(ctx, "default"))
	for _, spelling := range []string{"Default", " DEFAULT "} {
		if get(b.Open(ctx, spelling)) != one {
			t.Errorf("%q has a handle of its own", spelling)
		}
	}
}

func boardsApart(t *testing.T, b store.Boards) {
	do(b.Create(ctx, store.BoardInfo{Slug: "zoo"}))
	one, two := get(b.Open(ctx, "default")), get(b.Open(ctx, "zoo"))
	write(t, one, func(tx store.Tx) { do(tx.InsertTask(task("t_00000001"))) })
	wantNoTask(t, two, "t_00000001")
	if b.Dir("zoo") == b.Dir("default") || b.Dir("zoo") == "" {
		t.Errorf("folders %q and %q", b.Dir("zoo"), b.Dir("default"))
	}
}

func boardsArchive(t *testing.T, b store.Boards) {
	do(b.Create(ctx, store.BoardInfo{Slug: "zoo"}))
	id := get(b.Info(ctx, "zoo")).ID
	old := get(b.Open(ctx, "zoo"))
	write(t, old, func(tx store.Tx) { do(tx.InsertTask(task("t_00000001"))) })

	equal(t, "in use", closed(old), false)
	do(b.Archive(ctx, "zoo"))
	equal(t, "who waits is told", closed(old), true)
	wantCode(t, "write to an archived board", old.Update(ctx, func(store.Tx) error { return nil }), kanban.Unavailable)
	_, err := b.Open(ctx, "zoo")
	wantCode(t, "open an archived board", err, kanban.NotFound)
	equal(t, "told why", strings.Contains(err.Error(), "archived"), true)
	equal(t, "out of sight", slugs(get(b.List(ctx, false))), []string{"default"})
	equal(t, "not gone", slugs(get(b.List(ctx, true))), []string{"default", "zoo (archived)"})

	do(b.Restore(ctx, "zoo"))
	equal(t, "the same board", get(b.Info(ctx, "zoo")).ID, id)
	read(t, get(b.Open(ctx, "zoo")), func(r store.Reader) { get(r.Task("t_00000001")) })
	wantCode(t, "the old handle", old.View(ctx, func(store.Reader) error { return nil }), kanban.Unavailable)
}

func closed(s store.Store) bool {
	select {
	case <-s.Closed():
		return true
	default:
		return false
	}
}

func boardsDelete(t *testing.T, b store.Boards) {
	do(b.Create(ctx, store.BoardInfo{Slug: "zoo"}))
	do(b.Archive(ctx, "zoo"))
	do(b.Create(ctx, store.BoardInfo{Slug: "zoo"})) // the slug is free again
	wantCode(t, "restore over another", b.Restore(ctx, "zoo"), kanban.Conflict)
	do(b.Delete(ctx, "zoo"))
	equal(t, "the other one stays", slugs(get(b.List(ctx, true))), []string{"default", "zoo"})
	wantCode(t, "delete what is not archived", b.Delete(ctx, "zoo"), kanban.NotFound)
}

func boardsCurrent(t *testing.T, b store.Boards) {
	equal(t, "at first", get(b.Current(ctx)), "default")
	do(b.Create(ctx, store.BoardInfo{Slug: "zoo"}))
	do(b.SetCurrent(ctx, "ZOO"))
	equal(t, "selected", get(b.Current(ctx)), "zoo")
	wantCode(t, "select nothing", b.SetCurrent(ctx, "nowhere"), kanban.NotFound)
	do(b.Archive(ctx, "zoo"))
	equal(t, "after it went", get(b.Current(ctx)), "default")
}

func boardsCodes(t *testing.T, b store.Boards) {
	_, err := b.Open(ctx, "nowhere")
	wantCode(t, "open", err, kanban.NotFound)
	_, err = b.Info(ctx, "nowhere")
	wantCode(t, "info", err, kanban.NotFound)
	_, err = b.Open(ctx, "../etc")
	wantCode(t, "open a path", err, kanban.Invalid)
	wantCode(t, "create a path", b.Create(ctx, store.BoardInfo{Slug: "../etc"}), kanban.Invalid)
	wantCode(t, "create twice", b.Create(ctx, store.BoardInfo{Slug: "Default"}), kanban.Conflict)
	wantCode(t, "save", b.Save(ctx, store.BoardInfo{Slug: "nowhere"}), kanban.NotFound)
	wantCode(t, "archive", b.Archive(ctx, "nowhere"), kanban.NotFound)
	wantCode(t, "archive default", b.Archive(ctx, "default"), kanban.Invalid)
	wantCode(t, "restore", b.Restore(ctx, "nowhere"), kanban.NotFound)
	wantCode(t, "delete", b.Delete(ctx, "nowhere"), kanban.NotFound)
}

func boardsHolds(t *testing.T, b store.Boards) {
	equal(t, "none", len(get(b.Holds(ctx))), 0)
	cord := store.Hold{Scope: "lane:builder", Kind: store.Pulled, Reason: "it fails ☂", By: "ann", Since: t0.Add(time.Second)}
	slow := store.Hold{Scope: "lane:builder", Kind: store.Cooldown, Reason: "429", By: "andon", Since: t0, Until: t0.Add(time.Minute)}
	do(b.PutHold(ctx, cord))
	do(b.PutHold(ctx, store.Hold{Scope: slow.Scope, Kind: slow.Kind, Since: t0.Add(time.Hour)}))
	do(b.PutHold(ctx, slow))
	equal(t, "one of each kind, oldest first", get(b.Holds(ctx)), []store.Hold{slow, cord})
	do(b.RemoveHold(ctx, cord.Scope, store.Pulled))
	do(b.RemoveHold(ctx, "all", store.Pulled))
	equal(t, "left", get(b.Holds(ctx)), []store.Hold{slow})
	pause := store.Hold{
		Scope: "repo:/r ☂", Kind: store.Paused, Reason: "exit status 1", By: "andon", Since: t0.Add(2 * time.Second),
		Tasks: []store.TaskRef{{Board: "default", Task: "t_00000001"}, {Board: "docs", Task: "t_00000002"}},
	}
	do(b.PutHold(ctx, pause))
	equal(t, "a pause and whom it concerns", get(b.Holds(ctx)), []store.Hold{slow, pause})
}

func boardsClose(t *testing.T, b store.Boards) {
	s := get(b.Open(ctx, "default"))
	do(b.Close())
	do(b.Close())
	wantCode(t, "use", s.Update(ctx, func(store.Tx) error { return nil }), kanban.Unavailable)
	_, err := b.Open(ctx, "default")
	wantCode(t, "open", err, kanban.Unavailable)
}
