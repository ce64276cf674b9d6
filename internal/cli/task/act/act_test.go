package act_test

import (
	"context"
	"strings"
	"testing"

	"github.com/andon-dev/andon/internal/cli/clitest"
	"github.com/andon-dev/andon/internal/cli/task/act"
	"github.com/andon-dev/andon/internal/kanban"
)

func parse(t *testing.T, name string, args ...string) (tasks, reason string, err error) {
	t.Helper()
	for _, cmd := range act.New(clitest.New(t, nil).Factory, func(_ context.Context, o *act.Options) error {
		tasks, reason = strings.Join(o.Tasks, " "), o.Reason
		return nil
	}) {
		if cmd.Name() == name {
			return tasks, reason, clitest.Parse(t, cmd, args...)
		}
	}
	t.Fatalf("there is no verb %s", name)
	return "", "", nil
}

func TestParse(t *testing.T) {
	for line, want := range map[string][2]string{
		"unblock t_1 t_2 --comment go": {"t_1 t_2", "go"},
		"answer t_1 keep v2":           {"t_1", "keep v2"},
		"approve t_1":                  {"t_1", ""},
		"reject t_1 no tests":          {"t_1", "no tests"},
		"retry t_1 --reason again":     {"t_1", "again"},
		"reclaim t_1 t_2":              {"t_1 t_2", ""},
		"stop t_1":                     {"t_1", ""},
		"cancel t_1 --reason gone":     {"t_1", "gone"},
		"reopen t_1":                   {"t_1", ""},
		"unarchive t_1":                {"t_1", ""},
	} {
		words := strings.Fields(line)
		t.Run(words[0], func(t *testing.T) {
			tasks, reason, err := parse(t, words[0], words[1:]...)
			if err != nil || tasks != want[0] || reason != want[1] {
				t.Errorf("got %q %q %v, want %q", tasks, reason, err, want)
			}
		})
	}
}

func TestRefuse(t *testing.T) {
	for _, line := range []string{"unblock", "answer t_1", "reject t_1"} {
		words := strings.Fields(line)
		if _, _, err := parse(t, words[0], words[1:]...); kanban.CodeOf(err) != kanban.Invalid {
			t.Errorf("%s: got %v, want an invalid error", line, err)
		}
	}
}
