package cli_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli"
	"github.com/andon-dev/andon/internal/cli/clitest"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
)

var update = flag.Bool("update", false, "write the golden files anew")

// ago is a moment before the shells' clock.
func ago(d time.Duration) *time.Time { return new(clitest.Now.Add(-d)) }

var (
	waiting = client.Task{
		ID: "t_1f3a9c20", Title: "Fix the login test", Status: "blocked", Assignee: "builder", Priority: 2, CreatedAt: *ago(3 * time.Hour),
		Tenant: "acme", Labels: []string{"bug", "ui"}, CreatedBy: "ann", Body: "It fails on\nMondays.", Version: 4, WorkspaceKind: "worktree", Branch: "andon/t_1f3a9c20",
		StartedAt: ago(2 * time.Hour), MaxRuntime: "30m0s", BlockKind: "needs_input", BlockReason: "Keep v1 or v2?",
		Gates: []client.Gate{{Kind: "human", Reason: "it asks: Keep v1 or v2?", Since: ago(time.Hour), Command: "andon answer t_1f3a9c20 TEXT"}},
	}
	ready = client.Task{
		ID: "t_77d0be11", Title: "Write the release notes, for everybody who has waited for them so long", Status: "ready", Assignee: "writer",
		CreatedAt: *ago(26 * time.Hour), Version: 1, WorkspaceKind: "scratch", Gates: []client.Gate{
			{Kind: "dispatcher", Reason: "no gateway runs for this home", Command: "andon gateway start"},
			{Kind: "cap", Reason: "cap: lane writer 1/1", Command: "raise max_parallel in andon.yaml, or wait for a run to end"},
		},
	}
	done = client.Task{
		ID: "t_0c51aa02", Title: "Design", Status: "done", CreatedAt: *ago(50 * time.Hour), Version: 7, WorkspaceKind: "scratch",
		Gates: []client.Gate{{Kind: "ended", Reason: "it is done", Command: "andon reopen t_0c51aa02"}},
	}

	runs = []client.Run{
		{
			ID: 11, Task: waiting.ID, Lane: "builder", Attempt: 1, Outcome: "crashed", StartedAt: *ago(2 * time.Hour), EndedAt: ago(110 * time.Minute),
			Error: "exit status 3: no such module\nmore", ExitCode: new(3),
		},
		{
			ID: 12, Task: waiting.ID, Lane: "builder", Attempt: 2, Outcome: "blocked", StartedAt: *ago(100 * time.Minute), EndedAt: ago(time.Hour),
			Summary: "Keep v1 or v2?",
		},
	}
	events = []client.Event{
		{ID: 40, Task: waiting.ID, Kind: "created", At: *ago(3 * time.Hour), Payload: map[string]any{"assignee": "builder", "by": "ann"}},
		{ID: 41, Task: waiting.ID, Run: 11, Kind: "crashed", At: *ago(110 * time.Minute), Payload: map[string]any{"error": "exit status 3", "by": "andon"}},
		{ID: 42, Task: waiting.ID, Run: 12, Kind: "blocked", At: *ago(time.Hour), Payload: map[string]any{"reason": "Keep v1 or v2?", "by": "builder"}},
	}
	boards = []client.Board{
		{Slug: "default", Name: "Default", Current: true, Counts: map[string]int{"ready": 1, "blocked": 1, "done": 1}},
		{Slug: "web", Name: "Web shop", Counts: map[string]int{}, Archived: true},
		{Slug: "old", Name: "Old", Counts: map[string]int{}, Problem: "database disk image is malformed"},
	}
)

// canned answers each request with what stands here.
var canned = map[string]any{
	"GET /boards/@current/tasks":                    client.Page[client.Task]{Items: []client.Task{waiting, ready, done}, Next: "c3"},
	"POST /boards/@current/tasks":                   client.TaskCreated{Task: ready, Created: true, Warnings: []string{"there is no lane writer"}},
	"GET /boards/@current/tasks/t_1f3a9c20":         client.Details{Task: waiting, Parents: []client.Link{{Parent: done.ID, Child: waiting.ID, Waived: true, WaivedBy: "ann", WaivedReason: "good enough"}}, Children: []client.Link{{Parent: waiting.ID, Child: ready.ID}}, Comments: []client.Comment{{ID: 1, Task: waiting.ID, Author: "ann", Body: "Use the staging\ndatabase.", CreatedAt: *ago(time.Hour)}}, Runs: runs, Artifacts: []client.Artifact{{Task: waiting.ID, Run: 12, Path: "report.html", SHA256: "98ea6e4f216f2fb4b69fff9b3a44842c", Size: 2048}}, Events: events},
	"GET /boards/@current/tasks/t_1f3a9c20/explain": waiting,
	"GET /boards/@current/tasks/t_77d0be11/plan": client.Planning{
		TaskID: ready.ID, State: "proposed", Kind: "decompose", Status: "triage", By: "ann", Planner: "model-x", At: ago(time.Minute), Event: 44,
		Rationale: "Notes need the facts first.", Tasks: []client.PlannedTask{
			{Key: "facts", Title: "Collect what changed", Body: "Read the log since the last tag.", Assignee: "builder", Parents: []string{}},
			{Key: "text", Title: "Write it up", Body: "For users.", Assignee: "writer", Parents: []string{"facts"}},
		}, ChildIDs: []string{},
	},
	"GET /boards/@current/tasks/t_1f3a9c20/runs":     client.Page[client.Run]{Items: runs},
	"POST /boards/@current/tasks/t_1f3a9c20/unblock": client.Task{ID: waiting.ID, Title: waiting.Title, Status: "ready", CreatedAt: waiting.CreatedAt},
	"POST /boards/@current/tasks/t_77d0be11/claim":   client.Claim{Task: ready, Run: 13, Token: "5e1f", ExpiresAt: clitest.Now.Add(15 * time.Minute), Workspace: "/srv/w"},
	"GET /boards/@current/events":                    client.Page[client.Event]{Items: events, Next: "42"},
	"GET /boards/@current/lanes":                     client.Page[client.Lane]{Items: []client.Lane{{Name: "builder", Description: "builds Go", Known: true, MaxParallel: 2, Walls: &client.Walls{Mode: "bwrap", Network: "off"}, Running: 1, Counts: map[string]int{"blocked": 1}, Holds: []client.Hold{{Scope: "lane:builder", Kind: "pulled", Reason: "broken compiler", By: "ann", Since: *ago(time.Minute)}}}, {Name: "writer", Known: true, Walls: &client.Walls{Mode: "none"}, Counts: map[string]int{"ready": 1}}, {Name: "proxied", Known: true, Walls: &client.Walls{Mode: "bwrap", Network: "proxied", Hosts: []string{"api.example.org", "*.example.net:443"}}}, {Name: "zoe", Counts: map[string]int{"ready": 1}}}},
	"GET /boards/@current/stats":                     client.Stats{ByStatus: map[string]int{"ready": 1, "blocked": 1, "done": 1}, ByAssignee: map[string]map[string]int{"builder": {"blocked": 1}, "": {"done": 1}}, OldestReadyAge: 93600, Now: clitest.Now, ParkedDeliveries: 2},
	"GET /accounts": client.Page[client.Account]{Items: []client.Account{
		{Name: "claude-max", MaxParallel: 4, Running: 2, Waiting: 7, Lanes: []string{"builder", "writer"}, Holds: []client.Hold{
			{Scope: "account:claude-max", Kind: "cooldown", Reason: "429", By: "builder", Since: *ago(time.Minute), Until: ago(-time.Hour)},
		}},
		{Name: "spare", Lanes: []string{}},
	}},
	"GET /inbox": client.Page[client.InboxItem]{Items: []client.InboxItem{
		{
			Kind: "question", Board: "default", TaskID: waiting.ID, Title: waiting.Title, Lane: "builder", Reason: "Keep v1 or v2?\nBoth have users.",
			Options: []string{"v1", "v2, as the guide says"}, Since: ago(time.Hour), Behind: 3, Commands: []string{"andon answer t_1f3a9c20 TEXT"},
		},
		{Kind: "paused", Scope: "lane:writer", Reason: "3 tasks in a row failed alike", Since: ago(time.Minute), Behind: 1, Commands: []string{"andon resume --lane writer"}},
	}},
	"GET /boards/@current/diagnostics":   client.Page[client.Diagnosis]{Items: []client.Diagnosis{{TaskID: ready.ID, Title: ready.Title, Status: "ready", Assignee: "writer", Findings: []client.Finding{{Kind: "unknown_lane", Severity: "warning", Title: "there is no lane writer", Actions: []string{"andon lanes"}}}}}},
	"GET /boards/@current/subscriptions": client.Page[client.Subscription]{Items: []client.Subscription{{ID: 5, Task: waiting.ID, Sink: "ops", Target: "4711", CreatedBy: "ann"}, {ID: 6, Sink: "ops", Kinds: []string{"blocked"}, Foreign: true}, {ID: 7, Lane: "builder", Tenant: "acme", Labels: []string{"bug", "ui"}, Sink: "team"}}},
	"GET /boards/@current/mutes":         client.Page[client.Mute]{Items: []client.Mute{{Place: client.Place{Sink: "ops", Target: "4711"}, Task: waiting.ID, By: "ann"}}},
	"GET /boards/@current/deliveries":    client.Page[client.Delivery]{Items: []client.Delivery{{ID: 31, Sink: "ops", Target: "4711", Subscription: 5, Event: events[2], State: "parked", Attempts: 8, Error: "404 Not Found"}}},
	"GET /boards":                        client.Page[client.Board]{Items: boards},
	"GET /gateway": client.Gateway{
		Running: true, PID: 4711, Version: "1.2.3", Home: "/home/ann/.andon", Since: ago(time.Hour), Socket: "/run/andon.sock",
		MaxParallel: 8, Runs: 1, Lanes: map[string]int{"builder": 1}, Reason: "free disk below 2GiB", Boards: boards[:1],
		Holds: []client.Hold{{Scope: "all", Kind: "pulled", By: "ann", Since: *ago(time.Minute)}}, ConfigError: "andon.yaml:3:1: unknown key lames",
	},
	"GET /dispatch": client.Plan{Start: []client.PlannedStart{{Board: "default", Task: waiting}}, Wait: []client.Task{ready}},
	"GET /report": client.Report{Since: *ago(7 * 24 * time.Hour), Until: clitest.Now, By: []string{"lane", "tenant"}, Items: []client.ReportRow{
		{Lane: "builder", Tenant: "acme", Runs: 12, Done: 8, Submitted: 1, Failed: 3, FailedOf: map[string]int{"crashed": 2, "timed_out": 1}, Usage: client.Usage{Input: 120000, Output: 34567, CacheRead: 900000, Turns: 80, CostUSD: 12.34}, FailedUsage: client.Usage{CostUSD: 2.5}, Running: 5400, Waits: 2, OpenWaits: 1, Waited: 7200},
		{Lane: "writer", Runs: 1, Done: 1, Running: 61},
	}, Total: client.ReportRow{Runs: 13, Done: 9, Submitted: 1, Failed: 3, FailedOf: map[string]int{"crashed": 2, "timed_out": 1}, Usage: client.Usage{Input: 120000, Output: 34567, CacheRead: 900000, Turns: 80, CostUSD: 12.34}, FailedUsage: client.Usage{CostUSD: 2.5}, Running: 5461, Waits: 2, OpenWaits: 1, Waited: 7200}},
	"GET /config": map[string]any{"dispatch": map[string]any{"max_parallel": 8}},
}

var fake = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	answer, ok := canned[r.Method+" "+strings.TrimPrefix(r.URL.Path, "/api/v1")]
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		answer = client.Error{Code: "not_found", Message: "there is no " + r.URL.Path, Hint: "look elsewhere", State: "done"}
	}
	_ = json.NewEncoder(w).Encode(answer) // the client tells
})

// TestGolden: what people and programs see. Each file holds one command line's
// output in a file, on a terminal of 72 columns and as JSON.
func TestGolden(t *testing.T) {
	for name, line := range map[string]string{
		"list":          "list",
		"show":          "show t_1f3a9c20",
		"why":           "why t_1f3a9c20",
		"runs":          "runs t_1f3a9c20",
		"events":        "events",
		"boards":        "boards list --all",
		"status":        "gateway status",
		"lanes":         "lanes",
		"assignees":     "assignees",
		"stats":         "stats",
		"report":        "report --by lane,tenant",
		"plan":          "plan show t_77d0be11",
		"diagnostics":   "diagnostics",
		"inbox":         "inbox",
		"accounts":      "accounts",
		"dispatch":      "dispatch --dry-run",
		"subscriptions": "notify list",
		"parked":        "notify parked",
		"config":        "config show",
		"add":           "add x",
		"unblock":       "unblock t_1f3a9c20",
		"claim":         "claim t_77d0be11",
		"some":          "unblock t_1f3a9c20 t_ffffffff",
		"refused":       "unblock t_ffffffff",
	} {
		t.Run(name, func(t *testing.T) {
			a := &txtar.Archive{Comment: []byte("andon " + line + "\n")}
			for _, view := range []struct {
				name     string
				terminal cmdutil.Terminal
				flags    string
			}{
				{"file", cmdutil.Terminal{}, ""},
				{"terminal", cmdutil.Terminal{In: true, Out: true, Err: true, Width: 72, Unicode: true}, ""},
				{"json", cmdutil.Terminal{}, " -o json"},
			} {
				s := clitest.New(t, fake)
				s.Terminal = view.terminal
				cli.Run(t.Context(), s.Factory, strings.Fields(line+" --utc"+view.flags))
				section := func(stream string, text *bytes.Buffer) {
					if text.Len() > 0 {
						a.Files = append(a.Files, txtar.File{Name: view.name + stream, Data: text.Bytes()})
					}
				}
				section("", s.Out)
				section(": stderr", s.Err)
			}
			compare(t, filepath.Join("testdata", name+".golden"), txtar.Format(a))
		})
	}
}

// TestHelp: andon alone prints what there is, in groups.
func TestHelp(t *testing.T) {
	s := clitest.New(t, nil)
	if status := cli.Run(t.Context(), s.Factory, []string{}); status != 0 {
		t.Errorf("it ended with %d", status)
	}
	compare(t, filepath.Join("testdata", "help.golden"), s.Out.Bytes())
}

func compare(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("go test -update writes %s anew\n%s", path, diff)
	}
}

// TestColor: colours are for terminals that want them.
func TestColor(t *testing.T) {
	for want, terminal := range map[bool]cmdutil.Terminal{
		true: {Out: true, Color: true}, false: {Out: true},
	} {
		s := clitest.New(t, fake)
		s.Terminal = terminal
		cli.Run(t.Context(), s.Factory, []string{"list"})
		if got := strings.Contains(s.Out.String(), "\x1b["); got != want {
			t.Errorf("coloured is %t on %+v", got, terminal)
		}
	}
}
