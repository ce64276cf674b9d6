package memory

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// ordered are all tasks in order of insertion.
func (s *state) ordered() []entry {
	all := make([]entry, 0, len(s.tasks))
	for _, t := range s.tasks {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b entry) int { return cmp.Compare(a.n, b.n) })
	return all
}

func (s *state) Task(id string) (kanban.Task, error) {
	t, exists := s.tasks[id]
	if !exists {
		return kanban.Task{}, noTask(id)
	}
	return copied(t.Task), nil
}

func (s *state) TaskIDs(prefix string, limit int) ([]string, error) {
	var found []string
	for id := range s.tasks {
		if strings.HasPrefix(id, prefix) {
			found = append(found, id)
		}
	}
	slices.Sort(found)
	return first(found, limit), nil
}

func (s *state) NextReady(lane string, now time.Time, skip store.Skip) (string, error) {
	best := first(s.selectTasks(store.ByPriority, func(t kanban.Task) bool {
		return t.Status == kanban.Ready && t.Assignee == lane && t.LiveRun == 0 &&
			!t.NotBefore.After(now) && !slices.Contains(skip.Tenants, t.Tenant) && !slices.Contains(skip.Repos, t.Workspace.Source())
	}), 1)
	if len(best) == 0 {
		return "", nil
	}
	return best[0].ID, nil
}

func (s *state) Due(now time.Time, limit int) ([]string, error) {
	due := filter(s.ordered(), func(t entry) bool {
		return t.Status == kanban.Scheduled && !t.NotBefore.IsZero() && !t.NotBefore.After(now)
	})
	slices.SortStableFunc(due, func(a, b entry) int { return a.NotBefore.Compare(b.NotBefore) })
	return taskIDs(first(due, limit)), nil
}

func (s *state) NextDue(now time.Time) (time.Time, error) {
	var next time.Time
	for _, t := range s.tasks {
		waits := (t.Status == kanban.Ready || t.Status == kanban.Scheduled) && t.NotBefore.After(now)
		if waits && (next.IsZero() || t.NotBefore.Before(next)) {
			next = t.NotBefore
		}
	}
	return next, nil
}

func (s *state) Promotable(limit int) ([]string, error) {
	free := s.selectTasks(store.ByPriority, func(t kanban.Task) bool {
		return t.Status == kanban.Todo && !s.waits(t.ID)
	})
	return taskIDs(first(free, limit)), nil
}

func (s *state) waits(child string) bool {
	for _, l := range s.links {
		parent, exists := s.tasks[l.Parent]
		if l.Child == child && exists && !l.Satisfied(parent.Task) {
			return true
		}
	}
	return false
}

func (s *state) Parents(child string) ([]kanban.Link, error) {
	found := s.edges(func(l kanban.Link) bool { return l.Child == child && s.exists(l.Parent) })
	slices.SortFunc(found, func(a, b kanban.Link) int { return cmp.Compare(a.Parent, b.Parent) })
	return found, nil
}

func (s *state) Children(parent string) ([]kanban.Link, error) {
	found := s.edges(func(l kanban.Link) bool { return l.Parent == parent && s.exists(l.Child) })
	slices.SortFunc(found, func(a, b kanban.Link) int { return cmp.Compare(a.Child, b.Child) })
	return found, nil
}

func (s *state) edges(want func(kanban.Link) bool) []kanban.Link {
	var found []kanban.Link
	for _, l := range s.links {
		if want(l) {
			found = append(found, l)
		}
	}
	return found
}

func (s *state) exists(task string) bool {
	_, exists := s.tasks[task]
	return exists
}

func (s *state) TaskByKey(key string) (string, error) {
	if holder, exists := s.tasks[s.keys[key]]; exists && holder.Status != kanban.Archived {
		return holder.ID, nil
	}
	newest := first(s.selectTasks(store.ByCreatedDesc, func(t kanban.Task) bool {
		return t.IdempotencyKey == key && key != "" && t.Status != kanban.Archived
	}), 1)
	if len(newest) == 0 {
		return "", nil
	}
	return newest[0].ID, nil
}

func (s *state) MadeBy(origin string, since time.Time, limit int) ([]string, error) {
	var found []string
	for _, t := range s.tasks {
		if origin != "" && t.Origin == origin && !t.CreatedAt.Before(since) {
			found = append(found, t.ID)
		}
	}
	slices.Sort(found)
	return first(found, limit), nil
}

func (s *state) Stats() (store.Stats, error) {
	stats := store.Stats{ByStatus: map[kanban.Status]int{}, ByLane: map[string]map[kanban.Status]int{}}
	for _, t := range s.tasks {
		if t.Status == kanban.Archived {
			continue
		}
		if stats.ByLane[t.Assignee] == nil {
			stats.ByLane[t.Assignee] = map[kanban.Status]int{}
		}
		stats.ByLane[t.Assignee][t.Status]++
		stats.ByStatus[t.Status]++
		if t.Status == kanban.Ready && (stats.OldestReady.IsZero() || t.UpdatedAt.Before(stats.OldestReady)) {
			stats.OldestReady = t.UpdatedAt
		}
	}
	return stats, nil
}

func (s *state) Tenants(limit int) ([]string, error) {
	var names []string
	for _, t := range s.tasks {
		if t.Tenant != "" {
			names = append(names, t.Tenant)
		}
	}
	slices.Sort(names)
	return first(slices.Compact(names), limit), nil
}

func (s *state) Labels(limit int) ([]string, error) {
	var names []string
	for _, t := range s.tasks {
		names = append(names, t.Labels...)
	}
	slices.Sort(names)
	return first(slices.Compact(names), limit), nil
}

func (s *state) InsertTask(t kanban.Task) error {
	if s.exists(t.ID) {
		return kanban.Errorf(kanban.Conflict, "task %s exists", t.ID)
	}
	s.last.task++
	t.Version = 1
	s.tasks[t.ID] = entry{kept(t), s.last.task}
	return nil
}

func (s *state) UpdateTask(t kanban.Task) error { return s.putTask(t, 1) }
func (s *state) NoteTask(t kanban.Task) error   { return s.putTask(t, 0) }

func (s *state) putTask(t kanban.Task, versions int64) error {
	before, exists := s.tasks[t.ID]
	if !exists {
		return noTask(t.ID)
	}
	t.Version = before.Version + versions
	s.tasks[t.ID] = entry{kept(t), before.n}
	return nil
}

func (s *state) DeleteTask(id string) error {
	if !s.exists(id) {
		return noTask(id)
	}
	delete(s.tasks, id)
	for e := range s.links {
		if e.parent == id || e.child == id {
			delete(s.links, e)
		}
	}
	s.runs = filter(s.runs, func(r kanban.Run) bool { return r.Task != id })
	s.comments = filter(s.comments, func(c kanban.Comment) bool { return c.Task != id })
	s.artifacts = filter(s.artifacts, func(a kanban.Artifact) bool { return a.Task != id })
	s.posts = filter(s.posts, func(p store.Post) bool { return p.Task != id })
	return errors.Join(s.EndSubscriptions(id), s.ReleaseKeys(id))
}

func (s *state) PutLink(l kanban.Link) error {
	s.links[edge{l.Parent, l.Child}] = l
	return nil
}

func (s *state) DeleteLink(parent, child string) error {
	if _, exists := s.links[edge{parent, child}]; !exists {
		return kanban.Errorf(kanban.NotFound, "%s does not wait for %s", child, parent).Hint("andon show %s  lists its parents", child)
	}
	delete(s.links, edge{parent, child})
	return nil
}

func (s *state) PutKey(key, task string) error {
	holder, exists := s.tasks[s.keys[key]]
	if exists && holder.ID != task && holder.Status != kanban.Archived {
		return kanban.Errorf(kanban.Conflict, "idempotency key %q belongs to another open task", key)
	}
	s.keys[key] = task
	return nil
}

func (s *state) ReleaseKeys(task string) error {
	for key, holder := range s.keys {
		if holder == task {
			delete(s.keys, key)
		}
	}
	return nil
}

func noTask(id string) error { return kanban.Errorf(kanban.NotFound, "there is no task %s", id) }

func taskIDs(tasks []entry) []string {
	var ids []string
	for _, t := range tasks {
		ids = append(ids, t.ID)
	}
	return ids
}

// copied shares nothing with the stored task.
func copied(t kanban.Task) kanban.Task {
	t.Skills, t.Labels = slices.Clone(t.Skills), slices.Clone(t.Labels)
	t.Verify = slices.Clone(t.Verify)
	for i := range t.Verify {
		t.Verify[i] = slices.Clone(t.Verify[i])
	}
	return t
}

// kept is a task as it is stored.
func kept(t kanban.Task) kanban.Task {
	t = copied(t)
	for _, at := range []*time.Time{
		&t.CreatedAt, &t.StartedAt, &t.CompletedAt, &t.UpdatedAt, &t.NotBefore, &t.BlockedAt, &t.ClaimEnds, &t.Heartbeat,
	} {
		*at = stamp(*at)
	}
	t.MaxRuntime = t.MaxRuntime.Truncate(time.Millisecond)
	return t
}
