package browser

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// item is one thing of the inbox, by what it is and what it is about.
func item(kind, about string) string { return fmt.Sprintf(`role=article[name^="%s: %s"]`, kind, about) }

const plannerLanes = `
planner: {lane: boss}
dispatch: {max_attempts: 1, stop_grace: 200ms, backoff: {initial: 10ms, max: 50ms}, min_free: 0, pause_after: 0}
lanes:
  builder: {command: [sh, -c, 'echo built']}
  boss:
    command:
      - sh
      - -c
      - |
        echo '{"rationale": "Two steps are **enough**.", "title": null, "body": null, "assignee": null, "tasks": [{"key": "dig", "title": "Dig the hole", "body": "Two metres deep.", "assignee": "builder", "parents": []}, {"key": "fill", "title": "Fill it with water", "body": null, "assignee": "builder", "parents": ["dig"]}]}'
`

// An idea is split by the planner while one looks, and its plan approved: all from the
// inbox.
func TestPlanIsApprovedInTheInbox(t *testing.T) {
	h := newHome(t, plannerLanes)
	idea := h.add("A pond in the garden", "--triage", "--lane", "builder")
	p := h.browse()
	p.Open("/inbox")
	p.Click(item("Triage", "A pond in the garden") + ` >> role=button[name="Let the planner split it"]`)
	plan := item("Plan", "A pond in the garden")
	p.See(plan)
	p.Eventually("Dig the hole")
	p.Eventually("after dig")
	p.Click(plan + ` >> role=button[name="Approve the plan"]`)
	p.Gone(plan)
	h.reaches(idea, "done")
	p.Eventually("Nothing waits for you")
}

// A plan that is rejected goes with a reason, and the idea is one again.
func TestPlanIsRejectedInTheInbox(t *testing.T) {
	h := newHome(t, plannerLanes)
	idea := h.add("A pond in the garden", "--triage", "--lane", "builder")
	h.andon("decompose", idea)
	p := h.browse()
	p.Open("/inbox")
	p.Click(item("Plan", "A pond") + ` >> role=button[name="Reject"]`)
	p.Type(`role=dialog >> role=textbox[name="Why"]`, "too deep")
	p.Click(`role=dialog >> role=button[name="Reject"]`)
	p.See(item("Triage", "A pond"))
	if got := h.andon("plan", "show", idea); !strings.Contains(got, "too deep") {
		t.Errorf("the plan is\n%s", got)
	}
}

// A run that used more than it may is ended; more is allowed in the inbox, in money,
// and it goes on.
func TestBudgetIsRaisedInTheInbox(t *testing.T) {
	h := newHome(t, lanes+`  dear:
    metered: true
    done_when: reported
    budget: {run: 2USD, task: 2USD}
    command: [sh, -c, 'andon heartbeat --cost 1.50USD; if [ -e "$HOME/cheap" ]; then exec andon complete --summary built; fi; andon heartbeat --cost 2.40USD; exec sleep 600']
`)
	id := h.add("Train a model", "--lane", "dear")
	h.reaches(id, "blocked")
	h.write("cheap", "")
	p := h.browse()
	p.Open("/inbox")
	budget := item("Budget", "Train a model")
	p.Eventually("more than the 2.00USD it may use")
	p.Click(budget + ` >> role=button[name="Raise…"]`)
	more := `role=dialog >> role=textbox[name^="How much more"]`
	p.Type(more, "five euros")
	p.Press("Enter")
	p.Eventually("That is no amount")
	p.Click(budget + ` >> role=button[name="Raise…"]`)
	p.Type(more, "5USD")
	p.Press("Enter")
	p.Gone(budget)
	h.reaches(id, "done")
}

// A lane whose tasks fail alike pauses; once mended, the inbox lets it try again.
func TestPausedLaneIsTriedAgainInTheInbox(t *testing.T) {
	h := newHome(t, strings.Replace(lanes, "pause_after: 0", "pause_after: 2", 1)+`  flaky: {command: [sh, -c, 'test -e "$HOME/mended" || { echo "no login" >&2; exit 1; }']}
`)
	for _, title := range []string{"one", "two", "three"} {
		h.add(title, "--lane", "flaky")
	}
	p := h.browse()
	p.Open("/inbox")
	paused := item("Paused", "The lane flaky")
	p.See(paused)
	p.Eventually("failed alike")
	h.write("mended", "")
	p.Click(paused + ` >> role=button[name="Try again"]`)
	p.Gone(paused)
	p.Until(`!document.body.innerText.includes('is paused')`)
}

// What somebody stopped, an account too, is told with who and why, and resumed.
func TestStoppedAccountIsResumedInTheInbox(t *testing.T) {
	h := newHome(t, "accounts: {max: {max_parallel: 4}}"+strings.Replace(lanes, "quick: {", "quick: {account: max, ", 1))
	h.andon("pull", "--account", "max", "--reason", "the bill")
	id := h.add("wait for it", "--lane", "quick")
	p := h.browse()
	p.Open("/inbox")
	stopped := item("Stopped", "The account max")
	p.Eventually("pulled the cord: the bill")
	p.Click(stopped + ` >> role=button[name="Resume"]`)
	p.Gone(stopped)
	h.reaches(id, "done")
}

// A message that could not be delivered is sent again from the inbox, once its receiver
// is mended, and arrives.
func TestMessagesAreSentAgainFromTheInbox(t *testing.T) {
	receiver := newHook(t, http.StatusBadRequest)
	h := newHome(t, lanesWith(receiver))
	h.andon("notify", "subscribe", "--sink", "ops", "--kinds", "completed")
	h.reaches(h.add("paint the fence", "--lane", "quick"), "done")
	p := h.browse()
	p.Open("/inbox")
	messages := item("Messages", "default")
	p.See(messages)
	p.Eventually("messages to ops that could not be delivered: 1")
	receiver.answer(http.StatusOK)
	p.Click(messages + ` >> role=button[name="Send them again"]`)
	p.Gone(messages)
	p.Eventually("Nothing waits for you")
	receiver.hears(t, "paint the fence")
}

// A board over whose file another was put stops; once the good file is back, it is
// opened again from the inbox.
func TestLatchedBoardIsOpenedAgainInTheInbox(t *testing.T) {
	h := newHome(t, lanes)
	h.andon("boards", "create", "web")
	h.andon("--board", "web", "add", "from before", "--lane", "ours")
	p := h.browse()
	p.Allow(`50[0-9]`, `409`)
	p.Open("/inbox")
	p.Eventually("Nothing waits for you")

	file := filepath.Join(h.dir, "home", "kanban", "boards", "web", "kanban.db")
	good := filepath.Join(h.dir, "good.db")
	h.andon("backup", "--board", "web")
	rename := func(from, to string) {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	rename(file, good)
	h.write("wrong.db", strings.Repeat("this is no database ", 400))
	rename(filepath.Join(h.dir, "wrong.db"), file)
	latched := item("Board latched", "web")
	p.See(latched)
	rename(good, file)
	p.Click(latched + ` >> role=button[name="Open it again"]`)
	p.Gone(latched)
	p.Eventually("web is open again")
	h.andon("--board", "web", "add", "from after", "--lane", "ours")
}

// A file that is broken on disk waits for somebody, and says what is wrong.
func TestBrokenConfigurationIsInTheInbox(t *testing.T) {
	h := newHome(t, lanes)
	p := h.browse()
	p.Open("/inbox")
	p.Eventually("Nothing waits for you")
	h.configure(lanes + "lane: {}\n")
	broken := item("Configuration", "andon.yaml")
	p.See(broken)
	p.Eventually(`unknown key "lane"`)
	h.configure(lanes)
	p.Gone(broken)
}

// What failed too often is tried again from the inbox, and what was cancelled while
// others wait for it is brought back.
func TestStuckTasksAreDealtWithInTheInbox(t *testing.T) {
	h := newHome(t, strings.Replace(lanes, "echo cannot find the compiler; exit 3", `test -e "$HOME/compiler" || { echo cannot find the compiler; exit 3; }`, 1))
	failed := h.add("compile it", "--lane", "broken")
	h.reaches(failed, "blocked")
	base := h.add("the foundation", "--lane", "ours")
	h.add("the roof", "--lane", "ours", "--parent", base)
	h.andon("cancel", base, "--reason", "no money")
	p := h.browse()
	p.Open("/inbox")
	p.Eventually("the last with")
	p.Open("/b/default/t/" + failed)
	p.Eventually("1 failed in a row, the limit is 1")
	p.Open("/inbox")
	h.write("compiler", "")
	p.Click(item("Given up", "compile it") + ` >> role=button[name="Try again"]`)
	p.Click(`role=dialog >> role=button[name="Try again"]`)
	h.reaches(failed, "done")
	p.Gone(item("Given up", "compile it"))

	dead := item("Dead end", "the foundation")
	p.Click(dead + ` >> role=button[name="Bring back"]`)
	p.Gone(dead)
	held := item("Blocked", "the foundation")
	p.Click(held + ` >> role=button[name="Let it go on"]`)
	p.Gone(held)
	h.reaches(base, "ready")
}

// Work that was handed in is looked at and approved where it waits.
func TestApproveInTheInbox(t *testing.T) {
	h := newHome(t, lanes)
	id := h.add("rewrite the parser", "--lane", "careful")
	h.reaches(id, "review")
	p := h.browse()
	p.Open("/inbox")
	review := item("Review", "rewrite the parser")
	p.Eventually("the parser is rewritten")
	p.Click(review + ` >> role=button[name="Approve"]`)
	h.reaches(id, "done")
	p.Gone(review)
}

// A task that was opened from the inbox closes onto it, and one goes on there.
func TestInboxIsReturnedTo(t *testing.T) {
	h := newHome(t, lanes)
	for _, title := range []string{"in doubt", "not sure"} {
		h.reaches(h.add(title, "--lane", "asks"), "blocked")
	}
	p := h.browse()
	p.Open("/inbox")
	p.See(`role=link[name="not sure"]`)
	p.Press("j", "j")
	second := eval[string](p, `document.activeElement.innerText`)
	p.Press("Enter")
	p.See(`role=complementary[name="` + second + `"]`)
	p.Press("Escape")
	p.Until(`location.pathname === '/inbox'`)
	p.Until(`document.activeElement.innerText === ` + quote(second))
}
