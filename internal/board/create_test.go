package board_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

func TestCreateChoosesTheFirstStatus(t *testing.T) {
	h := newHouse(t)
	open, done := h.as(t, kanban.Ready), h.as(t, kanban.Done)
	for name, c := range map[string]struct {
		make func(*board.NewTask)
		want kanban.Status
	}{
		"nothing to wait for": {func(*board.NewTask) {}, kanban.Ready},
		"an open parent":      {after(done, open), kanban.Todo},
		"parents done":        {after(done), kanban.Ready},
		"a later time":        {func(n *board.NewTask) { n.NotBefore = h.now.Add(time.Minute) }, kanban.Scheduled},
		"a past time":         {func(n *board.NewTask) { n.NotBefore = h.now.Add(-time.Minute) }, kanban.Ready},
		"triage":              {func(n *board.NewTask) { n.Triage = true; after(open)(n) }, kanban.Triage},
		"held beats triage":   {func(n *board.NewTask) { n.Held, n.Triage = true, true }, kanban.Blocked},
	} {
		t.Run(name, func(t *testing.T) { status(t, h, h.add(t, name, c.make).ID, c.want) })
	}
}

func TestCreateRefusesWhatCannotBeKept(t *testing.T) {
	h := newHouse(t)
	for name, c := range map[string]struct {
		make func(*board.NewTask)
		word string
	}{
		"blank title":       {func(n *board.NewTask) { n.Title = " \n " }, "title is empty"},
		"two lines":         {func(n *board.NewTask) { n.Title = "a\nb" }, "more than one line"},
		"not text":          {func(n *board.NewTask) { n.Body = "a\x00b" }, "UTF-8"},
		"too long":          {func(n *board.NewTask) { n.Body = strings.Repeat("x", 1<<20) }, "bytes long"},
		"unknown parents":   {func(n *board.NewTask) { n.Parents = []string{"t_00000000", "t_11111111"} }, "t_00000000, t_11111111"},
		"odd lane":          {func(n *board.NewTask) { n.Assignee = "a/b" }, "not a valid name"},
		"kind of workspace": {func(n *board.NewTask) { n.Workspace.Kind = "cloud" }, "cloud"},
		"relative path":     {func(n *board.NewTask) { n.Workspace = kanban.Workspace{Kind: kanban.Dir, Path: "src"} }, "not absolute"},
		"path of two lines": {func(n *board.NewTask) { n.Workspace = kanban.Workspace{Kind: kanban.Dir, Path: "/a\nb"} }, "one line"},
		"scratch path":      {func(n *board.NewTask) { n.Workspace.Path = "/tmp" }, "no path of its own"},
		"branch alone":      {func(n *board.NewTask) { n.Workspace.Branch = "x" }, "needs a worktree"},
		"branch as option":  {func(n *board.NewTask) { n.Workspace = kanban.Workspace{Kind: kanban.Worktree, Branch: "-f"} }, "cannot be a branch"},
		"branch control":    {func(n *board.NewTask) { n.Workspace = kanban.Workspace{Kind: kanban.Worktree, Branch: "a\x7fb"} }, "cannot be a branch"},
		"comma in a skill":  {func(n *board.NewTask) { n.Skills = []string{"a,b"} }, "comma"},
		"negative attempts": {func(n *board.NewTask) { n.MaxAttempts = -1 }, "negative"},
		"long creator":      {func(n *board.NewTask) { n.CreatedBy = strings.Repeat("x", 300) }, "creator"},
		"long key":          {func(n *board.NewTask) { n.Key = strings.Repeat("x", 300) }, "idempotency key"},
		"held until a time": {func(n *board.NewTask) { n.Held, n.NotBefore = true, h.now.Add(time.Hour) }, "cannot wait for a time"},
	} {
		t.Run(name, func(t *testing.T) {
			before := h.all(t)
			n := board.NewTask{Title: "x"}
			c.make(&n)
			_, err := h.Create(bg, ann, n)
			refused(t, err, kanban.Invalid, c.word)
			same(t, "board", h.all(t), before)
		})
	}
}

func TestCreateWarnsOfAnUnknownLane(t *testing.T) {
	h := newHouse(t)
	made := must(h.Create(bg, ann, board.NewTask{Title: "x", Assignee: "Bulider"}))(t)
	same(t, "assignee", made.Task.Assignee, "bulider")
	same(t, "warning", made.Warning, []string{
		"there is no lane bulider (did you mean builder?); the task waits until somebody claims it or the lane is added to andon.yaml",
	})
	same(t, "gates", h.gates(t, made.Task.ID), []kanban.GateKind{kanban.GateLane})
}

// TestIdempotentCreate: a key means one open task, whoever asks and how often.
func TestIdempotentCreate(t *testing.T) {
	h := newHouse(t)
	n := board.NewTask{Title: "nightly", Key: "2026-11-23"}
	first := must(h.Create(bg, ann, n))(t)
	again := must(h.Create(bg, ann, board.NewTask{Title: "weekly", Assignee: "tester", Key: " 2026-11-23 "}))(t)
	if !first.Created || again.Created || again.Task.ID != first.Task.ID {
		t.Fatalf("created %v then %v: %s and %s", first.Created, again.Created, first.Task.ID, again.Task.ID)
	}
	same(t, "warnings", again.Warning, []string{
		"the existing task has another title: nightly", "the existing task has another assignee: ",
	})

	must(h.Complete(bg, ann, kanban.Lease{Task: first.Task.ID}, kanban.Handoff{}))(t)
	if must(h.Create(bg, ann, n))(t).Created {
		t.Error("a done task no longer answers for its key")
	}
	must(h.Archive(bg, ann, first.Task.ID))(t)
	younger := must(h.Create(bg, ann, n))(t)
	if !younger.Created {
		t.Error("an archived task still holds its key")
	}
	must(h.Unarchive(bg, ann, first.Task.ID))(t)
	if got := must(h.Create(bg, ann, n))(t); got.Task.ID != younger.Task.ID {
		t.Errorf("the key went back to %s", got.Task.ID)
	}
}

// TestIdempotentCreateKnowsForeignRows: the reference keeps keys in its rows
// only, and may have made several; the newest counts.
func TestIdempotentCreateKnowsForeignRows(t *testing.T) {
	h := newHouse(t)
	older, newer := h.add(t, "older"), h.add(t, "newer")
	for i, id := range []string{older.ID, newer.ID} {
		h.foreign(t, id, func(task *kanban.Task) {
			task.IdempotencyKey, task.CreatedAt = "hook-7", t0.Add(time.Duration(i)*time.Minute)
		})
	}
	got := must(h.Create(bg, ann, board.NewTask{Title: "newer", Assignee: "builder", Key: "hook-7"}))(t)
	if got.Created || got.Task.ID != newer.ID {
		t.Errorf("created=%v, %s; want the existing %s", got.Created, got.Task.ID, newer.ID)
	}

	// A key of ours stays ours, whatever others insert later.
	ours := must(h.Create(bg, ann, board.NewTask{Title: "ours", Key: "hook-8"}))(t).Task
	h.pass(time.Minute)
	h.foreign(t, h.add(t, "theirs").ID, func(task *kanban.Task) { task.IdempotencyKey = "hook-8" })
	same(t, "holder", must(h.Create(bg, ann, board.NewTask{Title: "ours", Key: "hook-8"}))(t).Task.ID, ours.ID)
}

// TestG01_IdempotentCreateOf64: callers that race make one task, and each is
// told whether it was the one.
func TestG01_IdempotentCreateOf64(t *testing.T) {
	h := newHouse(t)
	var mu sync.Mutex
	created, ids := 0, map[string]bool{}
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			got, err := h.Create(bg, ann, board.NewTask{Title: "once", Key: "k"})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
				return
			}
			ids[got.Task.ID] = true
			if got.Created {
				created++
			}
		})
	}
	wg.Wait()
	tasks, _, err := h.List(bg, store.TaskQuery{}, false)
	ok(t, err)
	if created != 1 || len(ids) != 1 || len(tasks) != 1 {
		t.Errorf("%d were told that they created it; %d ids; %d tasks", created, len(ids), len(tasks))
	}
}

func TestEdit(t *testing.T) {
	h := newHouse(t)
	task := h.add(t, "old")
	title := "new"
	changed := must(h.Edit(board.WithVersion(bg, task.Version), ann, task.ID, board.Edit{Title: &title}))(t)
	_, err := h.Edit(board.WithVersion(bg, task.Version), ann, task.ID, board.Edit{Title: &title})
	refused(t, err, kanban.Conflict, "has changed")
	_, err = h.Edit(bg, ann, task.ID, board.Edit{})
	refused(t, err, kanban.Invalid, "nothing to change")
	same(t, "title", changed.Title, "new")

	// All of it, or nothing.
	before, nine, none := h.all(t), 9, ""
	for what, e := range map[string]board.Edit{"title": {Priority: &nine, Title: &none}, "reviewer": {Priority: &nine, Body: &title, Reviewer: new(strings.Repeat("x", 1000))}} {
		_, err := h.Edit(bg, ann, task.ID, e)
		refused(t, err, kanban.Invalid)
		same(t, "board after an edit with a wrong "+what, h.all(t), before)
	}

	// A run holds its workspace, and its place in its tenant's cap.
	h.start(t, changed)
	tenant := "acme"
	for what, e := range map[string]board.Edit{"workspace": {Workspace: &kanban.Workspace{}}, "tenant": {Tenant: &tenant}} {
		t.Run(what, func(t *testing.T) {
			_, err := h.Edit(bg, ann, task.ID, e)
			refused(t, err, kanban.Conflict)
		})
	}
}

// TestEditKeepsTheWorkersWords: correcting a result loses no summary, also of
// work that came through a review.
func TestEditKeepsTheWorkersWords(t *testing.T) {
	h := newHouse(t)
	task := h.as(t, kanban.Review)
	result := "42"
	_, err := h.Edit(bg, ann, task.ID, board.Edit{Result: &result})
	refused(t, err, kanban.Conflict, "only a done task")
	must(h.Approve(bg, ann, task.ID, "", ""))(t)
	must(h.Edit(bg, ann, task.ID, board.Edit{Result: &result, Metadata: []byte(`{"n":1}`)}))(t)
	runs := must(h.Runs(bg, task.ID))(t)
	if len(runs) != 1 || runs[0].Summary != "look" || string(runs[0].Metadata) != `{"n":1}` {
		t.Errorf("runs: %+v", runs)
	}
	same(t, "result", must(h.Task(bg, task.ID))(t).Result, "42")
}

// TestEditLabels: all at once, or one by one beside those that are there.
func TestEditLabels(t *testing.T) {
	h := newHouse(t)
	task := h.add(t, "a", func(n *board.NewTask) { n.Labels = []string{"UI", "bug"} })
	same(t, "created", task.Labels, []string{"bug", "ui"})
	for _, c := range []struct {
		edit board.Edit
		want []string
	}{
		{board.Edit{AddLabels: []string{"docs", "Bug"}}, []string{"bug", "docs", "ui"}},
		{board.Edit{AddLabels: []string{"p1"}, DropLabels: []string{"UI", "unknown"}}, []string{"bug", "docs", "p1"}},
		{board.Edit{Labels: &[]string{"z", "a"}}, []string{"a", "z"}},
		{board.Edit{Labels: &[]string{}}, nil},
	} {
		same(t, "edited", must(h.Edit(bg, ann, task.ID, c.edit))(t).Labels, c.want)
	}
	for name, e := range map[string]board.Edit{
		"cannot be a label":    {AddLabels: []string{"a b"}},
		"is to be added and":   {AddLabels: []string{"a"}, DropLabels: []string{"A"}},
		"all labels are given": {Labels: &[]string{"a"}, AddLabels: []string{"b"}},
		"cannot be a label ":   {DropLabels: []string{""}},
	} {
		_, err := h.Edit(bg, ann, task.ID, e)
		refused(t, err, kanban.Invalid, strings.TrimSpace(name))
	}
}
