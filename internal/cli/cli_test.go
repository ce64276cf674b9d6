package cli_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli"
	"github.com/andon-dev/andon/internal/cli/clitest"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/gateway"
)

// desk is a shell before a home of its own, in which no gateway runs.
type desk struct {
	t       *testing.T
	env     map[string]string
	handler http.Handler
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	home := t.TempDir()
	handler, closer, err := gateway.Direct(t.Context(), gateway.Options{Home: home, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := closer.Close(); err != nil {
			t.Error(err)
		}
	})
	return &desk{t: t, env: map[string]string{"ANDON_HOME": home, "USER": "ann"}, handler: handler}
}

// listen makes the same boards answer at a socket, as a gateway's do.
func (d *desk) listen() {
	d.t.Helper()
	dir, err := os.MkdirTemp("", "andon") // a socket's path is short
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = os.RemoveAll(dir) }) // best effort
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		d.t.Fatal(err)
	}
	server := &http.Server{Handler: d.handler}
	go func() { _ = server.Serve(l) }()
	d.t.Cleanup(func() { _ = server.Close() })
	d.env["ANDON_SERVER"] = "unix:" + l.Addr().String()
}

// answer is what a command line gave.
type answer struct {
	out, err string
	status   int
}

// run runs a command line; words are separated by blanks, or given one by one.
func (d *desk) run(line string, more ...string) answer {
	d.t.Helper()
	s := clitest.New(d.t, d.handler)
	s.Env = d.env
	args := append(strings.Fields(line), more...)
	status := cli.Run(d.t.Context(), s.Factory, args)
	return answer{s.Out.String(), s.Err.String(), status}
}

// must is run for what cannot fail; it returns the output without its newline.
func (d *desk) must(line string, more ...string) string {
	d.t.Helper()
	a := d.run(line, more...)
	if a.status != 0 {
		d.t.Fatalf("andon %s %q ended with %d: %s", line, more, a.status, a.err)
	}
	return strings.TrimSpace(a.out)
}

// refused runs what must end with a status, and returns what it said.
func (d *desk) refused(status int, line string, more ...string) string {
	d.t.Helper()
	a := d.run(line, more...)
	if a.status != status {
		d.t.Errorf("andon %s %q ended with %d, want %d: %s", line, more, a.status, status, a.err)
	}
	if status != exit.Findings && a.err == "" {
		d.t.Errorf("andon %s %q said nothing", line, more)
	}
	return a.err
}

func (d *desk) status(id string) string {
	d.t.Helper()
	var t client.Task
	if err := json.Unmarshal([]byte(d.must("why -o json", id)), &t); err != nil {
		d.t.Fatal(err)
	}
	return t.Status
}

// TestLife: a task from its creation to its end, by people alone.
func TestLife(t *testing.T) {
	d := newDesk(t)
	id := d.must("add -q --lane builder", "Fix the login test")
	for _, step := range []struct{ line, status string }{
		{"block @last which API?", "blocked"},
		{"answer @last the second", "ready"},
		{"defer @last --until 2099-01-31", "scheduled"},
		{"unblock @last", "ready"},
		{"edit @last --priority 3 --title better", "ready"},
		{"assign @last none", "ready"},
		{"complete @last --summary done", "done"},
		{"reopen @last", "ready"},
		{"complete @last --result fine", "done"},
		{"archive @last", "archived"},
		{"unarchive @last", "done"},
	} {
		d.must(step.line)
		if got := d.status(id); got != step.status {
			t.Fatalf("after %s it is %s, want %s", step.line, got, step.status)
		}
	}
	d.must("delete @last --yes")
	d.refused(exit.NotFound, "show @last")
}

// TestStatuses: each kind of refusal has its exit status.
func TestStatuses(t *testing.T) {
	d := newDesk(t)
	parent := d.must("add -q parent")
	child := d.must("add -q child --parent", parent)
	for line, want := range map[string]int{
		"list":                         exit.OK,
		"nosuch":                       exit.Usage,
		"list --nosuch":                exit.Usage,
		"boards nosuch":                exit.Usage,
		"list -o odd":                  exit.Usage,
		"show":                         exit.Usage,
		"add x --max-runtime 0":        exit.Usage,
		"delete --stop " + child:       exit.Usage, // nobody to ask
		"show t_ffffffff":              exit.NotFound,
		"logs " + child:                exit.NotFound,
		"--board ghost list":           exit.NotFound,
		"boards switch ghost":          exit.NotFound,
		"start " + child:               exit.Refused,
		"start --dry-run " + child:     exit.Refused,
		"approve " + child:             exit.Refused,
		"stop " + child:                exit.Refused,
		"dispatch":                     exit.Unavailable,
		"dispatch --dry-run":           exit.Unavailable,
		"gateway status":               exit.Unavailable,
		"gateway stop":                 exit.Unavailable,
		"gateway reload":               exit.Unavailable,
		"wait --timeout 10ms " + child: exit.TimedOut,
	} {
		if a := d.run(line); a.status != want {
			t.Errorf("andon %s ended with %d, want %d: %s", line, a.status, want, a.err)
		}
	}
}

// TestBulk (A6): a handoff is of one task; anything else is tried for all, and
// what failed is told.
func TestBulk(t *testing.T) {
	d := newDesk(t)
	a, b := d.must("add -q a"), d.must("add -q b")
	d.refused(exit.Usage, "complete --summary X", a, b)
	if d.status(a) != "ready" || d.status(b) != "ready" {
		t.Error("a refused handoff changed something")
	}
	said := d.refused(exit.Partly, "complete --result done", a, "t_ffffffff", b)
	if !strings.Contains(said, "t_ffffffff") {
		t.Errorf("it said %s", said)
	}
	if d.status(a) != "done" || d.status(b) != "done" {
		t.Error("one bad id kept the others from being done")
	}
	d.refused(exit.NotFound, "complete t_ffffffff t_fffffffe")
}

// TestPrefix: the start of an id will do, on every verb.
func TestPrefix(t *testing.T) {
	d := newDesk(t)
	id := d.must("add -q x")
	for _, start := range []string{id[:6], id[2:7], strings.ToUpper(id[2:])} {
		if got := d.must("show -q", start); got != id {
			t.Errorf("%s shows %q", start, got)
		}
	}
	d.must("comment", id[2:7], "hello")
	d.must("complete", id[2:7])
	d.must("wait", id[2:7])
	d.must("tail", id[2:7])
}

// TestGhostBoard: a board that does not exist is an error, never another one,
// and is not made.
func TestGhostBoard(t *testing.T) {
	d := newDesk(t)
	d.refused(exit.NotFound, "--board ghost add x")
	d.env["HERMES_KANBAN_BOARD"] = "ghost"
	d.refused(exit.NotFound, "add x")
	d.must("--board default add x")
	delete(d.env, "HERMES_KANBAN_BOARD")
	if got := d.must("boards list -q"); got != "default" {
		t.Errorf("there are the boards %s", got)
	}
}

// TestJSON: with -o json stdout is one document whatever is said beside it, and
// so is an error on stderr.
func TestJSON(t *testing.T) {
	d := newDesk(t)
	made := d.run("add x --lane nowhere --json")
	var task client.TaskCreated
	if err := json.Unmarshal([]byte(made.out), &task); err != nil || task.ID == "" || !task.Created {
		t.Errorf("stdout is %s (%v)", made.out, err)
	}
	if !strings.Contains(made.err, "warning: ") {
		t.Errorf("stderr is %s", made.err)
	}
	failed := d.run("-o json approve", task.ID)
	var e struct{ Error exit.Problem }
	if err := json.Unmarshal([]byte(failed.err), &e); err != nil {
		t.Fatalf("stderr is %s (%v)", failed.err, err)
	}
	if e.Error.ID != task.ID || e.Error.State != "ready" || e.Error.Code != "conflict" || failed.out != "" {
		t.Errorf("it said %+v and printed %q", e.Error, failed.out)
	}
}

// TestIdempotent: the same key makes one task, and the second time says so.
func TestIdempotent(t *testing.T) {
	d := newDesk(t)
	first, second := d.must("add x --idempotency-key k"), d.must("add y --idempotency-key k")
	if !strings.HasPrefix(first, "Created t_") || second != strings.Replace(first, "Created", "Exists", 1) {
		t.Errorf("it said %q, then %q", first, second)
	}
}

// TestG11_Claimed: who claims works with the lease in the environment, and a
// lease that is over changes nothing.
func TestG11_Claimed(t *testing.T) {
	d := newDesk(t)
	id := d.must("add -q --lane me x")
	var lease client.Claim
	if err := json.Unmarshal([]byte(d.must("claim -o json", id)), &lease); err != nil {
		t.Fatal(err)
	}
	d.env["ANDON_TASK"], d.env["ANDON_TOKEN"], d.env["ANDON_RUN_ID"] = id, lease.Token, strconv.FormatInt(lease.Run, 10)
	d.refused(exit.Unavailable, "heartbeat") // a run never opens the boards itself
	d.listen()
	d.must("heartbeat --note half")
	d.must("complete --summary did")
	d.refused(exit.Stale, "complete --summary again")
	d.refused(exit.Stale, "list") // a credential ends with its run
	delete(d.env, "ANDON_TASK")
	if runs := d.must("runs -o jsonl", id); !strings.Contains(runs, `"summary":"did"`) {
		t.Errorf("the run is %s", runs)
	}
}

// TestReference: command lines written for the reference system stay valid.
func TestReference(t *testing.T) {
	d := newDesk(t)
	id := d.must("create -q", "a task")
	for _, line := range []string{
		"init", "boards", "boards ls", "boards new web --name Web --icon w --color red", "boards use web", "boards current", "boards use default",
		"boards rename web Shop", "boards set-default-workdir web /tmp", "boards rm web",
		"create x --assignee ops --parent ID --workspace scratch --tenant t --priority 2 --max-runtime 2h --max-retries 3 --skill a --json",
		"create x --triage --created-by me", "create x --initial-status blocked", "create x --workspace dir:/tmp",
		"ls --mine --status ready --tenant t --archived --sort priority-desc --json", "list --session s",
		"show ID --json", "assign ID ops", "reassign ID none --reason r", "comment ID some words --author bob",
		"context ID", "runs ID --json", "stats --json", "assignees --json", "diag --severity error --task ID --json",
		"block ID because --ids", "unblock ID", "schedule ID later on", "unblock ID", "promote ID --force a reason --json",
		"notify-list --json", "gc --event-retention-days 30 --log-retention-days 30",
		"complete ID --result r --summary s --metadata {\"a\":1}", "edit ID --result better", "tail ID --interval 0.5", "archive ID", "archive --rm ID --yes",
	} {
		words := strings.Fields(strings.ReplaceAll(line, "ID", id))
		if words[len(words)-1] == "--ids" {
			words[len(words)-1] = "--ids=" + id
		}
		if a := d.run("", words...); a.status != exit.OK {
			t.Errorf("andon %s ended with %d: %s", line, a.status, a.err)
		}
	}
}

// TestExamples: every command shows how it is used, and says what it is for.
func TestExamples(t *testing.T) {
	root := cli.NewRoot(clitest.New(t, nil).Factory)
	root.SetOut(io.Discard)
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		if name := cmd.Name(); name == "help" || name == "completion" || strings.HasPrefix(name, "__") {
			return
		}
		if !strings.Contains(cmd.Example, "$ andon") && !strings.Contains(cmd.Example, "| andon") {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
		if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") {
			t.Errorf("%s is described as %q", cmd.CommandPath(), cmd.Short)
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(root)
}
