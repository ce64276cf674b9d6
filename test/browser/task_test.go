package browser

import (
	"strings"
	"testing"
)

// A worker asks; the answer reaches its next run.
func TestAnswerOnTheTasksPage(t *testing.T) {
	h := newHome(t, lanes)
	id := h.add("paint the fence", "--lane", "asks")
	h.reaches(id, "blocked")
	p := h.browse()
	p.Open("/b/default")
	p.Click(card("paint the fence"))
	p.See(`role=region[name="It asks"]`)
	p.Type(`role=region[name="It asks"] >> role=textbox[name="Answer"]`, "emerald, two coats")
	p.Click(`role=button[name^="Answer and go on"]`)
	h.reaches(id, "done")
	p.Gone(`role=region[name="It asks"]`)
	p.See(inColumn("Done", "paint the fence"))
}

func TestAnswerInTheInbox(t *testing.T) {
	h := newHome(t, lanes)
	id := h.add("paint the fence", "--lane", "asks")
	h.reaches(id, "blocked")
	p := h.browse()
	p.Open("/")
	p.Eventually("Which colour should it have?")
	p.Type(`role=article >> role=textbox[name="Answer"]`, "emerald")
	p.Click(`role=button[name^="Answer and go on"]`)
	h.reaches(id, "done")
	p.Gone(`role=article`)
	p.Eventually("Nothing waits for you")
	h.reaches(h.add("paint the door", "--lane", "asks"), "blocked")
	p.See(`role=article[name*="paint the door"]`)
}

func TestApprove(t *testing.T) {
	h := newHome(t, lanes)
	id := h.add("rewrite the parser", "--lane", "careful")
	h.reaches(id, "review")
	p := h.browse()
	p.Open("/b/default/t/" + id)
	verdict := `role=region[name="Waits for your verdict"] >> `
	p.Eventually("the parser is rewritten")
	p.Click(verdict + `role=button[name="Approve"]`)
	h.reaches(id, "done")
	p.See(inColumn("Done", "rewrite the parser"))
}

// Work is sent back with a reason, without one it is not; the next run reads it.
func TestReject(t *testing.T) {
	h := newHome(t, lanes)
	id := h.add("rewrite the parser", "--lane", "careful")
	h.reaches(id, "review")
	p := h.browse()
	p.Open("/b/default/t/" + id)
	verdict := `role=region[name="Waits for your verdict"] >> `
	p.Click(verdict + `role=button[name="Request changes"]`)
	p.Eventually("Say what is to be changed")
	if got := h.status(id); got != "review" {
		t.Errorf("it is %s", got)
	}
	p.Type(verdict+`role=textbox[name^="What is to be changed"]`, "it has no tests")
	p.Click(verdict + `role=button[name="Request changes"]`)
	p.Eventually("Changes requested of")
	p.Click(`role=tab[name^="Runs"]`)
	p.See(`role=button[name^="Attempt 2"]`)
	if seen := h.andon("context", id); !strings.Contains(seen, "it has no tests") {
		t.Errorf("the next run does not read it:\n%s", seen)
	}
}

func TestTaskIsEdited(t *testing.T) {
	h := newHome(t, lanes)
	id := h.add("paint the fnece", "--lane", "ours")
	p := h.browse()
	p.Open("/b/default/t/" + id)
	p.Click(`role=button[name="Edit"]`)
	p.Type(`role=textbox[name="Title"]`, "paint the fence")
	p.Type(`role=textbox[name="Text"]`, "Both sides, *twice*.")
	p.Press("ctrl+Enter")
	p.See(`role=heading[name="paint the fence"]`)
	p.Until(`document.querySelector('aside em')?.textContent === 'twice'`)
	p.See(card("paint the fence"))

	// somebody else was faster
	p.Click(`role=button[name="Edit"]`)
	h.andon("edit", id, "--title", "paint the gate")
	p.Type(`role=textbox[name="Title"]`, "paint the wall")
	p.Press("ctrl+Enter")
	p.Allow(`409|412`)
	p.Eventually("Somebody has changed this meanwhile")
	p.Click(`role=button[name="Take theirs"]`)
	p.Until(`document.querySelector('aside form input').value === 'paint the gate'`)
}

func TestDependenciesAreEdited(t *testing.T) {
	h := newHome(t, lanes)
	h.add("the foundation", "--lane", "ours")
	id := h.add("the roof", "--lane", "ours")
	p := h.browse()
	p.Open("/b/default/t/" + id)
	p.Type(`role=combobox[name="Let it wait for"]`, "foundation")
	p.Click(`role=complementary >> role=option[name*="the foundation"]`)
	p.See(inColumn("To do", "the roof"))
	p.Click(`role=button[name^="Remove the link to"]`)
	p.See(inColumn("Ready", "the roof"))
}

func TestCommentIsWritten(t *testing.T) {
	h := newHome(t, lanes)
	id := h.add("paint the fence", "--lane", "ours")
	ann, bob := h.browse(), h.browse()
	for _, p := range []*page{ann, bob} {
		p.Open("/b/default/t/" + id)
		p.Click(`role=tab[name^="Comments"]`)
	}
	ann.Type(`role=textbox[name="New comment"]`, "use the **good** brush")
	ann.Press("ctrl+Enter")
	bob.Until(`document.querySelector('aside strong + time') && [...document.querySelectorAll('aside li strong')].some(e => e.textContent === 'good')`)
}

// Output comes as it is printed, in its colours, and can be searched.
func TestLogIsFollowed(t *testing.T) {
	h := newHome(t, lanes+`  chatty: {command: [sh, -c, 'printf "\033[32mgreen light\033[0m\nsecond line\n"; while [ ! -e "$HOME/go-on" ]; do sleep 0.05; done; echo third line']}
`)
	id := h.add("say something", "--lane", "chatty")
	h.reaches(id, "running")
	p := h.browse()
	p.Open("/b/default/t/" + id)
	p.Eventually("second line")
	p.Until(`[...document.querySelectorAll('aside span')].some(e => e.textContent === 'green light' && getComputedStyle(e).color !== getComputedStyle(document.body).color)`)
	p.Type(`role=searchbox[name="Find in the output"]`, "line")
	p.Eventually("1 of 1")
	h.write("go-on", "")
	p.Eventually("third line")
	p.Eventually("2 of 2") // counted from the newest
	h.reaches(id, "done")
	p.Eventually("ended")
}

func TestRunIsStoppedAndRetried(t *testing.T) {
	h := newHome(t, lanes)
	id := h.add("takes for ever", "--lane", "slow")
	h.reaches(id, "running")
	p := h.browse()
	p.Open("/b/default/t/" + id)
	p.Click(`role=group[name="What can be done"] >> role=button[name="Stop"]`)
	h.reaches(id, "blocked")
	p.Click(`role=button[name="Retry…"]`)
	p.Click(`role=dialog >> role=button[name="Try again"]`)
	h.reaches(id, "running")
	p.See(inColumn("Running", "takes for ever"))
	p.See(`role=group[name="What can be done"] >> role=button[name="Stop"]`)
	p.Click(`role=button[name="Reassign…"]`)
	p.Click(`role=dialog >> role=radio[name^="ours"]`)
	p.Click(`role=dialog >> role=button[name="Reassign"]`)
	p.See(inColumn("Ready", "takes for ever"))
}
