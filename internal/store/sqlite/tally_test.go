package sqlite

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"pgregory.net/rapid"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/storetest"
)

// counts are the tasks of each group: as a reader tells them, and counted one by
// one in the same snapshot.
func (b *board) counts(t rapid.TB, archived bool) (told, there map[group]int) {
	t.Helper()
	told, there = map[group]int{}, map[group]int{}
	err := b.View(background, func(r store.Reader) error {
		found, err := r.(reader).groups(archived)
		for g, n := range found {
			if n != 0 {
				told[g] = n
			}
		}
		if err != nil {
			return err
		}
		return r.(reader).c.query(countAll, nil, func(s *sqlite3.Stmt) error {
			c := columns{s: s}
			g := group{c.text(), kanban.Status(c.text())}
			if archived || g.status != kanban.Archived {
				there[g] += c.int()
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return told, there
}

// TestS3_CountsAreThoseOfTheRows: whatever is done to tasks, whoever does it and
// however it ends.
func TestS3_CountsAreThoseOfTheRows(t *testing.T) {
	storetest.Fewer(t, "rapid.checks", "25")
	b, file := watched(t)
	other, err := openConn(file, opening{})
	must(t, err)
	defer other.close()
	others := func(sql string) {
		must(t, other.exec(sql))
		must(t, b.Update(background, func(store.Tx) error { return nil })) // notices
	}
	rapid.Check(t, func(t *rapid.T) {
		others("DELETE FROM tasks")
		lanes := rapid.SampledFrom([]string{"", "builder", "a:b", "ä"})
		statuses := rapid.SampledFrom(kanban.Statuses)
		n := 0
		some := func() kanban.Task {
			return kanban.Task{
				ID: fmt.Sprintf("t_%08x", rapid.IntRange(0, n).Draw(t, "task")), Title: "x", Status: statuses.Draw(t, "status"),
				Assignee: lanes.Draw(t, "lane"), CreatedAt: day,
			}
		}
		update := func(fn func(store.Tx) error) { _ = b.Update(background, fn) } // some fail: that is the point
		t.Repeat(map[string]func(*rapid.T){
			"insert": func(*rapid.T) { n++; update(func(tx store.Tx) error { return tx.InsertTask(some()) }) },
			"change": func(*rapid.T) { update(func(tx store.Tx) error { return tx.UpdateTask(some()) }) },
			"delete": func(*rapid.T) { update(func(tx store.Tx) error { return tx.DeleteTask(some().ID) }) },
			"give up": func(*rapid.T) {
				update(func(tx store.Tx) error { return errors.Join(tx.InsertTask(some()), errors.New("no")) })
			},
			"of others": func(*rapid.T) {
				task := some()
				others(fmt.Sprintf("UPDATE tasks SET status = '%s' WHERE id = '%s'", task.Status, task.ID))
			},
			"reopen": func(*rapid.T) {
				if err := b.reopen(); err != nil {
					t.Fatal(err)
				}
			},
			"": func(t *rapid.T) {
				for _, archived := range []bool{false, true} {
					if told, there := b.counts(t, archived); fmt.Sprint(told) != fmt.Sprint(there) {
						t.Errorf("told %v, there are %v", told, there)
					}
				}
			},
		})
	})
}

// watched is a new board whose others' commits are noticed.
func watched(t *testing.T) (*board, string) {
	t.Helper()
	home := t.TempDir()
	s := openBoard(t, home, kanban.DefaultBoard)
	_, stop := s.Changes()
	t.Cleanup(stop)
	return s.(*board), filepath.Join(home, "kanban.db")
}

// TestS3_CountsAreNotCountedAgain: what we commit ourselves is added to what was
// counted, which an older snapshot does not see.
func TestS3_CountsAreNotCountedAgain(t *testing.T) {
	b, _ := watched(t)
	insert := func(id string) {
		must(t, b.Update(background, func(tx store.Tx) error {
			return tx.InsertTask(kanban.Task{ID: id, Title: "x", Status: kanban.Done, CreatedAt: day})
		}))
	}
	done := func(r store.Reader) int {
		counts, err := r.CountTasks(store.TaskQuery{})
		must(t, err)
		return counts[kanban.Done]
	}
	insert("t_00000001")
	view(t, b, func(r store.Reader) error { same(t, "at first", done(r), 1); return nil })
	b.tally.counted[false].groups[group{"", kanban.Done}] = 10 // it has seen ten others
	view(t, b, func(r store.Reader) error {
		before := done(r)
		insert("t_00000002")
		same(t, "in the snapshot", done(r), before)
		return nil
	})
	view(t, b, func(r store.Reader) error { same(t, "then", done(r), 12); return nil })
	b.db.news.foreign.Add(1)
	view(t, b, func(r store.Reader) error { same(t, "after others", done(r), 2); return nil })
}
