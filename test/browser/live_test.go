package browser

import "testing"

func TestTaskOfTheCommandLineAppears(t *testing.T) {
	h := newHome(t, lanes)
	h.add("the first one", "--lane", "ours")
	p := h.browse()
	p.Open("/b/default")
	p.See(inColumn("Ready", "the first one"))

	h.add("out of nowhere", "--lane", "ours", "--priority", "5")
	p.See(inColumn("Ready", "out of nowhere"))
	p.See(`role=region[name="Ready, 2 tasks"]`)
}

func TestWorkerIsFollowedToItsEnd(t *testing.T) {
	h := newHome(t, lanes)
	h.add("so that there is a board", "--lane", "ours")
	p := h.browse()
	p.Open("/b/default")
	h.add("a quick one", "--lane", "quick")
	p.See(inColumn("Done", "a quick one"))
	h.add("a doomed one", "--lane", "broken")
	p.See(inColumn("Blocked", "a doomed one"))
	p.Eventually("cannot find the compiler")
}

func TestTwoBrowsersSeeTheSame(t *testing.T) {
	h := newHome(t, lanes)
	h.add("between the two", "--lane", "ours")
	ann, bob := h.browse(), h.browse()
	ann.Open("/b/default")
	bob.Open("/b/default")
	bob.See(inColumn("Ready", "between the two"))

	ann.Lift(card("between the two"))
	ann.DropOn(`role=region[name^="Done, "]`)
	bob.See(inColumn("Done", "between the two"))
	bob.Press("Down", "m", "Right", "Enter")
	ann.Gone(inColumn("Done", "between the two"))
}

// What happens while the gateway is dead or away is there once it is back.
func TestG21_BrowserReconnects(t *testing.T) {
	h := newHome(t, lanes)
	h.add("from before", "--lane", "ours")
	p := h.browse()
	p.Allow(`request failed`, `ERR_`, `50[234] `, `Failed to load resource`)
	p.Open("/b/default")
	p.Eventually("Live")

	h.kill()
	p.Eventually("Not connected for")
	p.See(inColumn("Ready", "from before"))
	h.add("while nobody listened", "--lane", "ours")
	h.start()
	h.add("after that", "--lane", "ours")
	p.See(inColumn("Ready", "while nobody listened"))
	p.See(inColumn("Ready", "after that"))
	p.Eventually("Live")
	p.Count(3, `role=region[name="Ready, 3 tasks"] >> role=option`)
}
