package browser

import (
	"testing"
	"time"
)

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
	p.Until(`/Not connected for 1\d s/.test(document.body.innerText)`) // it has tried several times
	p.See(inColumn("Ready", "from before"))
	h.add("while nobody listened", "--lane", "ours")
	h.start()
	back := time.Now()
	p.Eventually("Live")
	if took := time.Since(back); took > 3*time.Second {
		t.Errorf("%v from the gateway's start until the page is connected", took)
	}
	h.add("after that", "--lane", "ours")
	p.See(inColumn("Ready", "while nobody listened"))
	p.See(inColumn("Ready", "after that"))
	p.Count(3, `role=region[name="Ready, 3 tasks"] >> role=option`)
}

// A browser has six connections for a host. However many pages are open, each
// hears what happens, and gets answers.
func TestEightPagesOfOneBrowser(t *testing.T) {
	h := newHome(t, lanes)
	h.add("from before", "--lane", "ours")
	busy := h.add("busy", "--lane", "slow")
	h.reaches(busy, "running")
	pages := []*page{h.browse()}
	for range 7 {
		pages = append(pages, pages[0].Window())
	}
	for _, p := range pages {
		p.Open("/b/default")
		p.See(inColumn("Ready", "from before"))
	}
	h.add("told to all", "--lane", "ours")
	for _, p := range pages {
		p.See(inColumn("Ready", "told to all"))
	}

	var tabs []*page
	for range 7 {
		tab := pages[0].Tab()
		tab.Open("/b/default/t/" + busy)
		tab.Eventually("compiling 12 files") // the log has a connection of its own
		tabs = append(tabs, tab)
	}
	for _, tab := range append(tabs, pages[0]) {
		tab.Front()
		tab.Reload()
		tab.See(inColumn("Ready", "told to all"))
	}
}

// A page that nobody sees hears nothing after a while, and goes on from there.
func TestHiddenPageRests(t *testing.T) {
	h := newHome(t, lanes)
	h.add("from before", "--lane", "ours")
	p := h.browse()
	p.Hurry()
	p.Open("/b/default")
	p.See(inColumn("Ready", "from before"))
	other := p.Tab()
	other.Open("/b/default")
	p.Until(`document.hidden`)
	h.add("meanwhile", "--lane", "ours")
	other.See(inColumn("Ready", "meanwhile"))
	if eval[bool](p, `document.body.textContent.includes('meanwhile')`) {
		t.Error("the hidden page has heard of it")
	}
	p.Front()
	p.See(inColumn("Ready", "meanwhile"))
	h.add("and now", "--lane", "ours")
	p.See(inColumn("Ready", "and now"))
	p.Eventually("Live")
}

// What happens comes with the card that it changed: no page asks for tasks because
// of it. Another filter leaves no second stream open.
func TestEventsLoadNothingAnew(t *testing.T) {
	h := newHome(t, lanes)
	id := h.add("watched", "--lane", "ours")
	p := h.browse()
	p.First(`window.asked = []; window.streams = 0; window.fetch = (real => (what, how) => {
		const path = new URL(what.url ?? what, location).pathname
		asked.push(path)
		if (path.endsWith('/stream')) { streams++; how?.signal?.addEventListener('abort', () => streams--) }
		return real(what, how)
	})(fetch)`)
	p.Open("/b/default")
	p.See(inColumn("Ready", "watched"))
	p.Eventually("Live")
	eval[bool](p, `(asked.length = 0, true)`)

	for range 5 {
		h.andon("comment", id, "so it goes")
	}
	h.add("a new one", "--lane", "ours")
	h.add("a quick one", "--lane", "quick")
	h.andon("block", id, "which colour?")
	h.andon("comment", id, "red")
	p.See(inColumn("Blocked", "watched"))
	p.See(inColumn("Done", "a quick one"))
	p.See(inColumn("Ready", "a new one"))
	if asked := eval[[]string](p, `asked.filter(path => /cards|tasks|events/.test(path))`); len(asked) > 0 {
		t.Errorf("the page asked for %v", asked)
	}

	p.Type(`role=searchbox[name="Words in title or text"]`, "quick")
	p.Gone(card("a new one"))
	h.add("another quick one", "--lane", "quick")
	p.See(inColumn("Done", "another quick one"))
	if open := eval[int](p, `streams`); open > 1 {
		t.Errorf("%d streams are open", open)
	}
}
