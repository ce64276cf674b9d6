package browser

import "testing"

// Boards are made, renamed, archived and restored; what is looked at and what
// commands use are two things.
func TestBoardsAreMadeAndSelected(t *testing.T) {
	h := newHome(t, lanes)
	h.add("stays here", "--lane", "ours")
	p := h.browse()
	p.Open("/boards")
	p.Click(`role=button[name="New board"]`)
	p.Type(`role=dialog >> role=textbox[name="Name"]`, "The other side")
	p.Press("Enter")
	p.Until(`location.pathname === '/b/the-other-side'`)
	if now := h.selected(); now != "default" {
		t.Errorf("commands use %s now", now)
	}

	p.Open("/boards")
	p.Click(`role=button[name="Rename The other side"]`)
	p.Type(`role=dialog >> role=textbox[name="Name"]`, "Beyond")
	p.Press("Enter")
	p.Click(`role=button[name="Archive Beyond"]`)
	p.Eventually("Beyond is archived")
	p.Click(`role=button[name="Restore Beyond"]`)
	p.Click(`role=button[name="Select for commands: Beyond"]`)
	p.Eventually("Commands use Beyond now")
	if now := h.selected(); now != "the-other-side" {
		t.Errorf("commands use %s", now)
	}
}

// What is done on a board is done on that one, whichever commands use.
func TestActsAreOfTheBoardThatIsShown(t *testing.T) {
	h := newHome(t, lanes)
	h.andon("boards", "create", "other")
	kept := h.add("the namesake", "--lane", "ours")
	gone := h.add("the namesake", "--lane", "ours", "--board", "other")
	moved := h.add("moves on", "--lane", "ours", "--board", "other")
	p := h.browse()
	p.Open("/b/other")

	p.Click(card("the namesake"), "ctrl")
	p.Click(`role=toolbar[name="Selected tasks"] >> role=button[name="Delete"]`)
	p.Type(`role=dialog >> role=textbox[name="Number of tasks"]`, "1")
	p.Press("Enter")
	p.Gone(card("the namesake"))
	p.Lift(card("moves on"))
	p.DropOn(`role=region[name^="Done, "]`)
	p.See(inColumn("Done", "moves on"))
	if s := h.status(kept); s != "ready" {
		t.Errorf("on the board that commands use, it is %s", s)
	}
	var there struct{ Items []struct{ ID, Status string } }
	h.ask(&there, "list", "--board", "other")
	if len(there.Items) != 1 || there.Items[0].ID != moved || there.Items[0].Status != "done" {
		t.Errorf("without %s the other board has %+v", gone, there.Items)
	}
}

// selected is the board that commands use.
func (h *home) selected() string {
	h.Helper()
	var boards struct {
		Items []struct {
			Slug    string
			Current bool
		}
	}
	h.ask(&boards, "boards", "list")
	for _, b := range boards.Items {
		if b.Current {
			return b.Slug
		}
	}
	return ""
}
