package browser

import "testing"

func TestFleet(t *testing.T) {
	h := newHome(t, lanes)
	p := h.browse()
	p.Open("/fleet")
	p.Eventually("No worker is at work.")
	for _, title := range []string{"one", "two", "three"} {
		h.add("number "+title, "--lane", "slow")
	}
	p.Eventually("2 workers at work")
	p.Eventually("compiling 12 files")
	p.Eventually("No room below a cap")
	p.Click(`role=button[name="Pause ours"]`)
	p.See(`role=button[name="Resume ours"]`)
	p.Click(`role=button[name="Stop number one"]`)
	p.Eventually("“number one” is stopped and held")
	p.Until(`document.body.innerText.includes('number three')`)
}

// The figures are the API's, of all boards, and so are the charts.
func TestFleetTellsTheTruth(t *testing.T) {
	h := newHome(t, lanes)
	h.reaches(h.add("is done", "--lane", "quick"), "done")
	h.reaches(h.add("has failed", "--lane", "broken"), "blocked")
	h.reaches(h.add("asks", "--lane", "asks"), "blocked")
	for _, title := range []string{"one", "two", "three"} {
		h.add("number "+title, "--lane", "slow")
	}
	free := h.add("free to take", "--lane", "ours")
	h.add("after that", "--lane", "ours", "--parent", free)
	h.andon("boards", "create", "other")
	h.andon("--board", "other", "add", "elsewhere", "--lane", "ours")
	h.andon("--board", "other", "add", "nobody's")

	p := h.browse()
	p.Open("/fleet")
	p.Eventually("2 workers at work")
	for _, figure := range []string{"2/8 running", "4 ready", "2 blocked", "1 waiting for other tasks"} {
		p.Until(`document.querySelector('.fleet').innerText.replace(/\s+/g, ' ').includes(` + quote(figure) + `)`)
	}
	p.Until(`fetch('/api/v1/gateway').then(r => r.json()).then(g => document.querySelector('.figures strong').textContent === g.runs + '/' + g.max_parallel)`)
	p.Until(`Promise.all(['default', 'other'].map(b => fetch('/api/v1/boards/' + b + '/lanes').then(r => r.json()))).then(all => {
		const sum = {}
		for (const l of all.flatMap(a => a.items)) {
			const s = (sum[l.name] ??= { running: 0, ready: 0, blocked: 0, cap: l.max_parallel, known: l.known })
			s.running += l.running; s.ready += l.counts.ready ?? 0; s.blocked += l.counts.blocked ?? 0
		}
		const rows = [...document.querySelectorAll('table')].find(t => t.caption.innerText === 'Lanes').tBodies[0].rows
		return Object.entries(sum).filter(([, s]) => s.known).every(([name, s]) => [...rows].some(r => r.cells[0].innerText === name &&
			r.cells[1].innerText.trim() === s.running + (s.cap ? '/' + s.cap : '') && Number(r.cells[2].innerText) === s.ready && Number(r.cells[3].innerText) === s.blocked))
	})`)

	for why, titles := range map[string][]string{
		"No room below a cap":                                {"number three"},
		"Waiting to be claimed by workers that others start": {"free to take", "elsewhere"},
		"No lane, or none of that name":                      {"nobody's"},
	} {
		for _, title := range titles {
			p.Until(`[...document.querySelectorAll('section li')].some(e => e.innerText.includes(` + quote(why) + `) && e.innerText.includes(` + quote(title) + `))`)
		}
	}

	p.Allow("willReadFrequently")
	p.Eventually("1 done, 1 failed")
	for _, series := range []string{"--good", "--bad"} {
		p.Until(`(e => {
			e.style.color = 'var(` + series + `)'
			const want = getComputedStyle(e).color.match(/\d+/g).slice(0, 3).map(Number)
			e.style.color = ''
			const canvas = document.querySelector('figure canvas')
			const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
			let n = 0
			for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255 && want.every((c, k) => Math.abs(data[i + k] - c) < 3)) n++
			return n > 50
		})(document.querySelector('figure'))`)
	}
}

// A lane that is paused starts nothing until it is resumed.
func TestLaneIsPausedAndResumed(t *testing.T) {
	h := newHome(t, lanes)
	h.add("so that there is a board", "--lane", "ours")
	p := h.browse()
	p.Open("/fleet")
	p.Click(`role=button[name="Pause quick"]`)
	p.See(`role=button[name="Resume quick"]`)
	id := h.add("wait for it", "--lane", "quick")
	p.Until(`[...document.querySelectorAll('section li')].some(e => e.innerText.includes('Paused, or the cord was pulled') && e.innerText.includes('wait for it'))`)
	if got := h.status(id); got != "ready" {
		t.Errorf("it is %s", got)
	}
	p.Click(`role=button[name="Resume quick"]`)
	h.reaches(id, "done")
	p.See(`role=button[name="Pause quick"]`)
	p.Until(`!document.querySelector('.fleet').innerText.includes('wait for it')`)
}

// The arrows go from row to row, from one table to the next.
func TestFleetByKeyboard(t *testing.T) {
	h := newHome(t, lanes)
	h.reaches(h.add("busy", "--lane", "slow"), "running")
	p := h.browse()
	p.Open("/fleet")
	p.Eventually("1 worker at work")
	row := func(text string) {
		t.Helper()
		p.Until(`document.activeElement.closest('tr')?.innerText.startsWith(` + quote(text) + `)`)
	}
	p.Press("Down")
	row("busy")
	p.Press("j")
	row("asks")
	p.Press("Down")
	row("broken")
	p.Press("Up", "k")
	row("busy")
	p.Press("Enter")
	p.Until(`location.pathname.startsWith('/b/default/t/')`)
}
