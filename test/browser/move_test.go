package browser

import (
	"strings"
	"testing"
)

func TestDragByMouse(t *testing.T) {
	h := newHome(t, lanes)
	id := h.add("carry me", "--lane", "ours")
	p := h.browse()
	p.Open("/b/default")

	p.Lift(card("carry me"))
	p.Until(lit("archived,blocked,done,scheduled"))
	p.DropOn(`role=region[name^="Done, "]`)
	p.See(inColumn("Done", "carry me"))
	p.Eventually("“carry me” moved to Done")
	h.reaches(id, "done")
}

func TestDragByFinger(t *testing.T) {
	h := newHome(t, lanes)
	id := h.add("carry me", "--lane", "ours")
	p := h.browse()
	p.Phone()
	p.Open("/b/default")

	p.Touch(card("carry me"))
	p.Until(lit("archived,blocked,done,scheduled")) // held long enough
	p.Slide(`role=region[name^="Done, "]`)
	p.Until(`document.querySelector('.column.over')?.dataset.column === 'done'`)
	p.LetGo()
	p.See(inColumn("Done", "carry me"))
	h.reaches(id, "done")
}

func TestDragByKeyboard(t *testing.T) {
	h := newHome(t, lanes)
	id := h.add("carry me", "--lane", "ours")
	p := h.browse()
	p.Open("/b/default")

	p.Press("Down", "m")
	p.Eventually("1 task to Blocked. Left and right choose, Enter drops, Escape cancels.")
	p.Press("Right")
	p.Eventually("1 task to Done.")
	p.Press("Enter")
	p.See(inColumn("Done", "carry me"))
	h.reaches(id, "done")
}

func TestDragIsCancelled(t *testing.T) {
	h := newHome(t, lanes)
	id := h.add("leave me", "--lane", "ours")
	p := h.browse()
	p.Open("/b/default")

	p.Lift(card("leave me"))
	p.Until(lit("archived,blocked,done,scheduled"))
	p.Press("Escape")
	p.Until(lit(""))
	p.DropOn(`role=region[name^="Done, "]`)
	p.Press("Down", "m")
	p.Eventually("1 task to ")
	p.Press("Escape")
	p.Until(lit(""))

	// to where it may not go
	p.Lift(card("leave me"))
	p.Until(`document.querySelector('[data-column=running] header').innerText.includes('not here')`)
	p.Over(`role=region[name^="Running, "]`)
	p.Eventually("not to Running")
	p.DropOn(`role=region[name^="Running, "]`)
	p.Until(lit(""))
	p.See(inColumn("Ready", "leave me"))
	if got := h.status(id); got != "ready" {
		t.Errorf("it is %s", got)
	}
}

func TestMoveIsUndone(t *testing.T) {
	h := newHome(t, lanes)
	id := h.add("there and back", "--lane", "ours")
	p := h.browse()
	p.Open("/b/default")

	p.Lift(card("there and back"))
	p.DropOn(`role=region[name^="Done, "]`)
	p.Click(`role=button[name="Undo z"]`)
	p.See(inColumn("Ready", "there and back"))
	p.Eventually("Undone")
	h.reaches(id, "ready")

	p.Lift(card("there and back"))
	p.DropOn(`role=region[name^="Blocked, "]`)
	p.See(inColumn("Blocked", "there and back"))
	p.Eventually("moved to Blocked")
	p.Press("z")
	p.See(inColumn("Ready", "there and back"))
	h.reaches(id, "ready")
}

func TestSeveralAreMoved(t *testing.T) {
	h := newHome(t, lanes)
	for _, title := range []string{"one", "two", "three", "four"} {
		h.add("number "+title, "--lane", "ours")
	}
	p := h.browse()
	p.Open("/b/default")

	p.Click(card("number one"), "ctrl")
	p.Click(card("number three"), "shift")
	p.Eventually("3 selected")
	p.Lift(card("number two"))
	p.DropOn(`role=region[name^="Done, "]`)
	p.See(`role=region[name="Done, 3 tasks"]`)
	p.See(inColumn("Ready", "number four"))
	p.Eventually("3 tasks moved to Done")
	p.Press("z")
	p.See(`role=region[name="Ready, 4 tasks"]`)
}

func TestBulkBar(t *testing.T) {
	h := newHome(t, lanes)
	ids := []string{h.add("number one", "--lane", "ours"), h.add("number two", "--lane", "ours")}
	p := h.browse()
	p.Open("/b/default")

	p.Press("Down", "ctrl+a")
	bar := `role=toolbar[name="Selected tasks"] >> `
	p.Choose(bar+`role=combobox[name="Priority…"]`, "20")
	p.Count(2, `role=option[name*="P20"]`)
	p.Choose(bar+`role=combobox[name="Give to…"]`, "quick")
	for _, id := range ids {
		h.reaches(id, "done")
	}
	p.See(`role=region[name="Done, 2 tasks"]`)

	p.Click(bar + `role=button[name="Comment"]`)
	p.Type(`role=dialog >> role=textbox[name="Comment"]`, "well done, both")
	p.Press("Enter")
	p.Eventually("2 tasks commented on")
	p.Click(bar + `role=button[name="Delete"]`)
	p.Type(`role=dialog >> role=textbox[name="Number of tasks"]`, "2")
	p.Press("Enter")
	p.Gone(card("number"))
	p.Eventually("This board is empty")
}

// A verdict that sends work back asks for the reason, and the next run reads it.
func TestMoveAsksForAReason(t *testing.T) {
	h := newHome(t, lanes)
	id := h.add("to be judged", "--lane", "careful")
	h.reaches(id, "review")
	p := h.browse()
	p.Open("/b/default")

	p.Lift(card("to be judged"))
	p.DropOn(`role=region[name^="Ready, "]`)
	p.Eventually("What is to be changed?")
	p.Type(`role=dialog >> role=textbox[name="Reason"]`, "it has no tests")
	p.Press("Enter")
	p.Eventually("moved to Ready")
	if seen := h.andon("show", id); !strings.Contains(seen, "it has no tests") {
		t.Errorf("the reason is lost:\n%s", seen)
	}
}

// lit is true while exactly these columns are.
func lit(columns string) string {
	return `[...document.querySelectorAll('.column.lit')].map(c => c.dataset.column).sort().join() === ` + quote(columns)
}

func TestSeveralByFinger(t *testing.T) {
	h := newHome(t, lanes)
	for _, title := range []string{"one", "two", "three"} {
		h.add("number "+title, "--lane", "ours")
	}
	p := h.browse()
	p.Phone()
	p.Open("/b/default")

	p.Touch(card("number one"))
	p.Until(lit("archived,blocked,done,scheduled"))
	p.LetGo() // held, and not carried away
	p.Eventually("1 selected")
	p.Tap(card("number three"))
	p.Eventually("2 selected")
	p.Touch(card("number three"))
	p.Until(lit("archived,blocked,done,scheduled"))
	p.Slide(`role=region[name^="Done, "]`)
	p.Until(`document.querySelector('.column.over')?.dataset.column === 'done'`)
	p.LetGo()
	p.See(`role=region[name="Done, 2 tasks"]`)
	p.See(`role=region[name="Ready, 1 task"]`)
}

func TestSeveralByKeyboard(t *testing.T) {
	h := newHome(t, lanes)
	for _, title := range []string{"one", "two", "three"} {
		h.add("number "+title, "--lane", "ours")
	}
	p := h.browse()
	p.Open("/b/default")
	p.See(`role=region[name="Ready, 3 tasks"]`)

	p.Press("Down", "x", "Down", "x", "m")
	p.Eventually("2 tasks to Blocked.")
	p.Press("Right")
	p.Eventually("2 tasks to Done.")
	p.Press("Enter")
	p.See(`role=region[name="Done, 2 tasks"]`)
	p.Until(onCard("number two"))
	p.Press("z")
	p.See(`role=region[name="Ready, 3 tasks"]`)
	p.Eventually("Undone for 2 tasks")
	p.Until(onCard("number two"))
}

// What cannot be done to some of them is told of each, and those stay selected.
func TestSomeAreLeft(t *testing.T) {
	h := newHome(t, lanes)
	busy := h.add("the busy one", "--lane", "slow")
	h.reaches(busy, "running")
	free := h.add("the free one", "--lane", "ours")
	p := h.browse()
	p.Open("/b/default")

	p.Click(card("the busy one"), "ctrl")
	p.Click(card("the free one"), "ctrl")
	p.Choose(`role=toolbar[name="Selected tasks"] >> role=combobox[name="Give to…"]`, "quick")
	p.Eventually("“the free one” given to another lane")
	p.Until(`/1 task left as it was\s+“the busy one”: task ` + busy + ` is running/.test(document.querySelector('[role=alert]')?.innerText)`)
	p.Eventually("1 selected")
	p.See(`role=option[name*="the busy one"]`)
	h.reaches(free, "done")
	p.Click(`role=alert >> role=button[name="Close"]`)
	p.Gone(`role=alert`)
}

// The focus does not get lost with what it was on.
func TestFocusIsKept(t *testing.T) {
	h := newHome(t, lanes)
	asked := h.add("in doubt", "--lane", "asks", "--priority", "5")
	h.reaches(asked, "blocked")
	h.add("carry me", "--lane", "ours")
	h.add("the next one", "--lane", "ours")
	p := h.browse()
	p.Open("/b/default")
	p.See(card("carry me"))

	p.Press("Down", "m")
	p.Eventually("1 task to Blocked.")
	p.Press("Enter")
	p.See(inColumn("Blocked", "carry me"))
	p.Until(onCard("carry me"))
	p.Press("z")
	p.See(inColumn("Ready", "carry me"))
	p.Until(onCard("carry me"))
	p.Press("e")
	p.Eventually("archived")
	p.Until(onCard("the next one"))
	p.Press("f")
	p.Until(`document.activeElement.closest('[data-column]')?.dataset.column === 'ready'`)

	p.Open("/b/default/t/" + asked)
	p.Type(`role=textbox[name="Answer"]`, "emerald")
	p.Press("ctrl+Enter")
	p.Gone(`role=textbox[name="Answer"]`)
	p.Until(`document.activeElement.closest('aside')`)
}
