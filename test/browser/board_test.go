package browser

import "testing"

func TestBoardShowsEveryStatus(t *testing.T) {
	h := newHome(t, lanes)
	h.add("an idea", "--triage")
	h.add("later", "--lane", "quick", "--until", "+2h")
	first := h.add("free to take", "--lane", "ours")
	h.add("after that", "--lane", "ours", "--parent", first)
	h.reaches(h.add("under way", "--lane", "slow"), "running")
	h.reaches(h.add("in doubt", "--lane", "asks"), "blocked")
	h.reaches(h.add("to be judged", "--lane", "careful"), "review")
	h.reaches(h.add("finished", "--lane", "quick"), "done")

	p := h.browse()
	p.Open("/b/default")
	for column, card := range map[string]string{
		"Triage": "an idea", "Scheduled": "later", "Ready": "free to take", "To do": "after that",
		"Running": "under way", "Blocked": "in doubt", "Review": "to be judged", "Done": "finished",
	} {
		p.See(inColumn(column, card))
	}
	p.Eventually("compiling 12 files")
	p.Eventually("Which colour should it have?")
	p.Eventually("waiting for " + first)
}

// inColumn describes a card by a part of its title, and the column it stands in.
func inColumn(column, title string) string {
	return `role=region[name^="` + column + `, "] >> ` + card(title)
}

func card(title string) string { return `role=option[name*="` + title + `"]` }
