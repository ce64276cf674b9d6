package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
)

// Cause is what failures that are alike have in common: how the run ended, and
// the first line of its error but for numbers, ids and space. "" for an ending
// that costs nothing.
func Cause(o kanban.Outcome, exit *int, signal, problem string) string {
	if CostOf(o) == Free {
		return ""
	}
	code := ""
	if exit != nil {
		code = fmt.Sprint(*exit)
	}
	line, _, _ := strings.Cut(strings.TrimSpace(problem), "\n")
	line = variable.ReplaceAllString(strings.ToLower(line), "#")
	return strings.Join([]string{string(o), code, signal, strings.Join(strings.Fields(line), " ")}, "|")
}

// variable is a word that differs from run to run: whatever holds a digit.
var variable = regexp.MustCompile(`[\pL\d_]*\d[\pL\d_]*`)

// Streak follows failures back in time, the newest first.
type Streak struct {
	Cause string   // what they have in common; "" until the first is known
	Tasks []string // that failed so, the newest first, each once
	Lanes []string
	over  bool
}

// Add looks at the next older run that has ended. More is false once the streak
// is over: a run that succeeded, or that failed otherwise. What ended without
// anybody's fault, or by hand, neither adds to it nor ends it.
func (s *Streak) Add(task string, r kanban.Run) (more bool) {
	cause := Cause(r.Trigger(), r.ExitCode, r.Signal, r.Error)
	if s.Cause == "" {
		s.Cause = cause
	}
	switch {
	case s.over:
	case cause != "" && cause == s.Cause:
		s.Tasks, s.Lanes = with(s.Tasks, task), with(s.Lanes, r.Lane)
	case cause != "", r.Started && chosen[r.Outcome]:
		s.over = true
	}
	return !s.over
}

// Chosen reports whether a worker brought an ending about.
func Chosen(o kanban.Outcome) bool { return chosen[o] }

// chosen are the endings that a worker brought about: it was able to work.
var chosen = map[kanban.Outcome]bool{
	kanban.Completed: true, kanban.Submitted: true, kanban.BlockedOut: true, kanban.ScheduledOut: true,
}

func with(all []string, one string) []string {
	if slices.Contains(all, one) {
		return all
	}
	return append(all, one)
}
