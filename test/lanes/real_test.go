//go:build lanes

package lanes

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/standin"
)

// each runs a test with every program that is installed.
func each(t *testing.T, test func(t *testing.T, p program)) {
	for _, p := range named(t) {
		t.Run(p.preset, func(t *testing.T) { test(t, p) })
	}
}

// TestEdit: the program makes a file and ends with plain text. Its last message
// is what a human is asked to look at.
func TestEdit(t *testing.T) {
	each(t, func(t *testing.T, p program) {
		x := open(t, p, nil)
		x.model.play(standin.Steps(p.shell("echo hello > made.txt"), standin.Turn{Text: "Made made.txt.\nAll good."}))
		id := x.add()
		run := x.ended(id, 1)
		x.keep("edit", run)
		if s := x.task(id).Status; s != "review" || run.Summary != "Made made.txt.\nAll good." {
			t.Errorf("it is %s, with the summary %q (%s)", s, run.Summary, run.Error)
		}
		if made, err := os.ReadFile(filepath.Join(run.Workspace, "made.txt")); err != nil || string(made) != "hello\n" {
			t.Errorf("made.txt: %q, %v", made, err)
		}
		if run.Session == "" || run.Usage.Input == 0 || run.Usage.Output == 0 || run.Usage.Turns == 0 {
			t.Errorf("session %q, usage %+v", run.Session, run.Usage)
		}
		prompts := x.model.seen()[0].Prompts
		if said := strings.Join(prompts, "\n"); !strings.Contains(said, id) || !strings.Contains(said, "Make a file") {
			t.Errorf("the model was told %q", said)
		}
		if log := x.andon("logs", id); !strings.Contains(log, "> ") || !strings.Contains(log, "echo hello > made.txt") || strings.Contains(log, `{"type"`) {
			t.Errorf("the log reads\n%s", log)
		}
	})
}

// TestComplete: the program ends its task through Andon's own tools.
func TestComplete(t *testing.T) {
	each(t, func(t *testing.T, p program) {
		x := open(t, p, nil)
		if !strings.Contains(x.andon("help"), "\n  mcp ") {
			t.Skip("this andon has no mcp")
		}
		var tool string
		x.model.play(func(r standin.Request) standin.Turn {
			for _, name := range r.Tools {
				if strings.Contains(name, "andon") && strings.HasSuffix(name, "complete") {
					tool = name
				}
			}
			switch {
			case tool == "":
				return standin.Turn{Text: "there is no tool to complete with: " + strings.Join(r.Tools, " ")}
			case len(r.Results) == 0:
				return p.shell("echo hello > made.txt")
			case len(r.Results) == 1:
				return standin.Turn{Tool: tool, Input: map[string]any{"summary": "made by tool"}}
			}
			return standin.Turn{Text: "done"}
		})
		id := x.add()
		run := x.ended(id, 1)
		x.keep("complete", run)
		if s := x.task(id).Status; s != "done" || run.Summary != "made by tool" {
			t.Errorf("it is %s (%s), with the summary %q\n%s", s, run.Error, run.Summary, x.andon("logs", id))
		}
	})
}

// TestLimit: the account rests until the time that the provider names, and no
// attempt is spent.
func TestLimit(t *testing.T) {
	each(t, func(t *testing.T, p program) {
		if p.limited == nil {
			t.Skip("it is told no time")
		}
		x := open(t, p, p.limitEnv)
		until := time.Now().Add(3 * time.Hour)
		x.model.play(standin.Steps(p.limited(until)))
		id := x.add()
		run := x.ended(id, 1)
		x.keep("limit", run)
		if run.Outcome != "rate_limited" {
			t.Errorf("%s: %s", run.Outcome, run.Error)
		}
		holds := x.holds()
		if len(holds) != 1 || holds[0].Scope != "account:acme" || holds[0].Kind != "cooldown" || holds[0].Until == nil ||
			holds[0].Until.Sub(until).Abs() > time.Minute+time.Second {
			t.Errorf("holds %+v, want one until %s", holds, until)
		}
		if why := x.andon("why", id); !strings.Contains(why, "acme") {
			t.Errorf("why: %s", why)
		}
	})
}

// TestKey: a refused account is held until a human resumes it.
func TestKey(t *testing.T) {
	each(t, func(t *testing.T, p program) {
		x := open(t, p, nil)
		x.model.play(standin.Steps(p.denied))
		id := x.add()
		run := x.ended(id, 1)
		x.keep("key", run)
		holds := x.holds()
		if len(holds) == 0 || holds[len(holds)-1].Scope != "account:acme" || holds[len(holds)-1].Until != nil {
			t.Errorf("holds %+v after %s: %s\n%s", holds, run.Outcome, run.Error, x.andon("logs", id))
		}
		x.model.play(standin.Steps(standin.Turn{Text: "Now I may."}))
		x.andon("resume", "--account", "acme")
		if run := x.ended(id, 2); run.Summary != "Now I may." {
			t.Errorf("%s: %q %s", run.Outcome, run.Summary, run.Error)
		}
	})
}

// TestKillAndResume: after kill -9 in the middle of a turn the next attempt goes
// on in the same session.
func TestKillAndResume(t *testing.T) {
	each(t, func(t *testing.T, p program) {
		if !p.resumes {
			t.Skip("not tried")
		}
		x := open(t, p, nil)
		never := make(chan struct{})
		x.model.play(standin.Steps(p.shell("echo hello > made.txt"), standin.Turn{Wait: never}))
		id := x.add()
		x.await("the second turn", func() bool {
			runs := x.runs(id)
			return len(runs) == 1 && runs[0].Session != "" && len(x.model.seen()) > 1
		})
		first := x.runs(id)[0]
		x.killSupervisor(first)
		x.model.play(standin.Steps(standin.Turn{Text: "I went on."}))
		second := x.ended(id, 2)
		x.keep("resumed", second)
		if first := x.runs(id)[0]; first.Outcome != "lost" {
			t.Errorf("the first attempt ended as %s: %s", first.Outcome, first.Error)
		}
		if second.Session != first.Session || second.Summary != "I went on." {
			t.Errorf("session %s, then %s: %q %s\n%s", first.Session, second.Session, second.Summary, second.Error, x.andon("logs", id))
		}
		if seen := x.model.seen(); len(seen) == 0 || seen[0].Calls == 0 {
			t.Errorf("the conversation began anew: %+v", seen)
		}
		t.Logf("usage of the first attempt %+v, of the second %+v", first.Usage, second.Usage)
	})
}

// TestSpendingLimit: a program that keeps a limit of its own stops at it, and the
// task is left to a human.
func TestSpendingLimit(t *testing.T) {
	for _, p := range named(t) {
		if p.preset != "claude-code" {
			continue
		}
		x := open(t, p, nil, "--max-budget-usd", "0.5")
		dear := p.shell("true")
		dear.Input0, dear.Output0 = 2_000_000, 200_000
		x.model.play(standin.Steps(dear, dear, standin.Turn{Text: "never"}))
		id := x.add()
		run := x.ended(id, 1)
		x.keep("budget", run)
		if s := x.task(id).Status; s != "blocked" || run.Usage.CostUSD < 0.5 {
			t.Errorf("it is %s (%s: %s), cost %v", s, run.Outcome, run.Error, run.Usage.CostUSD)
		}
	}
}
