package cmdutil_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/clitest"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/kanban"
)

// inRun is what a worker finds.
var inRun = map[string]string{"ANDON_TASK": "t_1f3a9c20", "ANDON_RUN_ID": "7", "ANDON_TOKEN": "secret"}

func shell(t *testing.T, env map[string]string) *clitest.Shell {
	s := clitest.New(t, nil)
	for k, v := range env {
		s.Env[k] = v
	}
	return s
}

func TestIDs(t *testing.T) {
	for name, tt := range map[string]struct {
		env   map[string]string
		stdin string
		args  []string
		want  []string
	}{
		"given":            {nil, "", []string{"t_1", "1f3"}, []string{"t_1", "1f3"}},
		"twice":            {nil, "", []string{"t_1", "t_2", "t_1"}, []string{"t_1", "t_2"}},
		"from stdin":       {nil, "t_1\nt_2 t_3\n", []string{"t_0", "-"}, []string{"t_0", "t_1", "t_2", "t_3"}},
		"my own":           {inRun, "", nil, []string{"t_1f3a9c20"}},
		"another's in run": {inRun, "", []string{"t_2"}, []string{"t_2"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := shell(t, tt.env)
			s.In = strings.NewReader(tt.stdin)
			got, err := s.IDs(tt.args)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if _, err := shell(t, nil).IDs(nil); kanban.CodeOf(err) != kanban.Invalid {
		t.Errorf("without any id: %v", err)
	}
	if _, err := shell(t, nil).IDs([]string{"-"}); kanban.CodeOf(err) != kanban.Invalid {
		t.Errorf("with an empty stdin: %v", err)
	}
}

func TestIDAndText(t *testing.T) {
	for name, tt := range map[string]struct {
		env      map[string]string
		line     string
		id, text string
	}{
		"outside":            {nil, "t_2 no access", "t_2", "no access"},
		"start of an id":     {nil, "1f3 no access", "1f3", "no access"},
		"inside, without id": {inRun, "which one is it", "t_1f3a9c20", "which one is it"},
		"inside, with id":    {inRun, "t_2 which one", "t_2", "which one"},
	} {
		t.Run(name, func(t *testing.T) {
			id, text, err := shell(t, tt.env).IDAndText(strings.Fields(tt.line))
			if err != nil || id != tt.id || text != tt.text {
				t.Errorf("got %q %q %v, want %q %q", id, text, err, tt.id, tt.text)
			}
		})
	}
}

// TestG11_LeaseOfOwnTask: the lease goes with the run's own task and with no
// other.
func TestG11_LeaseOfOwnTask(t *testing.T) {
	lease := client.Lease{Run: 7, Token: "secret"}
	for id, want := range map[string]client.Lease{
		"t_1f3a9c20": lease, "t_1f3a": lease, "1F3A": lease,
		"t_1f3a9c21": {}, "t_2": {},
	} {
		if got := shell(t, inRun).Lease(id); got != want {
			t.Errorf("%s carries %+v, want %+v", id, got, want)
		}
	}
	if got := shell(t, nil).Lease("t_1f3a9c20"); got != (client.Lease{}) {
		t.Errorf("outside of a run it carries %+v", got)
	}
}

// TestLast: @last is of this home and terminal.
func TestLast(t *testing.T) {
	s := shell(t, nil)
	if _, err := s.ID("@last"); exit.Of(err) != exit.NotFound {
		t.Errorf("before anything was created: %v", err)
	}
	s.Remember("web", "t_1")
	s.Remember("press", "t_2")
	if id, err := s.ID("@last"); err != nil || id != "t_2" || s.BoardNamed() != "press" {
		t.Errorf("@last is %q of %q %v", id, s.BoardNamed(), err)
	}
	if _, err := shell(t, nil).ID("@last"); exit.Of(err) != exit.NotFound {
		t.Errorf("in another home: %v", err)
	}
	if s.Err.Len() > 0 {
		t.Errorf("it said %s", s.Err)
	}
}
