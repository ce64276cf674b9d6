package diagnose

import (
	"maps"
	"slices"
	"strings"

	"github.com/andon-dev/andon/internal/graph"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

func (v *verifier) judgeTasks() {
	for _, id := range v.order {
		t := v.tasks[id]
		v.judgeClaim(id, t)
		v.judgeStatus(id, t)
		v.judgeParents(id, t)
		if t.key != "" && !t.keyed && t.status != kanban.Archived {
			v.tell(Contradiction{Rule: RuleKeys, Task: id}, t.foreign, "nobody holds its idempotency key %q", t.key)
		}
	}
	v.judgeCycles()
}

func (v *verifier) judgeClaim(id string, t *taskState) {
	running, run := t.status == kanban.Running, v.runs[t.currentRun]
	one, two := Contradiction{Rule: RuleClaim, Task: id, Run: t.currentRun}, Contradiction{Rule: RuleOneRun, Task: id, Run: t.currentRun}
	switch {
	case running && t.currentRun == 0:
		v.tell(one, t.foreign, "it is running, and has no run")
	case !running && t.currentRun != 0:
		v.tell(one, t.foreign, "it is %s, and has run %d", t.status, t.currentRun)
	case running != t.claimed:
		v.tell(one, t.foreign, "it is %s, and claimed is %t", t.status, t.claimed)
	case running && (run == nil || run.task != id):
		v.tell(one, t.foreign, "its run %d is not one of its own", t.currentRun)
	case running && !run.open:
		v.tell(one, t.foreign, "its run %d has ended", t.currentRun)
	}
	others := slices.DeleteFunc(slices.Clone(t.open), func(run int64) bool { return run == t.currentRun })
	if len(others) > 0 {
		two.Run = others[0]
		v.tell(two, t.foreign, "runs %v are open, and are not its present run", others)
	}
	if last := v.runs[t.liveRun]; t.liveRun != 0 && (last == nil || last.task != id || !last.live) {
		v.tell(two, t.foreign, "it waits for the processes of run %d, which has none", t.liveRun)
	}
}

func (v *verifier) judgeStatus(id string, t *taskState) {
	about := Contradiction{Rule: RuleStatus, Task: id, Event: t.statusEvent}
	over := t.status == kanban.Done || t.status == kanban.Archived
	switch {
	case t.says == nil && (!over || v.pruned.IsZero()):
		v.tell(about, t.foreign || !t.own && v.foreign, "it is %s, and no event says so", t.status)
	case t.says != nil && !slices.Contains(t.says, t.status):
		v.tell(about, t.foreign, "it is %s; event %d says %s", t.status, t.statusEvent, statusWords(t.says))
	}
}

func statusWords(statuses []kanban.Status) string {
	var all []string
	for _, s := range statuses {
		all = append(all, string(s))
	}
	return strings.Join(all, " or ")
}

func (v *verifier) judgeParents(id string, t *taskState) {
	about := Contradiction{Rule: RuleParents, Task: id}
	switch {
	case t.waits == "" && t.status == kanban.Todo:
		v.tell(about, t.foreign || v.foreign, "it is todo, and waits for nobody")
	case t.waits != "" && t.status == kanban.Ready:
		v.tell(about, t.foreign || v.foreign, "it is ready, and the end of %s that it waits for has not come", t.waits)
	case t.waits != "" && t.status == kanban.Running && max(t.waitsSince, t.linked) < t.claimEvent:
		v.tell(about, t.foreign || v.foreign, "it was started before the end of %s that it waits for", t.waits)
	}
}

func (v *verifier) readLinks(r store.Reader) error {
	v.edges = map[string][]string{}
	return r.EachLink(func(l kanban.Link) error {
		parent, child := v.tasks[l.Parent], v.tasks[l.Child]
		if parent == nil || child == nil {
			v.tell(Contradiction{Rule: RuleLinks, Task: l.Child}, v.foreign, "the link from %s to %s leads to a task that does not exist", l.Parent, l.Child)
			return nil
		}
		v.edges[l.Parent] = append(v.edges[l.Parent], l.Child)
		if !l.Waived && !slices.Contains(parent.lets, l.When) {
			child.waits, child.waitsSince = l.Parent, max(child.waitsSince, parent.statusEvent)
		}
		return nil
	})
}

// judgeCycles takes away the tasks that wait for nobody until only those are
// left that wait in a circle, and those behind them.
func (v *verifier) judgeCycles() {
	waits := map[string]int{}
	for _, children := range v.edges {
		for _, c := range children {
			waits[c]++
		}
	}
	free := slices.DeleteFunc(slices.Clone(v.order), func(id string) bool { return waits[id] > 0 })
	for len(free) > 0 {
		id := free[0]
		free = free[1:]
		for _, c := range v.edges[id] {
			if waits[c]--; waits[c] == 0 {
				delete(waits, c)
				free = append(free, c)
			}
		}
	}
	told := map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(waits)) {
		if waits[id] == 0 || told[id] {
			continue
		}
		for _, c := range v.edges[id] {
			path, _ := graph.PathTo(c, id, func(n string) ([]string, error) { return v.edges[n], nil })
			if path == nil {
				continue
			}
			for _, n := range path {
				told[n] = true
			}
			v.tell(Contradiction{Rule: RuleNoCycle, Task: id}, false, "it waits for itself: %s", strings.Join(append([]string{id}, path...), " → "))
			break
		}
	}
}

func (v *verifier) readKeys(r store.Reader) error {
	holders := map[string]bool{}
	err := r.EachKey(func(key, task string) error {
		holders[key] = true
		t := v.tasks[task]
		about := Contradiction{Rule: RuleKeys, Task: task}
		switch {
		case t == nil:
			v.tell(about, v.foreign, "idempotency key %q belongs to a task that does not exist", key)
		case t.key != key:
			v.tell(about, t.foreign, "idempotency key %q belongs to it, and its own is %q", key, t.key)
		case t.status == kanban.Archived && t.closed != kanban.Deleted:
			v.tell(about, t.foreign, "idempotency key %q belongs to it, and it is archived", key)
		}
		return nil
	})
	for _, t := range v.tasks {
		t.keyed = holders[t.key] // a younger task may hold the key of one that was brought back
	}
	return err
}

func (v *verifier) readArtifacts(r store.Reader) error {
	return r.EachArtifact(func(a kanban.Artifact) error {
		if run := v.runs[a.Run]; run == nil || run.task != a.Task {
			v.tell(Contradiction{Rule: RuleArtifacts, Task: a.Task, Run: a.Run}, v.foreign, "%s was left by run %d, which is not one of its own", a.Path, a.Run)
		}
		return nil
	})
}
