package sqlite

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func at(now time.Time) func() time.Time { return func() time.Time { return now } }

func slugs(t *testing.T, h *Home, archived bool) string {
	t.Helper()
	boards, err := h.List(background, archived)
	must(t, err)
	var all []string
	for _, b := range boards {
		if b.Archived {
			b.Slug += "(archived)"
		}
		all = append(all, b.Slug)
	}
	return strings.Join(all, " ")
}

func TestBoardsAreMadeDescribedAndListed(t *testing.T) {
	dir := t.TempDir()
	h := openHome(t, dir, Options{Clock: at(noon)})
	must(t, h.Create(background, store.BoardInfo{Slug: "Zoo", Description: "animals", WorkDir: "/src/zoo"}))
	must(t, h.Create(background, store.BoardInfo{Slug: "big-plans", Icon: "B"}))
	wantCode(t, h.Create(background, store.BoardInfo{Slug: " ZOO "}), kanban.Conflict)
	wantCode(t, h.Create(background, store.BoardInfo{Slug: "default"}), kanban.Conflict)
	if got := slugs(t, h, true); got != "default big-plans zoo" {
		t.Fatalf("boards: %s", got)
	}
	got, err := h.Info(background, "zoo")
	must(t, err)
	if len(got.ID) != 32 {
		t.Errorf("id %q", got.ID)
	}
	want := store.BoardInfo{Slug: "zoo", ID: got.ID, Name: "Zoo", Description: "animals", WorkDir: "/src/zoo", CreatedAt: noon}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}

	must(t, h.Save(background, store.BoardInfo{Slug: "zoo", Name: "The Zoo", Color: "#fff"}))
	want = store.BoardInfo{Slug: "zoo", ID: got.ID, Name: "The Zoo", Color: "#fff", CreatedAt: noon}
	got, err = h.Info(background, "zoo")
	must(t, err)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	wantCode(t, h.Save(background, store.BoardInfo{Slug: "nowhere"}), kanban.NotFound)
	_, err = h.Info(background, "nowhere")
	wantCode(t, err, kanban.NotFound)
}

func TestArchiveRestoreDelete(t *testing.T) {
	now := noon
	h := openHome(t, t.TempDir(), Options{Clock: func() time.Time { return now }})
	must(t, h.Create(background, store.BoardInfo{Slug: "zoo"}))
	s, err := h.Open(background, "zoo")
	must(t, err)
	setMeta(t, s, "animal", "cat")
	must(t, h.SetCurrent(background, "zoo"))

	must(t, h.Archive(background, "zoo"))
	wantCode(t, s.Update(background, func(store.Tx) error { return nil }), kanban.Unavailable)
	_, err = h.Open(background, "zoo")
	wantCode(t, err, kanban.NotFound)
	if got := slugs(t, h, true); got != "default zoo(archived)" {
		t.Fatalf("boards: %s", got)
	}
	if current, err := h.Current(background); current != "default" || err != nil {
		t.Fatalf("current %s, %v", current, err)
	}

	// A second one of the same name, within the same second.
	must(t, h.Create(background, store.BoardInfo{Slug: "zoo"}))
	must(t, h.Archive(background, "zoo"))
	must(t, h.Delete(background, "zoo"))

	must(t, h.Restore(background, "zoo"))
	s, err = h.Open(background, "zoo")
	must(t, err)
	if got := getMeta(t, s, "animal"); got != "cat" {
		t.Fatalf("restored with %q", got)
	}
	wantCode(t, h.Restore(background, "zoo"), kanban.NotFound)
	wantCode(t, h.Delete(background, "zoo"), kanban.NotFound)
	wantCode(t, h.Archive(background, "default"), kanban.Invalid)
	wantCode(t, h.Archive(background, "nowhere"), kanban.NotFound)

	must(t, h.Archive(background, "zoo"))
	must(t, h.Create(background, store.BoardInfo{Slug: "zoo"}))
	wantCode(t, h.Restore(background, "zoo"), kanban.Conflict)
}

func TestTheLatestArchivedBoardIsMeant(t *testing.T) {
	h := openHome(t, t.TempDir(), Options{})
	names := []string{"a-1700000000-2", "a-1700000000-10", "a-1700000000", "a-1699999999", "a-1700000000-1700000000", "notes"}
	for _, name := range names {
		must(t, os.MkdirAll(filepath.Join(h.archiveDir(), name), 0o700))
	}
	path, err := h.lastArchived("a")
	must(t, err)
	if filepath.Base(path) != "a-1700000000-10" {
		t.Errorf("a is %s", path)
	}
	path, err = h.lastArchived("a-1700000000")
	must(t, err)
	if filepath.Base(path) != "a-1700000000-1700000000" {
		t.Errorf("a-1700000000 is %s", path)
	}
}

func TestTheSelectedBoard(t *testing.T) {
	h := openHome(t, t.TempDir(), Options{})
	if current, err := h.Current(background); current != "default" || err != nil {
		t.Fatalf("current %s, %v", current, err)
	}
	wantCode(t, h.SetCurrent(background, "nowhere"), kanban.NotFound)
	must(t, h.Create(background, store.BoardInfo{Slug: "zoo"}))
	must(t, h.SetCurrent(background, "ZOO"))
	text, err := os.ReadFile(h.currentPath())
	must(t, err)
	if string(text) != "zoo\n" {
		t.Fatalf("the file says %q", text)
	}
	// Never another board than the one that was selected.
	must(t, os.WriteFile(h.currentPath(), []byte("../../etc\n"), 0o600))
	_, err = h.Current(background)
	wantCode(t, err, kanban.Invalid)
	must(t, os.Remove(h.currentPath()))
	must(t, os.Mkdir(h.currentPath(), 0o700)) // it cannot be read, which is nobody's wrong input
	_, err = h.Current(background)
	wantCode(t, err, kanban.Unavailable)
	must(t, os.Remove(h.currentPath()))
	must(t, os.WriteFile(h.currentPath(), []byte("gone\n"), 0o600))
	current, err := h.Current(background)
	must(t, err)
	_, err = h.Open(background, current)
	wantCode(t, err, kanban.NotFound)
}

func TestG32_NoNameBecomesAPath(t *testing.T) {
	dir := t.TempDir()
	h := openHome(t, dir, Options{})
	for _, name := range []string{"", ".", "..", "../x", "a/b", "_archived", "a\x00b", strings.Repeat("a", 65), "/etc", "ä"} {
		_, openErr := h.Open(background, name)
		_, infoErr := h.Info(background, name)
		for what, err := range map[string]error{
			"open": openErr, "info": infoErr,
			"create":  h.Create(background, store.BoardInfo{Slug: name}),
			"save":    h.Save(background, store.BoardInfo{Slug: name}),
			"archive": h.Archive(background, name), "restore": h.Restore(background, name),
			"delete": h.Delete(background, name), "select": h.SetCurrent(background, name),
		} {
			if kanban.CodeOf(err) != kanban.Invalid {
				t.Errorf("%s %q: %v", what, name, err)
			}
		}
		if dir, db := h.Dir(name), h.Database(name); dir != "" || db != "" {
			t.Errorf("folder and file of %q: %s, %s", name, dir, db)
		}
	}
	if h.Dir("default") != filepath.Join(dir, "kanban") || h.Dir("zoo") != filepath.Join(dir, "kanban", "boards", "zoo") {
		t.Errorf("folders: %s, %s", h.Dir("default"), h.Dir("zoo"))
	}
}

func TestG05_TheReferencesBoardIsAdopted(t *testing.T) {
	needCLI(t)
	dir := t.TempDir()
	folder := filepath.Join(dir, "kanban", "boards", "theirs")
	must(t, os.MkdirAll(folder, 0o755))
	info := filepath.Join(folder, "board.json")
	must(t, os.WriteFile(info, []byte(`{"slug": "theirs", "name": "Ünïcode <x>", "created_at": 1700000000, "their_key": [1, 2]}`), 0o644))
	db := filepath.Join(folder, "kanban.db")
	reference, err := schema.ReadFile("schema/reference.sql")
	must(t, err)
	sqlite3CLI(t, db, "PRAGMA journal_mode=WAL; "+string(reference)+
		"INSERT INTO tasks (id, title, status, created_at) VALUES ('t_00000001', 'theirs', 'ready', 1700000000)")

	h := openHome(t, dir, Options{})
	s, err := h.Open(background, "theirs")
	must(t, err)
	task, err := store.View(background, s, func(r store.Reader) (kanban.Task, error) { return r.Task("t_00000001") })
	must(t, err)
	if task.Title != "theirs" {
		t.Errorf("task %+v", task)
	}
	if saved, _ := filepath.Glob(filepath.Join(dir, "andon", "backups", "theirs-v0-*.db")); len(saved) != 1 {
		t.Errorf("backups: %v", saved)
	}
	text, err := os.ReadFile(info)
	must(t, err)
	var keys map[string]any
	must(t, json.Unmarshal(text, &keys))
	id := getMeta(t, s, idKey)
	if keys["andon_id"] != id || len(id) != 32 {
		t.Errorf("board.json knows %v, the file %q", keys["andon_id"], id)
	}
	if !slices.Equal(keys["their_key"].([]any), []any{1.0, 2.0}) || keys["created_at"] != 1.7e9 {
		t.Errorf("keys of the reference: %v", keys)
	}
	if !strings.Contains(string(text), `"name": "Ünïcode <x>"`) || !strings.HasSuffix(string(text), "\n}\n") {
		t.Errorf("not as the reference writes it:\n%s", text)
	}
	// And the reference goes on with it.
	sqlite3CLI(t, db, "INSERT INTO tasks (id, title, status, created_at) VALUES ('t_00000002', 'more', 'ready', 1700000001)")
}

func TestABoardTheReferenceOnlyDescribedIsMade(t *testing.T) {
	dir := t.TempDir()
	h := openHome(t, dir, Options{})
	must(t, os.MkdirAll(h.boardDir("half"), 0o755))
	must(t, os.WriteFile(h.infoPath("half"), []byte(`{"name": "Half", "x": 1}`), 0o644))
	_, err := h.Open(background, "half")
	must(t, err)
	b, err := h.Info(background, "half")
	must(t, err)
	if b.Name != "Half" || b.ID == "" {
		t.Fatalf("got %+v", b)
	}
}

func TestG04_AnUnreadableDescriptionIsNotOverwritten(t *testing.T) {
	h := openHome(t, t.TempDir(), Options{})
	must(t, h.Create(background, store.BoardInfo{Slug: "zoo"}))
	must(t, os.WriteFile(h.infoPath("zoo"), []byte(`{"andon_id": "12`), 0o600))
	_, err := h.Open(background, "zoo")
	wantCode(t, err, kanban.Unavailable)
	wantCode(t, h.Save(background, store.BoardInfo{Slug: "zoo"}), kanban.Unavailable)
	if got := slugs(t, h, false); got != "default zoo" {
		t.Fatalf("boards: %s", got)
	}
}

func TestHolds(t *testing.T) {
	dir := t.TempDir()
	h := openHome(t, dir, Options{})
	if holds, err := h.Holds(background); len(holds) != 0 || err != nil || there(h.statePath()) {
		t.Fatalf("a new home: %v, %v", holds, err)
	}
	cord := store.Hold{Scope: "all", Kind: store.Pulled, Reason: "smoke", By: "ann", Since: noon}
	limit := store.Hold{Scope: "account:max", Kind: store.Cooldown, Since: noon.Add(time.Second), Until: noon.Add(time.Hour)}
	must(t, h.PutHold(background, limit))
	must(t, h.PutHold(background, store.Hold{Scope: "all", Kind: store.Pulled, Since: noon}))
	must(t, h.PutHold(background, cord))
	must(t, h.Close())

	h = openHome(t, dir, Options{})
	holds, err := h.Holds(background)
	must(t, err)
	if d := cmp.Diff([]store.Hold{cord, limit}, holds); d != "" {
		t.Error(d)
	}
	must(t, h.RemoveHold(background, "all", store.Pulled))
	must(t, h.RemoveHold(background, "all", store.Pulled))
	holds, err = h.Holds(background)
	must(t, err)
	if d := cmp.Diff([]store.Hold{limit}, holds); d != "" {
		t.Error(d)
	}
}
