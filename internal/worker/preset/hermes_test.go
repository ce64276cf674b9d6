package preset

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestHermesArgv(t *testing.T) {
	ask := HermesAsk{Profile: "builder", Task: "t_1f3a9c20"}
	for want, change := range map[string]func(*HermesAsk){
		"hermes -p builder --accept-hooks chat -q": func(*HermesAsk) {},
		"hermes -p builder --accept-hooks --skills kanban-worker --skills tdd -m opus chat -q": func(a *HermesAsk) {
			a.Kanban, a.Skills, a.Model = true, []string{"kanban-worker", "tdd", "tdd"}, "opus"
		},
		"/opt/hermes -p builder --accept-hooks chat -q": func(a *HermesAsk) { a.Bin = "/opt/hermes" },
		"uv run hermes -p builder --accept-hooks --no-tty chat -q": func(a *HermesAsk) {
			a.Bin, a.Command, a.Args = "/opt/hermes", []string{"uv", "run", "hermes"}, []string{"--no-tty"}
		},
	} {
		a := ask
		change(&a)
		if got, want := a.Argv(), append(strings.Fields(want), "work kanban task t_1f3a9c20"); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestHermesTimeouts(t *testing.T) {
	for name, c := range map[string]struct {
		set   string
		limit time.Duration
		want  string
	}{
		"not set": {"", 10 * time.Minute, "570"}, "less": {"60", 10 * time.Minute, "570"}, "more": {"900", 10 * time.Minute, "900"},
		"no limit": {"60", 0, "60"}, "a short one": {"", 20 * time.Second, ""}, "no number": {"1h", 10 * time.Minute, "1h"},
	} {
		env := map[string]string{}
		if c.set != "" {
			env["TERMINAL_TIMEOUT"] = c.set
		}
		RaiseTimeouts(env, c.limit)
		if env["TERMINAL_TIMEOUT"] != c.want {
			t.Errorf("%s: %q, want %q", name, env["TERMINAL_TIMEOUT"], c.want)
		}
	}
}

func TestProfileHome(t *testing.T) {
	if a, b := ProfileHome("/h", "default"), ProfileHome("/h", "qa"); a != "/h" || b != "/h/profiles/qa" {
		t.Errorf("%s and %s", a, b)
	}
}
