package httpapi_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

// TestEveryRoute does everything once through the client, over a socket and
// within the process, and fails if an operation of the OpenAPI description was
// never called.
func TestEveryRoute(t *testing.T) {
	t.Run("over a socket", func(t *testing.T) {
		h := newHome(t)
		h.gateway = &gateway{}
		seen := &sightings{next: h.handler()}
		server := httptest.NewServer(seen)
		defer server.Close()
		tour(t, h, must(client.Dial(server.URL, client.Options{}))(t))
		seen.missing(t)
	})
	t.Run("in process", func(t *testing.T) {
		h := newHome(t)
		h.gateway = &gateway{}
		tour(t, h, client.New(client.Handler(h.handler()), "http://andon", client.Options{}))
	})
}

func tour(t *testing.T, h *home, c *client.Client) {
	t.Run("cards", func(t *testing.T) { tourCards(t, c) })
	t.Run("boards", func(t *testing.T) { tourBoards(t, c) })
	t.Run("tasks", func(t *testing.T) { tourTasks(t, c) })
	t.Run("a run", func(t *testing.T) { tourRun(t, h, c) })
	t.Run("gates", func(t *testing.T) { tourGates(t, c) })
	t.Run("plans", func(t *testing.T) { tourPlans(t, h, c) })
	t.Run("messages", func(t *testing.T) { tourMessages(t, c) })
	t.Run("home", func(t *testing.T) { tourHome(t, h, c) })
	t.Run("care", func(t *testing.T) { tourCare(t, c) })
	t.Run("doctor", func(t *testing.T) { tourDoctor(t, c) })
	t.Run("access", func(t *testing.T) { tourAccess(t, c) })
	t.Run("chat", func(t *testing.T) { tourChat(t, h, c) })
	t.Run("backups", func(t *testing.T) { tourBackups(t, h, c) })
}

func tourBoards(t *testing.T, c *client.Client) {
	ctx := t.Context()
	name := "Ops team"
	made := must(c.CreateBoard(ctx, client.BoardCreate{Slug: " OPS ", BoardChange: client.BoardChange{Name: &name}}))(t)
	if !made.Created || made.Slug != "ops" || made.Name != name {
		t.Errorf("made %+v", made)
	}
	if again := must(c.CreateBoard(ctx, client.BoardCreate{Slug: "ops"}))(t); again.Created || again.Name != name {
		t.Errorf("made again: %+v", again)
	}
	text := "on call"
	if b := must(c.EditBoard(ctx, "ops", client.BoardChange{Description: &text}))(t); b.Description != text || b.Name != name {
		t.Errorf("edited %+v", b)
	}
	if b := must(c.SwitchBoard(ctx, "Ops"))(t); !b.Current {
		t.Errorf("switched to %+v", b)
	}
	if b := must(c.CurrentBoard(ctx))(t); b.Slug != "ops" {
		t.Errorf("current is %+v", b)
	}
	if b := must(c.Board(ctx, client.Selected))(t); b.Slug != "ops" {
		t.Errorf("%s is %+v", client.Selected, b)
	}
	must(c.Tasks(ctx, client.Selected, client.TaskQuery{}))(t)
	must(c.SwitchBoard(ctx, "default"))(t)
	must(c.ReopenBoard(ctx, "ops"))(t)
	ok(t, c.ReopenHome(ctx))
	ok(t, c.ArchiveBoard(ctx, "ops"))
	if all := must(c.Boards(ctx, false))(t); len(all) != 1 {
		t.Errorf("boards %+v", all)
	}
	if all := must(c.Boards(ctx, true))(t); len(all) != 2 || !all[1].Archived {
		t.Errorf("boards with archived ones %+v", all)
	}
	ok(t, c.RestoreBoard(ctx, "ops"))
	must(c.Board(ctx, "OPS"))(t)
	ok(t, c.ArchiveBoard(ctx, "ops"))
	ok(t, c.DeleteBoard(ctx, "ops"))
	_, err := c.Board(ctx, "ops")
	refusal(t, err, kanban.NotFound)
}

func tourTasks(t *testing.T, c *client.Client) {
	ctx := t.Context()
	parent, child := add(t, c, "plan"), add(t, c, "build")
	if linked := must(c.Link(ctx, "default", parent.ID, child.ID))(t); linked.Status != "todo" {
		t.Errorf("a child of an open parent is %s", linked.Status)
	}
	why := must(c.Explain(ctx, "default", child.ID))(t)
	if len(why.Gates) == 0 || why.Gates[0].Kind != "dependency" {
		t.Errorf("gates %+v", why.Gates)
	}
	if free := must(c.Unlink(ctx, "default", parent.ID, child.ID))(t); free.Status != "ready" {
		t.Errorf("an orphan is %s", free.Status)
	}
	must(c.AddComment(ctx, "default", child.ID, "use Go 1.26"))(t)
	if all := must(c.Comments(ctx, "default", child.ID))(t); len(all) != 1 || all[0].Author != "ann" {
		t.Errorf("comments %+v", all)
	}
	if text := must(c.Context(ctx, "default", child.ID))(t); !strings.Contains(text, "use Go 1.26") {
		t.Errorf("context %q", text)
	}
	title := "build it"
	must(c.EditTask(ctx, "default", child.ID, client.TaskEdit{Title: &title}, 0))(t)
	ghost := "bilder"
	if e := must(c.EditTask(ctx, "default", child.ID, client.TaskEdit{Reviewer: &ghost}, 0))(t); len(e.Warnings) != 1 || e.Reviewer != ghost {
		t.Errorf("edited %+v", e)
	}
	ghost = ""
	must(c.EditTask(ctx, "default", child.ID, client.TaskEdit{Reviewer: &ghost}, 0))(t)
	page := must(c.Tasks(ctx, "default", client.TaskQuery{Text: "BUILD", Statuses: []string{"Ready", "todo"}, Gates: true, Sort: "created", Limit: 1}))(t)
	if len(page.Items) != 1 || page.Items[0].Title != title {
		t.Errorf("found %+v", page)
	}
	if d := must(c.Task(ctx, "default", child.ID))(t); d.Title != title || len(d.Comments) != 1 || len(d.Events) == 0 {
		t.Errorf("details %+v", d)
	}
	if tests := must(c.TestLanes(ctx, "default", "builder"))(t); len(tests) != 1 || tests[0].Lane != "builder" {
		t.Errorf("tests of lanes %+v", tests)
	}
	lanes := must(c.Lanes(ctx, "default"))(t)
	if len(lanes) != 1 || !lanes[0].Known || lanes[0].Counts["ready"] != 2 {
		t.Errorf("lanes %+v", lanes)
	}
	assigned := must(c.Assign(ctx, "default", child.ID, client.AssignRequest{Assignee: "bilder"}))(t)
	if len(assigned.Warnings) == 0 || assigned.Assignee != "bilder" {
		t.Errorf("assigned %+v", assigned)
	}
	if lanes = must(c.Lanes(ctx, "default"))(t); len(lanes) != 2 || lanes[1].Known {
		t.Errorf("lanes %+v", lanes)
	}
	found := must(c.Diagnostics(ctx, "default", ""))(t)
	if len(found) != 1 || found[0].TaskID != child.ID || found[0].Findings[0].Kind != "unknown_lane" {
		t.Errorf("diagnostics %+v", found)
	}
	if one := must(c.Diagnostics(ctx, "default", parent.ID))(t); len(one) != 0 {
		t.Errorf("diagnostics of a healthy task %+v", one)
	}
	must(c.DeleteTask(ctx, "default", child.ID, false))(t)
	plan := must(c.CreateGraph(ctx, "default", client.GraphCreate{Tasks: []client.GraphTask{
		{Key: "b", TaskCreate: client.TaskCreate{Title: "b", Parents: []string{"a"}}}, {Key: "a", TaskCreate: client.TaskCreate{Title: "a"}},
	}}))(t)
	if len(plan) != 2 || plan[0].Title != "b" || plan[0].Status != "todo" || plan[1].Status != "ready" {
		t.Errorf("plan %+v", plan)
	}
	for _, made := range plan {
		must(c.DeleteTask(ctx, "default", made.ID, false))(t)
	}
	if s := must(c.Stats(ctx, "default"))(t); s.ByStatus["ready"] != 1 || s.ByAssignee["builder"]["ready"] != 1 {
		t.Errorf("stats %+v", s)
	}
}

func tourRun(t *testing.T, h *home, c *client.Client) {
	ctx := t.Context()
	task := add(t, c, "report")
	claim := must(c.Claim(ctx, "default", task.ID, client.ClaimRequest{TTL: "10m"}))(t)
	if claim.Token == "" || !strings.Contains(claim.Context, "report") || claim.Task.Status != "running" {
		t.Errorf("claim %+v", claim)
	}
	lease := client.Lease{Run: claim.Run, Token: claim.Token}
	if beat := must(c.Heartbeat(ctx, "default", task.ID, client.HeartbeatRequest{Lease: lease, Note: "half way"}))(t); beat.ExpiresAt.IsZero() {
		t.Error("a heartbeat tells no end of the lease")
	}
	h.logs[claim.Run] = newRunLog()
	h.logs[claim.Run].write("hello\n")
	for f, err := range c.LogStream(ctx, "default", claim.Run, 0) {
		if err != nil || f.Name != client.FrameChunk || f.ID != 6 {
			t.Errorf("streamed %+v, %v", f, err)
		}
		break
	}
	if chunk := must(c.Log(ctx, "default", claim.Run, client.LogQuery{}))(t); chunk.Data != "hello\n" || chunk.Done {
		t.Errorf("log %+v", chunk)
	}
	ok(t, os.WriteFile(filepath.Join(claim.Workspace, "report.md"), []byte("# Done\n"), 0o600))
	ended := must(c.Complete(ctx, "default", task.ID, client.Handoff{
		Lease: lease, Summary: "written", Metadata: json.RawMessage(`{"pages":3}`), Artifacts: []string{"report.md"},
	}))(t)
	if ended.Status != "done" {
		t.Errorf("completed task is %s", ended.Status)
	}
	runs := must(c.Runs(ctx, "default", task.ID))(t)
	if len(runs) != 1 || runs[0].Summary != "written" || string(runs[0].Metadata) != `{"pages":3}` {
		t.Errorf("runs %+v", runs)
	}
	if r := must(c.Run(ctx, "default", claim.Run))(t); r.Outcome != "completed" {
		t.Errorf("run %+v", r)
	}
	if e := must(c.Exit(ctx, "default", task.ID, client.Exit{Lease: lease, Code: 3}))(t); e.Task.Status != "done" || e.Run.Outcome != "completed" {
		t.Errorf("an exit after the end %+v", e)
	}
	_, err := c.ClaimNext(ctx, "default", client.ClaimNext{Lane: "Builder", ClaimRequest: client.ClaimRequest{Wait: "1ms"}})
	refusal(t, err, kanban.Gated)
	kept := must(c.Task(ctx, "default", task.ID))(t).Artifacts
	file, size, err := c.Artifact(ctx, "default", task.ID, kept[0].SHA256)
	ok(t, err)
	text := must(io.ReadAll(file))(t)
	ok(t, file.Close())
	if string(text) != "# Done\n" || size != int64(len(text)) {
		t.Errorf("artifact of %d bytes: %q", size, text)
	}
	_, _, err = c.Artifact(ctx, "default", task.ID, strings.Repeat("0", 64))
	refusal(t, err, kanban.NotFound)
	tourDiff(t, h, c, task.ID)
}

func tourDiff(t *testing.T, h *home, c *client.Client, scratch string) {
	ctx := t.Context()
	_, err := c.Diff(ctx, "default", scratch, client.DiffQuery{})
	refusal(t, err, kanban.Conflict)
	task := must(c.CreateTask(ctx, "default", client.TaskCreate{Title: "in a tree", Assignee: "builder", WorkspaceKind: "worktree", Repo: "/repo"}))(t)
	_, err = c.Diff(ctx, "default", task.ID, client.DiffQuery{})
	refusal(t, err, kanban.Conflict)
	claim := must(c.Claim(ctx, "default", task.ID, client.ClaimRequest{}))(t)
	ok(t, must(h.boards.Board(ctx, "default"))(t).Spawned(ctx, claim.Run, 4711, "c0ffee"))
	d := must(c.Diff(ctx, "default", task.ID, client.DiffQuery{}))(t)
	if d.From != "c0ffee" || d.To != "" || d.Cut || string(d.Text) != "-c0ffee\n+\xff\n" {
		t.Errorf("diff %+v", d)
	}
	_, err = c.Diff(ctx, "default", task.ID, client.DiffQuery{Attempt: 2})
	refusal(t, err, kanban.NotFound)
}

func tourGates(t *testing.T, c *client.Client) {
	ctx, later := t.Context(), time.Now().Add(time.Hour)
	task := add(t, c, "through every gate").ID
	step := func(want string, got client.Task, err error) {
		t.Helper()
		if err != nil || got.Status != want {
			t.Fatalf("status %q, error %v, want %s", got.Status, err, want)
		}
	}
	try := func(want string) func(client.Task, error) {
		return func(got client.Task, err error) { t.Helper(); step(want, got, err) }
	}
	claim := func() client.Lease {
		t.Helper()
		c := must(c.Claim(ctx, "default", task, client.ClaimRequest{}))(t)
		return client.Lease{Run: c.Run, Token: c.Token}
	}
	try("blocked")(c.Block(ctx, "default", task, client.BlockRequest{Reason: "which database?"}))
	try("ready")(c.Answer(ctx, "default", task, "SQLite"))
	try("scheduled")(c.Schedule(ctx, "default", task, client.ScheduleRequest{Until: &later}))
	try("ready")(c.Unblock(ctx, "default", task, ""))
	try("ready")(c.Promote(ctx, "default", task, client.PromoteRequest{Force: true, Reason: "now"}))
	try("ready")(c.RaiseBudget(ctx, "default", task, client.Budget{CostUSD: 5}))
	edited, err := c.EditTask(ctx, "default", task, client.TaskEdit{Budget: &client.Budget{}}, 0)
	try("ready")(edited.Task, err)
	claim()
	try("ready")(c.Reclaim(ctx, "default", task, "another one"))
	claim()
	try("ready")(c.Retry(ctx, "default", task, ""))
	claim()
	try("blocked")(c.Stop(ctx, "default", task, "wrong branch"))
	try("ready")(c.Retry(ctx, "default", task, ""))
	try("review")(c.Review(ctx, "default", task, client.Handoff{Lease: claim(), Summary: "look"}))
	try("ready")(c.Reject(ctx, "default", task, "no tests"))
	try("review")(c.Review(ctx, "default", task, client.Handoff{Lease: claim(), Summary: "look again"}))
	try("done")(c.Approve(ctx, "default", task, "good"))
	try("ready")(c.Reopen(ctx, "default", task, "not so good"))
	try("archived")(c.Cancel(ctx, "default", task, "no more"))
	try("blocked")(c.Unarchive(ctx, "default", task))
	try("archived")(c.Archive(ctx, "default", task))
}

func tourMessages(t *testing.T, c *client.Client) {
	ctx := t.Context()
	task := add(t, c, "tell me").ID
	sub := must(c.Subscribe(ctx, "default", client.SubscriptionCreate{Task: task, Sink: "ops", Kinds: []string{"commented"}}))(t)
	if !sub.Created || len(sub.Warnings) != 0 {
		t.Errorf("subscribed %+v", sub)
	}
	if all := must(c.Subscriptions(ctx, "default", task))(t); len(all) != 1 {
		t.Errorf("subscriptions %+v", all)
	}
	if got := must(c.EditSubscription(ctx, "default", sub.ID, client.SubscriptionEdit{Kinds: []string{"commented", "completed"}}))(t); got.ID != sub.ID || len(got.Kinds) != 2 {
		t.Errorf("edited %+v", got)
	}
	must(c.AddComment(ctx, "default", task, "hear, hear"))(t)
	if all := must(c.Deliveries(ctx, "default", "pending", 0))(t); len(all) != 1 || all[0].Event.Kind != "commented" {
		t.Errorf("deliveries %+v", all)
	}
	if all := must(c.Deliveries(ctx, "default", "undelivered", 0))(t); len(all) != 1 {
		t.Errorf("undelivered %+v", all)
	}
	if n := must(c.RetryDeliveries(ctx, "default", 0))(t); n.Count != 0 {
		t.Errorf("%d parked deliveries", n.Count)
	}
	if r := must(c.Replay(ctx, "default", client.ReplayCreate{Event: 1}))(t); r.Messages != 0 || r.Event != 1 {
		t.Errorf("told again what is pending: %+v", r)
	}
	room := client.Place{Sink: "ops", Target: "room"}
	if m := must(c.Mute(ctx, "default", client.MuteCreate{Place: room, Task: task}))(t); m.Task != task || m.Place != room || m.By == "" {
		t.Errorf("muted %+v", m)
	}
	if all := must(c.Mutes(ctx, "default"))(t); len(all) != 1 || all[0].Place != room {
		t.Errorf("mutes %+v", all)
	}
	ok(t, c.Unmute(ctx, "default", room, task))
	if said := must(c.TestSink(ctx, "default", room))(t); said.Ref != "ops room" {
		t.Errorf("the test said %+v", said)
	}
	ok(t, c.Unsubscribe(ctx, "default", sub.ID))
	told := must(c.CreateTask(ctx, "default", client.TaskCreate{Title: "told", Tell: &client.Tell{Sink: "ops", Kinds: []string{"blocked"}}}))(t)
	if s := told.Subscription; s == nil || s.Task != told.ID || len(s.Kinds) != 1 {
		t.Errorf("created with %+v", s)
	}
	page := must(c.Events(ctx, "default", client.EventQuery{Task: task, Limit: 1}))(t)
	if len(page.Items) != 1 || page.Items[0].Kind != "created" || page.Next == "" {
		t.Errorf("events %+v", page)
	}
}

func tourHome(t *testing.T, h *home, c *client.Client) {
	ctx := t.Context()
	if got := must(c.Health(ctx))(t); got.Status != "ok" || got.Version != "test" {
		t.Errorf("health %+v", got)
	}
	if got := must(c.Gateway(ctx))(t); !got.Running {
		t.Errorf("gateway %+v", got)
	}
	pulled := must(c.Pull(ctx, client.PullRequest{Scope: "lane:Builder", Reason: "red build", Stop: true}))(t)
	if pulled.Scope != "lane:builder" || pulled.Stopped != 3 {
		t.Errorf("pulled %+v", pulled)
	}
	if got := must(c.Accounts(ctx))(t); len(got) != 1 || got[0].MaxParallel != 4 || got[0].Lanes[0] != "builder" {
		t.Errorf("accounts %+v", got)
	}
	if waits := must(c.Inbox(ctx, ""))(t); !slices.ContainsFunc(waits, func(i client.InboxItem) bool {
		return i.Kind == "pulled" && i.Commands[0] == "andon resume --lane builder"
	}) {
		t.Errorf("the inbox is %+v", waits)
	}
	if all := must(c.Holds(ctx))(t); len(all) != 1 || all[0].By != "ann" || all[0].Reason != "red build" {
		t.Errorf("holds %+v", all)
	}
	ok(t, c.Resume(ctx, "lane:builder"))
	if plan := must(c.Plan(ctx, "DEFAULT"))(t); plan.Start[0].Board != "default" {
		t.Errorf("plan %+v", plan)
	}
	if n := must(c.GC(ctx, "", true))(t); !n.DryRun || n.Logs != 1 {
		t.Errorf("gc %+v", n)
	}
	if r := must(c.Report(ctx, client.ReportQuery{Since: time.Now().Add(-time.Hour), By: []string{"lane", "board"}}))(t); len(r.By) != 2 || r.Total.Runs == 0 || r.Items[0].Board != "default" {
		t.Errorf("report %+v", r)
	}
	_, err := c.Report(ctx, client.ReportQuery{By: []string{"colour"}})
	refusal(t, err, kanban.Invalid)
	if text := must(c.Config(ctx))(t); strings.TrimSpace(string(text)) != `{"max_parallel":"8"}` {
		t.Errorf("config %s", text)
	}
	seen := must(c.Settings(ctx))(t)
	if now := must(c.EditConfig(ctx, client.SettingsEdit{Set: map[string]string{"dispatch.max_parallel": "4"}}, seen.Version))(t); now.Items[0].Value != "4" {
		t.Errorf("settings %+v", now)
	}
	ok(t, c.Nudge(ctx))
	ok(t, c.Reload(ctx))
	ok(t, c.StopGateway(ctx, true))
	ok(t, c.StopGateway(ctx, false))
	if told := strings.Join(h.gateway.told, ", "); told != "stop runs of lane:builder, nudge, reload, drain, stop" {
		t.Errorf("the gateway was told: %s", told)
	}
}

// sightings notes the requests that pass by.
type sightings struct {
	next http.Handler
	mu   sync.Mutex
	seen [][]string // method and the segments of the path
}

func (s *sightings) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.seen = append(s.seen, append([]string{r.Method}, strings.Split(r.URL.Path, "/")...))
	s.mu.Unlock()
	s.next.ServeHTTP(w, r)
}

// missing fails for each operation that no request was for.
func (s *sightings) missing(t *testing.T) {
	t.Helper()
	for _, op := range operations(t, s.next) {
		if !s.has(op.segments()) {
			t.Errorf("nothing called %s %s", op.method, op.path)
		}
	}
}

func (s *sightings) has(want []string) bool {
	return slices.ContainsFunc(s.seen, func(got []string) bool { return fits(got, want) })
}

// fits compares what was asked for with an operation.
func fits(got, want []string) bool {
	return slices.EqualFunc(got, want, func(g, w string) bool { return g == w || strings.HasPrefix(w, "{") })
}

func fetch(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}
