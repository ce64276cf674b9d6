package memory

import (
	"cmp"
	"slices"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

func (s *state) Run(id int64) (kanban.Run, error) {
	i := s.runAt(id)
	if i < 0 {
		return kanban.Run{}, noRun(id)
	}
	return copiedRun(s.runs[i]), nil
}

func (s *state) runAt(id int64) int {
	return slices.IndexFunc(s.runs, func(r kanban.Run) bool { return r.ID == id })
}

func (s *state) Runs(task string) ([]kanban.Run, error) {
	found := s.selectRuns(func(r kanban.Run) bool { return r.Task == task })
	slices.SortStableFunc(found, func(a, b kanban.Run) int { return second(a.StartedAt).Compare(second(b.StartedAt)) })
	return found, nil
}

func (s *state) LiveRuns() ([]kanban.Run, error) {
	return s.selectRuns(func(r kanban.Run) bool { return r.Open() || r.Live }), nil
}

func (s *state) LiveCount(tenant string) (int, error) {
	live := s.selectRuns(func(r kanban.Run) bool {
		return (r.Open() || r.Live) && (tenant == "" || s.tasks[r.Task].Tenant == tenant)
	})
	return len(live), nil
}

func (s *state) RecentRuns(lane, tenant, notTask string, limit int) ([]kanban.Run, error) {
	found := s.selectRuns(func(r kanban.Run) bool {
		return r.Outcome == kanban.Completed && r.Lane == lane && r.Task != notTask &&
			s.exists(r.Task) && s.tasks[r.Task].Tenant == tenant
	})
	slices.Reverse(found)
	slices.SortStableFunc(found, func(a, b kanban.Run) int { return second(b.EndedAt).Compare(second(a.EndedAt)) })
	return first(found, limit), nil
}

func (s *state) LastRuns(lane string, limit int) ([]kanban.Run, error) {
	if lane == "" {
		all := s.selectRuns(func(r kanban.Run) bool { return !r.Open() })
		slices.Reverse(all)
		return lastFirst(first(all, limit)), nil
	}
	var found []kanban.Run
	for _, o := range kanban.Outcomes {
		of := lastFirst(s.selectRuns(func(r kanban.Run) bool { return !r.Open() && r.Lane == lane && r.Outcome == o }))
		found = append(found, first(of, limit)...)
	}
	return lastFirst(found), nil
}

// lastFirst sorts by the end; what ended within one second, by number.
func lastFirst(runs []kanban.Run) []kanban.Run {
	slices.SortFunc(runs, func(a, b kanban.Run) int {
		return cmp.Or(second(b.EndedAt).Compare(second(a.EndedAt)), cmp.Compare(b.ID, a.ID))
	})
	return runs
}

func (s *state) selectRuns(want func(kanban.Run) bool) []kanban.Run {
	var found []kanban.Run
	for _, r := range s.runs {
		if want(r) {
			found = append(found, copiedRun(r))
		}
	}
	return found
}

func (s *state) InsertRun(r kanban.Run) (int64, error) {
	s.last.run++
	r.ID = s.last.run
	s.runs = append(s.runs, keptRun(r))
	return r.ID, nil
}

func (s *state) UpdateRun(r kanban.Run) error {
	i := s.runAt(r.ID)
	if i < 0 {
		return noRun(r.ID)
	}
	s.runs[i] = keptRun(r)
	return nil
}

func noRun(id int64) error { return kanban.Errorf(kanban.NotFound, "there is no run %d", id) }

// copiedRun shares nothing with the stored run.
func copiedRun(r kanban.Run) kanban.Run {
	r.Metadata, r.Pending = slices.Clone(r.Metadata), slices.Clone(r.Pending)
	if r.ExitCode != nil {
		code := *r.ExitCode
		r.ExitCode = &code
	}
	return r
}

func keptRun(r kanban.Run) kanban.Run {
	r = copiedRun(r)
	for _, at := range []*time.Time{&r.StartedAt, &r.EndedAt, &r.Heartbeat, &r.Progress, &r.ClaimEnds} {
		*at = stamp(*at)
	}
	r.MaxRuntime = r.MaxRuntime.Truncate(time.Millisecond)
	return r
}

func (s *state) Artifacts(task string) ([]kanban.Artifact, error) {
	return filter(s.artifacts, func(a kanban.Artifact) bool { return a.Task == task }), nil
}

func (s *state) ArtifactKept(sha256 string) (bool, error) {
	return slices.ContainsFunc(s.artifacts, func(a kanban.Artifact) bool { return a.SHA256 == sha256 }), nil
}

func (s *state) PutArtifacts(artifacts []kanban.Artifact) error {
	for _, a := range artifacts {
		i := slices.IndexFunc(s.artifacts, func(b kanban.Artifact) bool {
			return a.Task == b.Task && a.Run == b.Run && a.Path == b.Path
		})
		if i >= 0 {
			s.artifacts[i] = a
		} else {
			s.artifacts = append(s.artifacts, a)
		}
	}
	return nil
}
