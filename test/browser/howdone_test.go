package browser

import (
	"strings"
	"testing"
)

// Who reviews a task, what verifies it and where it works are changed on its page before
// its first run, and shown, with what comes from its lane.
func TestHowATaskIsDoneIsEdited(t *testing.T) {
	h := newHome(t, lanes+`  strict: {preset: external, verify: [[make, lint]], review: {by: careful}}
`)
	id := h.add("paint the fence", "--lane", "strict")
	p := h.browse()
	p.Open("/b/default/t/" + id)
	facts := func(text string) {
		p.Until(`document.querySelector('aside dl').innerText.includes(` + quote(text) + `)`)
	}
	facts("careful, as its lane says")
	facts("make lint")

	p.Click(`role=button[name="Edit"]`)
	p.Choose(`role=complementary >> role=combobox[name="Reviewed by"]`, "human")
	p.Choose(`role=complementary >> role=combobox[name="Verified by"]`, "own")
	p.Type(`role=complementary >> role=textbox[name^="Commands, one a line"]`, `make "all of it`)
	p.Choose(`role=complementary >> role=combobox[name="Workspace"]`, "dir")
	p.Type(`role=complementary >> role=textbox[name="Folder"]`, h.dir)
	p.Press("ctrl+Enter")
	p.Eventually("A quote is not closed in")
	p.Type(`role=complementary >> role=textbox[name^="Commands, one a line"]`, "make test\nsh -c 'test -e done'")
	p.Press("ctrl+Enter")
	facts("A person")
	facts("make test")
	facts("A folder of yours: " + h.dir)
	var task struct {
		Reviewer      string
		Verify        [][]string
		WorkspaceKind string `json:"workspace_kind"`
	}
	h.ask(&task, "show", id)
	if task.Reviewer != "human" || len(task.Verify) != 2 || task.Verify[1][2] != "test -e done" || task.WorkspaceKind != "dir" {
		t.Errorf("%+v", task)
	}

	p.Click(`role=button[name="Edit"]`)
	p.Choose(`role=complementary >> role=combobox[name="Verified by"]`, "none")
	p.Press("ctrl+Enter")
	facts("Nothing")
	h.andon("claim", id)
	h.andon("stop", id)
	p.Click(`role=button[name="Edit"]`)
	p.Eventually("a run has begun there")
	p.Gone(`role=complementary >> role=combobox[name="Workspace"]`)
}

// What waits for something that was put away unfinished says so, on both pages, and goes
// on without it; that can be taken back.
func TestDeadEndsAreOpened(t *testing.T) {
	h := newHome(t, lanes)
	base := h.add("the foundation", "--lane", "ours")
	roof := h.add("the roof", "--lane", "ours", "--parent", base)
	wall := h.add("the wall", "--lane", "ours", "--parent", base)
	h.andon("cancel", base, "--reason", "no money")
	p := h.browse()
	p.Open("/b/default/t/" + roof)
	dead := `role=region[name="Nothing goes on here by itself"] >> `
	p.Eventually("archived, cancelled: the foundation")
	p.Click(dead + `role=button[name="Go on without it"]`)
	h.reaches(roof, "ready")
	p.Gone(`role=region[name="Nothing goes on here by itself"]`)
	p.Press("z")
	h.reaches(roof, "todo")
	p.See(dead + `role=button[name="Go on without it"]`)

	p.Open("/b/default/t/" + base)
	p.Click(dead + `role=button[name="Let 2 tasks go on without it"]`)
	h.reaches(roof, "ready")
	h.reaches(wall, "ready")
	p.Gone(`role=region[name="Nothing goes on here by itself"]`)
	p.Press("z")
	h.reaches(wall, "todo")

	p.Open("/inbox")
	p.Click(item("Dead end", "the foundation") + ` >> role=button[name="Go on without it"]`)
	p.Gone(item("Dead end", "the foundation"))
	h.reaches(wall, "ready")

	h.andon("link", base, roof)
	p.Open("/b/default/t/" + roof)
	p.Click(dead + `role=button[name="Bring ` + base + ` back"]`)
	h.reaches(base, "blocked")
	p.Gone(`role=region[name="Nothing goes on here by itself"]`)
}

// Tenants are chosen from those that the board has, also of tasks that are not in sight,
// and from those that andon.yaml names.
func TestTenantsAreChosenFrom(t *testing.T) {
	h := newHome(t, strings.TrimLeft(lanes, "\n")+"boards: {default: {tenants: {initech: {max_parallel: 1}}}}\n")
	h.add("paint the fence", "--lane", "ours", "--tenant", "acme")
	h.add("mow the lawn", "--lane", "slow")
	p := h.browse()
	p.Open("/b/default?lane=slow")
	p.See(card("mow the lawn"))
	p.Until(`[...document.querySelectorAll('select[aria-label=Tenant] option')].map(o => o.value).join() === ',acme,initech'`)
	p.Click(`role=button[name="Clear filters"]`)
	p.Choose(`role=combobox[name="Tenant"]`, "acme")
	p.Gone(card("mow the lawn"))
	p.Press("c")
	p.Until(`[...document.querySelectorAll('dialog datalist option')].map(o => o.value).join() === 'acme,initech'`)
	p.Type(newTask+`role=textbox[name="Title"]`, "clean the office")
	p.Type(newTask+`role=combobox[name="Tenant"]`, "initech")
	p.Press("ctrl+Enter")
	p.Gone(`role=dialog`)
	p.Choose(`role=combobox[name="Tenant"]`, "initech")
	p.See(card("clean the office"))
}
