package browser

import "testing"

// hostile would run a script in a page that takes texts for markup, and steer a
// terminal that takes them for its own.
const hostile = `<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>"'><svg onload=window.pwned=1>[x](javascript:window.pwned=1)`

const hostileLanes = `
dispatch: {max_attempts: 1, stop_grace: 200ms, pause_after: 0, min_free: 0}
lanes:
  shouts:
    description: '<img src=x onerror="window.pwned=1">'
    done_when: reported
    command: [sh, -c, 'cat hostile; printf "\033]0;title\007\033[2J\033]52;c;eA==\007"; andon comment $ANDON_TASK "$(cat hostile)"; andon complete --summary "$(cat hostile)" --artifact page.html']
  wonders: {done_when: reported, command: [sh, -c, 'andon block "$(cat hostile)"']}
  fails: {command: [sh, -c, 'cat hostile >&2; exit 1']}
`

// Whatever a text says, it is shown, and nothing of it is done.
func TestG32_HostileTextsAreTexts(t *testing.T) {
	h := newHome(t, hostileLanes)
	h.write("hostile", hostile)
	h.write("page.html", "<script>window.pwned=1</script>")
	at := []string{"--workspace", "dir:" + h.dir, "--body", hostile, "--tenant", "<b onclick=pwned>"}
	ids := map[string]string{}
	for lane, end := range map[string]string{"shouts": "done", "wonders": "blocked", "fails": "blocked"} {
		ids[lane] = h.add(hostile+lane, append(at, "--lane", lane)...)
		h.reaches(ids[lane], end)
	}
	h.andon("comment", ids["fails"], hostile)
	child := h.add("child of "+hostile, "--parent", ids["wonders"])

	p := h.browse()
	for _, path := range []string{"/inbox", "/b/default", "/b/default/graph", "/b/default/graph?as=list", "/fleet", "/boards", "/settings", "/b/default/t/" + child} {
		p.Open(path)
		p.Still()
		p.unharmed(path)
	}
	for _, id := range ids {
		for _, tab := range []string{"1", "2", "3", "4", "5", "6"} {
			p.Open("/b/default/t/" + id)
			p.Press(tab)
			p.Still()
			p.unharmed(id + " " + tab)
		}
	}
	p.Open("/b/default?text=onerror")
	p.See(inColumn("Done", "shouts"))
}

// unharmed fails the test if a script of a text has run, or would on a click.
func (p *page) unharmed(where string) {
	p.Helper()
	if eval[bool](p, `window.pwned === 1 || document.title === 'title'`) {
		p.Errorf("%s: a text was obeyed", where)
	}
	if found := eval[string](p, `[...document.querySelectorAll('[onerror], [onload], [onclick], [href^="javascript:" i], img[src=x]')].map(e => e.outerHTML).join('\n')`); found != "" {
		p.Errorf("%s: a text became markup: %s", where, found)
	}
}
