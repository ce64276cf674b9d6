package board

import (
	"slices"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
)

// judges sets what decides about the work. What a worker names is added to what
// its lane asks for: a child is no way around a verification.
func (b *Board) judges(a kanban.Actor, n NewTask, t *kanban.Task) (err error) {
	if t.Verify, err = cleanVerify(n.Verify); err != nil {
		return err
	}
	if t.Reviewer, err = reviewerName(n.Reviewer); err != nil {
		return err
	}
	if err := refuseOwnJudge(*t, ownJudgeHint); err != nil {
		return err
	}
	t.MaxRounds = n.MaxRounds
	if err := checkRounds(t.MaxRounds); err != nil {
		return err
	}
	if a.Kind != kanban.Worker {
		return nil
	}
	lane := b.settings().Lanes[t.Assignee]
	if t.Verify != nil {
		t.Verify = slices.Concat(lane.Verify, t.Verify)
	}
	if t.Reviewer != "" && lane.Reviewer != "" && t.Reviewer != lane.Reviewer ||
		t.MaxRounds > 0 && lane.Reviewer != "" {
		return kanban.Errorf(kanban.Unauthorized, "a worker may not change how work of the lane %s is verified and reviewed", t.Assignee).
			Hint("leave it out, or ask a human")
	}
	return nil
}

// reviewerName is empty, human or the name of a lane.
func reviewerName(name string) (string, error) {
	if name = strings.ToLower(strings.TrimSpace(name)); name == "" || name == kanban.ReviewedByHuman {
		return name, nil
	}
	return kanban.Slug(name)
}

// refuseOwnJudge refuses a lane that would review its own work.
func refuseOwnJudge(t kanban.Task, hint string, args ...any) error {
	if t.Reviewer == "" || t.Reviewer != t.Assignee {
		return nil
	}
	return kanban.Errorf(kanban.Invalid, "the lane %s would review its own work", t.Assignee).Hint(hint, args...)
}

const ownJudgeHint = "name another lane, or human"

func checkRounds(n int) error {
	if n >= 0 {
		return nil
	}
	return kanban.Errorf(kanban.Invalid, "the number of rounds is negative").Hint("1 or more; 0 = the lane's")
}

// ReviewerWarning says when there is no lane of the name of a task's reviewer.
func (b *Board) ReviewerWarning(t kanban.Task) []string {
	if t.Reviewer == kanban.ReviewedByHuman {
		return nil
	}
	return b.laneWarning(t.Reviewer, "its review")
}
