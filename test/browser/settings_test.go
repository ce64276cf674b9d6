package browser

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// andonYAML is the home's configuration as it lies on disk.
func (h *home) andonYAML() string {
	h.Helper()
	text, err := os.ReadFile(filepath.Join(h.dir, "home", "andon", "andon.yaml"))
	if err != nil {
		h.Fatal(err)
	}
	return string(text)
}

const versionInForce = `document.querySelector('[data-version]')?.dataset.version`

// A setting counts the moment it is saved, in the file too, which keeps its comments;
// every page shows which version is in force; it can be undone.
func TestSettingActsAtOnce(t *testing.T) {
	h := newHome(t, "# our lanes\n"+lanes)
	h.add("one", "--lane", "slow")
	h.add("two", "--lane", "slow")
	third := h.add("three", "--lane", "slow")
	p, bob := h.browse(), h.browse()
	p.Open("/settings")
	bob.Open("/settings")
	p.Until(versionInForce)
	before := eval[string](p, versionInForce)

	p.Type(`role=textbox[name="Workers at once of lane slow"]`, "3")
	p.Eventually("1 change")
	p.Click(`role=button[name="Save"]`)
	h.reaches(third, "running")
	p.Until(versionInForce + ` !== ` + quote(before))
	now := eval[string](p, versionInForce)
	p.Eventually("changed by")
	p.Gone(`role=button[name="Save"]`)
	bob.Until(versionInForce + ` === ` + quote(now))
	bob.Until(`[...document.querySelectorAll('input')].some(e => e.getAttribute('aria-label') === 'Workers at once of lane slow' && e.value === '3')`)
	if text := h.andonYAML(); !strings.HasPrefix(text, "# our lanes\n") || !strings.Contains(text, "slow: {description: takes its time, max_parallel: 3, ") {
		t.Errorf("andon.yaml is\n%s", text)
	}

	p.Press("z")
	p.Until(versionInForce + ` === ` + quote(before))
	p.Type(`role=textbox[name="Attempts"]`, "4")
	p.Press("Enter")
	p.Gone(`role=button[name="Save"]`)
	if text := h.andonYAML(); !strings.Contains(text, "max_parallel: 2") || !strings.Contains(text, "max_attempts: 4") {
		t.Errorf("andon.yaml is\n%s", text)
	}
}

// A value that cannot be is refused at its field, and what was typed stays; nothing
// is changed.
func TestSettingIsRefused(t *testing.T) {
	h := newHome(t, lanes)
	p := h.browse()
	p.Allow(`422`)
	p.Open("/settings")
	before := h.andonYAML()
	p.Type(`role=textbox[name="Budget of a day"]`, "20 euros")
	p.Type(`role=textbox[name="Attempts"]`, "7")
	p.Press("Enter")
	p.Eventually(`budget.day cannot be "20 euros"`)
	p.Eventually("such as 5USD")
	p.Until(`document.querySelector('[aria-invalid=true]').value === '20 euros'`)
	if h.andonYAML() != before {
		t.Error("andon.yaml was changed")
	}
	p.Type(`role=textbox[name="Budget of a day"]`, "20USD")
	p.Press("Enter")
	p.Gone(`role=button[name="Save"]`)
	if text := h.andonYAML(); !strings.Contains(text, "day: 20USD") || !strings.Contains(text, "max_attempts: 7") {
		t.Errorf("andon.yaml is\n%s", text)
	}
}

// What somebody else has changed meanwhile is not written over unseen.
func TestSettingsOfTwo(t *testing.T) {
	h := newHome(t, lanes)
	p := h.browse()
	p.Allow(`409`)
	p.Open("/settings")
	p.Until(versionInForce)
	eval[bool](p, `Object.defineProperty(document, 'hidden', { value: true }), true`) // and so it does not look again by itself
	h.andon("config", "set", "dispatch.max_parallel", "5")
	p.Type(`role=textbox[name="Attempts"]`, "4")
	p.Click(`role=button[name="Save"]`)
	p.Eventually("andon.yaml has changed since")
	p.Until(`[...document.querySelectorAll('input')].some(e => e.getAttribute('aria-label') === 'Workers at once' && e.value === '5')`)
	p.Click(`role=button[name="Save"]`)
	p.Gone(`role=button[name="Save"]`)
	if text := h.andonYAML(); !strings.Contains(text, "max_attempts: 4") || !strings.Contains(text, "max_parallel: 5") {
		t.Errorf("andon.yaml is\n%s", text)
	}
}

// A file that is broken on disk is told of, with what is wrong; what counted goes on
// to count, and nothing can be changed until it is mended.
func TestBrokenConfigurationIsTold(t *testing.T) {
	h := newHome(t, lanes)
	p := h.browse()
	p.Open("/settings")
	p.See(`role=textbox[name="Workers at once of lane slow"]`)
	h.configure(strings.Replace(lanes, "max_parallel: 2", "max_parallels: 2", 1))
	p.Eventually("broken and not in force")
	p.Eventually(`unknown key "max_parallels"`)
	p.Gone(`role=textbox[name="Workers at once of lane slow"]`)
	p.See(`role=status[name="Workers at once of lane slow"]`)
	h.configure(strings.Replace(lanes, "max_parallel: 2", "max_parallel: 6", 1))
	p.Until(`[...document.querySelectorAll('input')].some(e => e.getAttribute('aria-label') === 'Workers at once of lane slow' && e.value === '6')`)
	p.Gone(`role=alert`)
}

func TestLanesArePausedInSettings(t *testing.T) {
	h := newHome(t, lanes)
	p := h.browse()
	p.Open("/settings")
	p.Click(`role=button[name="Pause quick"]`)
	p.See(`role=button[name="Resume quick"]`)
	id := h.add("does not start", "--lane", "quick")
	if got := h.status(id); got != "ready" {
		t.Errorf("it is %s", got)
	}
	p.Click(`role=button[name="Resume quick"]`)
	h.reaches(id, "done")
}

// Who may not change settings sees what counts.
func TestG30_SettingsAreReadOnlyForReaders(t *testing.T) {
	h := newHome(t, lanes)
	p := h.browse("--scope", "operate")
	p.Open("/settings")
	p.See(`role=status[name="Workers at once of lane slow"]`)
	p.Gone(`role=textbox[name="Workers at once of lane slow"]`)
	p.Until(versionInForce)
	p.Eventually("Your credential may not read it")
}
