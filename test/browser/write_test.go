package browser

import "testing"

func TestCreateDialog(t *testing.T) {
	h := newHome(t, lanes)
	parent := h.add("the foundation", "--lane", "ours")
	p := h.browse()
	p.Open("/b/default")

	p.Click(`role=button[name="New task"]`)
	form := `role=dialog[name="New task"] >> `
	p.Type(form+`role=textbox[name="Title"]`, "the roof")
	p.Type(form+`role=textbox[name="Text"]`, "with *tiles*")
	p.Click(form + `role=radio[name^="ours"]`)
	p.Type(form+`role=combobox[name="Waits for"]`, "foundation")
	p.Click(form + `role=option[name*="the foundation"]`)
	p.Type(form+`role=spinbutton[name="Priority"]`, "7")
	p.Type(form+`role=combobox[name="Tenant"]`, "acme")
	p.Click(form + `role=button[name="Create"]`)
	p.See(inColumn("To do", "the roof"))
	p.Eventually("waiting for " + parent)

	var task struct {
		Items []struct{ Title, Body, Assignee, Tenant, Status string }
	}
	h.ask(&task, "list", "--status", "todo")
	if len(task.Items) != 1 {
		t.Fatalf("%+v", task.Items)
	}
	if got := task.Items[0]; got.Tenant != "acme" || got.Assignee != "ours" {
		t.Errorf("%+v", got)
	}
}

// Nothing needs a mouse: a task is written, selected, moved and opened.
func TestKeyboardOnly(t *testing.T) {
	h := newHome(t, lanes)
	h.add("so that there is a board", "--lane", "ours", "--priority", "-1")
	p := h.browse()
	p.Open("/b/default")

	p.Press("c")
	p.See(`role=dialog[name="New task"]`)
	p.Insert("by keys alone")
	p.Press("ctrl+Enter")
	p.See(inColumn("Ready", "by keys alone"))
	p.Gone(`role=dialog`)
	p.Press("Down", "m", "Right", "Enter")
	p.See(inColumn("Done", "by keys alone"))
	p.Press("Enter")
	p.Until(`location.pathname.startsWith('/b/default/t/t_')`)
	p.See(`role=complementary[name="by keys alone"]`)
	p.Press("Escape")
	p.Until(`location.pathname === '/b/default'`)
}

func TestCommandPalette(t *testing.T) {
	h := newHome(t, lanes)
	id := h.add("paint the fence", "--lane", "ours")
	p := h.browse()
	p.Open("/b/default")

	p.Press("ctrl+k")
	p.See(`role=dialog[name="Commands"]`)
	p.Insert("settings")
	p.See(`role=option[name^="Go to Settings"]`)
	p.Press("Enter")
	p.Until(`location.pathname === '/settings'`)
	p.Press("ctrl+k")
	p.See(`role=dialog[name="Commands"]`)
	p.Insert("fence")
	p.Click(`role=option[name*="paint the fence"]`)
	p.Until(`location.pathname === '/b/default/t/` + id + `'`)

	h.andon("boards", "create", "other")
	elsewhere := h.andon("--board", "other", "add", "mow the lawn", "-q")
	for _, typed := range []string{"lawn", elsewhere} {
		p.Open("/b/default")
		p.Press("ctrl+k")
		p.See(`role=dialog[name="Commands"]`)
		p.Insert(typed)
		p.See(`role=option[name*="other · ` + elsewhere + `"]`)
		p.Press("Enter")
		p.Until(`location.pathname === '/b/other/t/` + elsewhere + `'`)
	}
}

func TestHelpSheet(t *testing.T) {
	h := newHome(t, lanes)
	h.add("anything", "--lane", "ours")
	p := h.browse()
	p.Open("/b/default")
	p.Press("?")
	p.See(`role=dialog[name="Keyboard shortcuts"]`)
	p.Eventually("Carry to another column")
	p.Press("Escape")
	p.Gone(`role=dialog`)
}

func TestCordIsOneKeyAway(t *testing.T) {
	h := newHome(t, lanes)
	h.add("anything", "--lane", "ours")
	p := h.browse()
	p.Open("/b/default")

	p.Press("!")
	p.Type(`role=dialog[name="Stop the line"] >> role=textbox[name^="Why"]`, "smoke in the hall")
	p.Click(`role=dialog >> role=button[name="Stop the line"]`)
	p.Eventually("smoke in the hall")
	id := h.add("does not start", "--lane", "quick")
	p.See(inColumn("Ready", "does not start"))
	p.Click(`role=button[name="Resume"]`)
	p.See(inColumn("Done", "does not start"))
	h.reaches(id, "done")
}
