package simulate

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/andon-dev/andon/internal/dispatch"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker"
)

// check starts the next of a verification's commands. It ends in one of the ways
// in which commands end.
func (s *supervisor) check() {
	n := s.n
	if n.chance(n.odds.spawn) {
		s.checked(worker.Check{Code: -1, Error: "fork/exec: no such file or directory"})
		return
	}
	p := &process{name: "check", alive: true, obeys: !n.chance(n.odds.deaf)}
	s.main = p
	if limit := s.order.HookTimeout; limit > 0 {
		s.after(limit, "kills a check that takes too long", func() {
			if p.alive {
				s.late = true
				s.end(p, -1, "SIGKILL")
			}
		})
	}
	if n.chance(n.odds.hang) {
		return
	}
	n.after(n.between(time.Second, 3*time.Minute), s.name()+"'s check ends", func() {
		if !p.alive {
			return
		}
		if n.chance(n.odds.litter) {
			s.others = append(s.others, &process{name: "child of a check", alive: true, obeys: n.chance(0.5)})
		}
		code := 0
		if n.chance(n.odds.unfit) {
			code = 1
		}
		s.end(p, code, "")
	})
}

// checked notes how a check ended: the next one follows, or all are over.
func (s *supervisor) checked(c worker.Check) {
	c.Argv, c.Late, s.late = s.order.Checks[len(s.exit.Checks)], s.late, false
	s.exit.Checks = append(s.exit.Checks, c)
	if s.exit.Reason == "" && c.Passed() && len(s.exit.Checks) < len(s.order.Checks) {
		s.check()
		return
	}
	s.because(worker.Exited)
	s.plan(0)
}

// verifies is what a task says of its verification: mostly nothing.
func (n *night) verifies() [][]string {
	switch n.rng.IntN(8) {
	case 0:
		return [][]string{}
	case 1:
		return [][]string{{"its own check"}}
	}
	return nil
}

// commands are those that a completion of a task is verified with.
func (n *night) commands(t kanban.Task) [][]string {
	if t.Verify != nil {
		return t.Verify
	}
	return n.config.Lanes[t.Assignee].Verify
}

// verification finds the one of a run that was begun last.
func (n *night) verification(slug string, run int64) *supervisor {
	return n.machine.byDir[fmt.Sprintf("/nowhere/andon/runs/%s.%d%s", slug, run, dispatch.VerifySuffix)]
}

// believed: whoever says that a task is done, but for people who had a look, is
// believed once all of its commands have succeeded.
func (e *eye) believed(slug string, was kanban.Task, who string) {
	if _, terminal := e.n.owned[who]; !terminal && isHuman(who) {
		return
	}
	said := struct{ Verify [][]string }{e.n.commands(was)}
	if pending := e.live[slug][was.CurrentRun].Pending; len(pending) > 0 {
		if err := json.Unmarshal(pending, &said); err != nil {
			panic(err)
		}
	}
	if len(said.Verify) == 0 {
		return
	}
	s := e.n.verification(slug, was.CurrentRun)
	if s == nil || s.alive || s.killed || s.exit.Reason != worker.Exited || !passed(s.exit.Checks, said.Verify) {
		e.n.broken("G14", "%s has task %s/%s done, and what verifies it has not succeeded", who, slug, was.ID)
	}
}

func passed(checks []worker.Check, commands [][]string) bool {
	return slices.EqualFunc(checks, commands, func(c worker.Check, argv []string) bool { return slices.Equal(c.Argv, argv) && c.Passed() })
}

// disbelieved: a run fails its verification only if that failed, or could not be
// seen to its end.
func (e *eye) disbelieved(slug string, run kanban.Run) {
	if s := e.n.verification(slug, run.ID); s != nil && !s.killed && s.exit.Reason == worker.Exited && passed(s.exit.Checks, s.order.Checks) {
		e.n.broken("G14", "run %s.%d failed its verification (%s), and that succeeded", slug, run.ID, run.Error)
	}
}
