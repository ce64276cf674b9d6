package memory

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// place is where a task stands in a list: tasks are sorted by their places,
// which compare field by field.
type place struct {
	Number int64
	Word   string
	Born   int64
	N      int64
}

func placeOf(t entry, by store.Sort) place {
	born := t.CreatedAt.Unix()
	if t.CreatedAt.IsZero() {
		born = 0
	}
	switch by {
	case store.ByCreated:
		return place{Born: born, N: t.n}
	case store.ByCreatedDesc:
		return place{Born: -born, N: -t.n}
	case store.ByUpdatedDesc:
		return place{Number: -t.UpdatedAt.UnixMilli(), Born: -born, N: -t.n}
	case store.ByStatus:
		return place{Word: string(t.Status), Born: born, N: t.n}
	case store.ByAssignee:
		return place{Word: t.Assignee, Born: born, N: t.n}
	case store.ByTitle:
		return place{Word: t.Title, Born: born, N: t.n}
	}
	return place{Number: -int64(t.Priority), Born: born, N: t.n}
}

func compare(a, b place) int {
	return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.Word, b.Word),
		cmp.Compare(a.Born, b.Born), cmp.Compare(a.N, b.N))
}

// selectTasks returns the wanted tasks in an order.
func (s *state) selectTasks(by store.Sort, want func(kanban.Task) bool) []entry {
	var found []entry
	for _, t := range s.tasks {
		if want(t.Task) {
			found = append(found, t)
		}
	}
	slices.SortFunc(found, func(a, b entry) int { return compare(placeOf(a, by), placeOf(b, by)) })
	return found
}

// cursor is the place of a page's last task.
type cursor struct {
	Sort  store.Sort
	Place place
}

func (s *state) Tasks(q store.TaskQuery) ([]kanban.Task, string, error) {
	if q.Sort == "" {
		q.Sort = store.ByPriority
	}
	if !slices.Contains(sorts, q.Sort) {
		return nil, "", kanban.Errorf(kanban.Invalid, "unknown order %q", q.Sort)
	}
	found := s.selectTasks(q.Sort, func(t kanban.Task) bool { return s.matches(q, t) })
	if q.Cursor != "" {
		var after cursor
		if err := json.Unmarshal([]byte(q.Cursor), &after); err != nil || after.Sort != q.Sort {
			return nil, "", kanban.Errorf(kanban.Invalid, "this cursor belongs to another list").
				Hint("start again without a cursor")
		}
		found = filter(found, func(t entry) bool { return compare(placeOf(t, q.Sort), after.Place) > 0 })
	}
	page := first(found, within(q.Limit, 100, 1000))
	var tasks []kanban.Task
	for _, t := range page {
		task := copied(t.Task)
		if !q.Full {
			task.Body, task.Result = "", ""
		}
		tasks = append(tasks, task)
	}
	if len(page) == len(found) {
		return tasks, "", nil
	}
	next, err := json.Marshal(cursor{q.Sort, placeOf(page[len(page)-1], q.Sort)})
	return tasks, string(next), err
}

var sorts = []store.Sort{
	store.ByPriority, store.ByCreated, store.ByCreatedDesc, store.ByUpdatedDesc, store.ByStatus, store.ByAssignee, store.ByTitle,
}

func (s *state) matches(q store.TaskQuery, t kanban.Task) bool {
	is := func(want, got string) bool { return want == "" || want == got }
	return (len(q.IDs) == 0 || slices.Contains(q.IDs, t.ID)) &&
		(len(q.Statuses) == 0 || slices.Contains(q.Statuses, t.Status)) &&
		(len(q.Statuses) > 0 || q.Archived || t.Status != kanban.Archived) &&
		(q.Parent == "" || s.links[edge{q.Parent, t.ID}].Child != "") &&
		is(q.Assignee, t.Assignee) && is(q.Tenant, t.Tenant) && is(q.Session, t.SessionID) && t.Labelled(q.Labels) &&
		holds(t, strings.Fields(q.Text))
}

func holds(t kanban.Task, words []string) bool {
	title, body := strings.ToLower(t.Title), strings.ToLower(t.Body)
	for _, w := range words {
		w = strings.ToLower(w)
		if !strings.Contains(title, w) && !strings.Contains(body, w) {
			return false
		}
	}
	return true
}
