package dispatch_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// recording is what a real program streamed; see internal/worker/preset/testdata.
func recording(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs("../worker/preset/testdata/" + name + ".jsonl")
	fail(t, err)
	return path
}

// agents are lanes of a preset whose program is played by a shell script; the
// arguments of the preset follow it, as $@.
func agents(name string, scripts map[string]string) func(*config.Config) {
	return func(c *config.Config) {
		for lane, script := range scripts {
			edit(c, lane, func(l *config.Lane) {
				l.Preset, l.Command = name, []string{"sh", "-c", script, "agent"}
				l.DoneWhen, l.OnSilentExit = config.DoneOnReported, config.SilentReviews
			})
		}
	}
}

func newAgents(t *testing.T, name string, scripts map[string]string, change ...func(*config.Config)) *house {
	t.Helper()
	return newHouse(t, scripts, append([]func(*config.Config){agents(name, scripts)}, change...)...)
}

// TestAgentEndsWithPlainText: an agent that only stops is looked at by a human,
// with its last message; it is never done by itself.
func TestAgentEndsWithPlainText(t *testing.T) {
	for name, want := range map[string]kanban.Run{
		"claude-edit": {
			Model: "claude-opus-4-8[1m]", Summary: "Made made.txt.\nAll good.",
			Usage: kanban.Usage{Input: 200, Output: 40, Turns: 2, Cost: 2000},
		},
		"codex-edit": {
			Summary: "Made made.txt.\nAll good.", Usage: kanban.Usage{Input: 200, Output: 40, Turns: 1},
		},
		"gemini-edit": {
			Model: "auto", Summary: "Made made.txt.\nAll good.",
			Usage: kanban.Usage{Input: 300, Output: 60, Turns: 2},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			program, _, _ := strings.Cut(name, "-")
			h := newAgents(t, map[string]string{"claude": "claude-code"}[program]+strings.TrimPrefix(program, "claude"), map[string]string{"a": "cat " + recording(t, name)}).open()
			id := h.add("a")
			h.is(id, kanban.Review)
			got := h.runs(id)[0]
			if got.Session == "" || got.Model != want.Model || got.Summary != want.Summary || got.Usage != want.Usage {
				t.Errorf("%+v\nwant %+v", got, want)
			}
		})
	}
}

// TestAgentIsToldItsTask: the prompt comes by standard input, with the context;
// the token is in no argument.
func TestAgentIsToldItsTask(t *testing.T) {
	h := newAgents(t, "claude-code", map[string]string{"a": `cat >"$GATES/prompt"; printf '%s\n' "$@" >"$GATES/argv"; cat ` + recording(t, "claude-text")},
		func(c *config.Config) {
			edit(c, "a", func(l *config.Lane) { l.Model, l.Args = "opus", []string{"--effort", "{{.TaskID}}"} })
		}).open()
	id := h.addTo("default", board.NewTask{Assignee: "a", Body: "Mend the fence."})
	h.is(id, kanban.Review)
	prompt, err := os.ReadFile(filepath.Join(h.paths.Home, "prompt"))
	fail(t, err)
	for _, part := range []string{id, "a task for a", "Mend the fence.", "andon complete --summary"} {
		if !strings.Contains(string(prompt), part) {
			t.Errorf("the prompt does not say %q:\n%s", part, prompt)
		}
	}
	argv, err := os.ReadFile(filepath.Join(h.paths.Home, "argv"))
	fail(t, err)
	for _, part := range []string{"stream-json", "--model\nopus\n", "--effort\n" + id + "\n", "--mcp-config"} {
		if !strings.Contains(string(argv), part) {
			t.Errorf("the arguments lack %q:\n%s", part, argv)
		}
	}
	if strings.Contains(string(argv), "--resume") {
		t.Error("a first attempt resumes a session")
	}
}

// TestG14_QuotaCoolsTheAccountUntilItsReset: the provider's own word decides how
// long; no attempt is spent, no other account waits.
func TestG14_QuotaCoolsTheAccountUntilItsReset(t *testing.T) {
	reset := time.Now().Add(2 * time.Hour).Truncate(time.Second)
	limited := fmt.Sprintf(`cat <<'END'; exit 1
{"type":"system","subtype":"init","session_id":"s-1","model":"m"}
{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":%d}}
{"type":"assistant","message":{"id":"x","content":[{"type":"text","text":"You've hit your limit"}]},"error":"rate_limit"}
{"type":"result","subtype":"success","is_error":true,"api_error_status":429,"result":"You've hit your limit","session_id":"s-1"}
END`, reset.Unix())
	h := newAgents(t, "claude-code", map[string]string{"a": limited, "b": "exit 0"}, func(c *config.Config) {
		c.Accounts = map[string]config.Account{"max": {}}
		for _, lane := range []string{"a", "b"} {
			edit(c, lane, func(l *config.Lane) { l.Account = "max" })
		}
	}).open()
	id := h.add("a")
	h.await("the limit", func() bool { r := h.runs(id); return len(r) == 1 && !r[0].Open() && !r[0].Live })
	other := h.add("b")
	if why := h.gates("default", other); !strings.Contains(why, "cooldown: account:max cools down") || !strings.Contains(why, "You've hit your limit") {
		t.Errorf("the other lane waits for %q", why)
	}
	holds, err := h.boards.Holds(context.Background())
	fail(t, err)
	if len(holds) != 1 || !holds[0].Until.Equal(reset) {
		t.Errorf("holds %+v, want one until %s", holds, reset)
	}
	if task := h.task(id); task.Failures != 0 || task.Status != kanban.Ready {
		t.Errorf("it is %s with %d failures", task.Status, task.Failures)
	}
	h.ahead.Store(int64(3 * time.Hour))
	h.d.Nudge()
	h.is(other, kanban.Blocked) // an agent that says nothing at all is no success
}

// TestG14_RefusedAccountWaitsForAHuman: with a wrong key nothing is tried again
// until somebody resumes the account, and no attempt is spent.
func TestG14_RefusedAccountWaitsForAHuman(t *testing.T) {
	h := newAgents(t, "claude-code", map[string]string{
		"a": `[ -e "$GATES/key" ] && exec cat ` + recording(t, "claude-text") + `; cat ` + recording(t, "claude-key") + `; exit 1`,
	}).open()
	id := h.add("a")
	h.await("the refusal", func() bool {
		holds, err := h.boards.Holds(context.Background())
		fail(t, err)
		return slices.ContainsFunc(holds, func(x store.Hold) bool {
			return x.Scope == "lane:a" && x.Kind == store.Pulled && strings.Contains(x.Reason, "Invalid API key")
		})
	})
	h.ahead.Store(int64(24 * time.Hour))
	h.d.Nudge()
	other := h.add("a")
	if why := h.gates("default", other); !strings.Contains(why, "log in, or set its key") {
		t.Errorf("it waits for %q", why)
	}
	same(t, "outcomes", h.outcomes(id), kanban.RateLimited)
	if n := h.task(id).Failures; n != 0 {
		t.Errorf("%d attempts were spent", n)
	}
	fail(t, os.WriteFile(filepath.Join(h.paths.Home, "key"), nil, 0o600))
	fail(t, h.boards.Resume(context.Background(), ann, "lane:a"))
	h.ahead.Store(int64(25 * time.Hour))
	h.d.Nudge()
	h.is(id, kanban.Review)
	h.is(other, kanban.Review)
}

// TestAgentThatSpentItsLimitWaits: going on would spend more, which is a human's
// to say.
func TestAgentThatSpentItsLimitWaits(t *testing.T) {
	h := newAgents(t, "claude-code", map[string]string{"a": "cat " + recording(t, "claude-budget") + "; exit 1"}).open()
	id := h.add("a")
	h.is(id, kanban.Blocked)
	if task := h.task(id); !strings.Contains(task.BlockReason, "Reached maximum budget ($0.5)") || task.BlockKind != kanban.BudgetSpent {
		t.Errorf("%s: %s", task.BlockKind, task.BlockReason)
	}
	if u := h.runs(id)[0].Usage; u.Cost != 15_000_000 || u.Input != 2_000_000 {
		t.Errorf("%+v", u)
	}
}

// asks is an agent that asks first, and is done once it is answered in the same
// session.
const asks = `echo '{"type":"system","subtype":"init","session_id":"s-1","model":"m"}'
echo '{"type":"assistant","message":{"id":"m1","content":[{"type":"text","text":"hm"}],"usage":{"output_tokens":5}}}'
case " $* " in
*" --resume s-1 "*) echo '{"status":"done","summary":"answered"}' >$ANDON_RESULT ;;
*) [ "$ANDON_ATTEMPT" = 1 ] || exit 9; %s ;;
esac`

// TestAgentTakesUpItsSession: after an answer, an attempt that was nobody's fault,
// or a failed one that is to be continued; a failed one starts afresh otherwise.
func TestAgentTakesUpItsSession(t *testing.T) {
	const (
		ask   = `echo '{"status":"blocked","reason":"red or blue?"}' >$ANDON_RESULT`
		crash = `exit 3`
		later = `exit 75`
	)
	for name, c := range map[string]struct {
		first   string
		onRetry string
		said    string
		resumed bool
	}{
		"after an answer":              {ask, "", "", true},
		"after an answer, fresh":       {ask, kanban.Fresh, "", false},
		"told to start over":           {ask, "", kanban.Fresh, false},
		"after a crash":                {crash, "", "", false},
		"after a crash, to go on":      {crash, kanban.Continue, "", true},
		"after a pause of the account": {later, "", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newAgents(t, "claude-code", map[string]string{"a": fmt.Sprintf(asks, c.first)}).open()
			fail(t, h.boards.Pull(context.Background(), ann, "all", "not yet", time.Now()))
			id := h.add("a")
			fail(t, h.board("default").Store().Update(context.Background(), func(tx store.Tx) error {
				task, err := tx.Task(id)
				fail(t, err)
				task.OnRetry = c.onRetry
				return tx.UpdateTask(task)
			}))
			fail(t, h.boards.Resume(context.Background(), ann, "all"))
			if c.first == ask {
				h.is(id, kanban.Blocked)
				_, err := h.board("default").Retry(context.Background(), ann, id, "blue", c.said)
				fail(t, err)
			}
			if c.resumed {
				h.is(id, kanban.Done)
				same(t, "runs", []int{len(h.runs(id))}, 2)
				return
			}
			h.is(id, kanban.Blocked)
			if last := h.runs(id)[1]; last.ExitCode == nil || *last.ExitCode != 9 {
				t.Errorf("the second attempt was not fresh: %+v", last)
			}
		})
	}
}

// TestAgentIsMeteredWhileItRuns: session, usage and progress are there long
// before the end, also for the gateway that adopts the run.
func TestAgentIsMeteredWhileItRuns(t *testing.T) {
	h := newAgents(t, "claude-code", map[string]string{"a": `echo '{"type":"system","subtype":"init","session_id":"s-1","model":"m1"}'
		echo '{"type":"assistant","message":{"id":"m1","content":[{"type":"text","text":"one"}],"usage":{"input_tokens":7,"output_tokens":5}}}'
		echo started >$TELL; read x <"$GATES/go"
		echo '{"type":"assistant","message":{"id":"m2","content":[{"type":"text","text":"two"}],"usage":{"input_tokens":7,"output_tokens":5}}}'
		read x <"$GATES/go"`})
	tell, release := h.hear(), h.fifo("go")
	id := h.open().tidy().add("a")
	tell.line()
	h.await("the first reading", func() bool { return h.runs(id)[0].Usage == kanban.Usage{Input: 7, Output: 5, Turns: 1} })
	if r := h.runs(id)[0]; r.Session != "s-1" || r.Model != "m1" || !r.Open() {
		t.Errorf("%+v", r)
	}
	h.open() // the next gateway
	release.say("on")
	h.await("the second reading", func() bool { return h.runs(id)[0].Usage == kanban.Usage{Input: 14, Output: 10, Turns: 2} })
	release.say("on")
	h.is(id, kanban.Review)
	if s := h.runs(id)[0].Summary; s != "two" {
		t.Errorf("summary %q", s)
	}
}

// TestUsageOfAResumedSession: a program that sums up its session is not counted
// twice.
func TestUsageOfAResumedSession(t *testing.T) {
	h := newAgents(t, "codex", map[string]string{"a": `echo '{"type":"thread.started","thread_id":"s-1"}'
		echo '{"type":"item.completed","item":{"type":"agent_message","text":"hm"}}'
		echo '{"type":"turn.completed","usage":{"input_tokens":'$ANDON_ATTEMPT'00,"cached_input_tokens":'$ANDON_ATTEMPT'0,"output_tokens":'$ANDON_ATTEMPT'}}'
		[ $ANDON_ATTEMPT = 2 ] || echo '{"status":"blocked","reason":"red or blue?"}' >$ANDON_RESULT`}).open()
	id := h.add("a")
	h.is(id, kanban.Blocked)
	_, err := h.board("default").Retry(context.Background(), ann, id, "blue", "")
	fail(t, err)
	h.is(id, kanban.Review)
	for _, r := range h.runs(id) {
		if want := (kanban.Usage{Input: 90, Output: 1, CacheRead: 10, Turns: 1}); r.Usage != want {
			t.Errorf("attempt %d used %+v, want %+v", r.Attempt, r.Usage, want)
		}
	}
}

// TestKilledAgentKeepsItsSession: when even the supervisor is killed, the session
// is taken up by the next attempt.
func TestKilledAgentKeepsItsSession(t *testing.T) {
	h := newAgents(t, "claude-code", map[string]string{"a": fmt.Sprintf(asks, `echo $PPID >$TELL; sleep 1000`)})
	tell := h.hear()
	id := h.open().tidy().add("a")
	supervisor := tell.process()
	h.await("the session", func() bool { return h.runs(id)[0].Session == "s-1" })
	kill(t, supervisor)
	h.is(id, kanban.Done)
	same(t, "outcomes", h.outcomes(id), kanban.Lost, kanban.Completed)
}
