package sqlite

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// labelled makes a home with a task of each label, and a subscription to both.
func labelled(t *testing.T) (home, file string) {
	t.Helper()
	home = t.TempDir()
	h, err := OpenHome(home, Options{})
	must(t, err)
	s, err := h.Open(background, kanban.DefaultBoard)
	must(t, err)
	write(t, s, func(tx store.Tx) error {
		must(t, tx.InsertTask(kanban.Task{ID: "t_00000001", Title: "one", Status: kanban.Ready, Labels: []string{"bug"}}))
		must(t, tx.InsertTask(kanban.Task{ID: "t_00000002", Title: "two", Status: kanban.Ready, Labels: []string{"bug", "ui"}}))
		_, _, err := tx.PutSubscription(store.Subscription{Sink: "ops", Labels: []string{"bug", "ui"}})
		return err
	})
	must(t, h.Close())
	return home, filepath.Join(home, "kanban.db")
}

// TestG05_ADumpWithLabelsOpens: it stands on the first rung and has what the
// last one makes.
func TestG05_ADumpWithLabelsOpens(t *testing.T) {
	needCLI(t)
	home, file := labelled(t)
	old := filepath.Join(home, "old.db")
	before := holdingsOf(t, file)
	dump := sqlite3CLI(t, file, ".dump")
	must(t, os.Rename(file, old))
	must(t, remove(file+"-wal", file+"-shm"))
	sqlite3CLI(t, file, "PRAGMA journal_mode=WAL;"+dump)
	s := openBoard(t, home, kanban.DefaultBoard)
	wantKept(t, file, before)
	view(t, s, func(r store.Reader) error {
		task, err := r.Task("t_00000002")
		same(t, "labels", task.Labels, []string{"bug", "ui"})
		return err
	})
}

// TestG05_LabelsGoWithATaskThatOthersDelete: they know of no labels.
func TestG05_LabelsGoWithATaskThatOthersDelete(t *testing.T) {
	needCLI(t)
	home, file := labelled(t)
	s := openBoard(t, home, kanban.DefaultBoard)
	sqlite3CLI(t, file, "PRAGMA foreign_keys=ON; DELETE FROM tasks WHERE id = 't_00000002'")
	view(t, s, func(r store.Reader) error {
		names, err := r.Labels(0)
		must(t, err)
		same(t, "labels", names, []string{"bug"})
		tasks, _, err := r.Tasks(store.TaskQuery{Labels: []string{"bug"}})
		same(t, "tasks", len(tasks), 1)
		return err
	})
}
