package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/andon-dev/andon/internal/standin/telegram"
)

// Somebody writes to the bot and is let in with their code; they get another role, and
// are shown the door. A bot in trouble says so.
func TestG30_GuestsOfChatsInSettings(t *testing.T) {
	tg := telegram.New()
	h := newHome(t, lanes+fmt.Sprintf("notify: {sinks: {tg: {type: telegram, token_file: tg.token, listen: true, api: %q}}}\n", served(t, tg)))
	p, bob := h.browse(), h.browse()
	p.Allow(`404`)
	p.Open("/settings")
	bob.Open("/settings")
	p.Eventually("tg.token")
	p.Eventually("Nobody waits.")
	if err := os.WriteFile(filepath.Join(h.dir, "home", "andon", "tg.token"), []byte(telegram.Token), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Eventually("receives, for")

	ann := telegram.User{ID: 11, First: "Ann", Username: "ann"}
	says := func(text, answer string) string {
		t.Helper()
		before := len(tg.Said(ann.ID))
		tg.Say(ann, ann.ID, text, 0, 0)
		until(t, text+" is answered with "+answer, func() bool { return strings.Contains(strings.Join(tg.Said(ann.ID)[before:], "\n"), answer) })
		return strings.Join(tg.Said(ann.ID)[before:], "\n")
	}
	code := regexp.MustCompile(`chat approve ([A-Z2-9]{8})`).FindStringSubmatch(says("hello", "chat approve"))[1]
	p.Eventually("has a code from tg until")

	p.Type(`role=textbox[name="Their code"]`, "AAAAAAAA")
	p.Press("Enter")
	p.Eventually(`nobody waits with the code "AAAAAAAA"; write to the bot for a new one`)
	p.Count(1, `role=alert`)
	p.Until(`document.querySelector('[aria-invalid=true]').value === 'AAAAAAAA'`)
	p.looksRight("a wrong code")
	p.Type(`role=textbox[name="Their code"]`, strings.ToLower(code[:4])+" "+code[4:])
	p.Gone(`role=alert`)
	p.Choose(`role=combobox[name="Their role"]`, "read")
	p.Click(`role=button[name="Let in"]`)
	p.See(`role=button[name="Remove ann"]`)
	p.Gone(`role=textbox[name="Their code"]`)
	p.Until(`document.activeElement.id === 'chats'`)
	bob.See(`role=button[name="Remove ann"]`)
	says("/andon whoami", "role read")

	p.Choose(`role=combobox[name="Role of ann"]`, "operate")
	p.Eventually("ann: operate the board")
	says("/andon whoami", "role operate")
	p.Press("z")
	p.Until(`document.querySelector('[aria-label="Role of ann"]').value === 'read'`)
	says("/andon whoami", "role read")
	p.looksRight("a guest")

	p.Click(`role=button[name="Remove ann"]`)
	p.See(`role=dialog[name="Remove ann?"]`)
	p.Press("Escape")
	p.Gone(`role=dialog`)
	p.Press("Enter") // the focus is where it was
	p.Click(`role=dialog >> role=button[name="Remove"]`)
	p.Gone(`role=button[name="Remove ann"]`)
	p.Eventually("Nobody was let in yet.")
	p.Until(`document.activeElement.id === 'chats'`)
	says("/andon list", "I do not know you yet")

	op := h.browse("--scope", "operate")
	op.Open("/settings")
	op.Eventually("Who may come in from chats is shown to admins")
	op.Gone(`role=heading[name="Guests"]`)
}

// looksRight lets axe-core look in both themes, and at the width of a phone.
func (p *page) looksRight(where string) {
	p.Helper()
	p.Scheme("dark")
	p.Still()
	for _, fault := range p.faults() {
		p.Errorf("%s, dark: %s", where, fault)
	}
	p.Scheme("light")
	p.Phone()
	p.roomy(where)
	p.Size(1400, 900)
}
