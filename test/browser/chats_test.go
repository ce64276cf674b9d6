package browser

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/chromedp/chromedp"

	"github.com/andon-dev/andon/internal/standin/slack"
	"github.com/andon-dev/andon/internal/standin/telegram"
)

// chats are the sinks of a team that writes to each other; %s are the addresses
// of the stand-ins.
const chats = `
notify:
  link: https://andon.example.org
  sinks:
    tg: {type: telegram, token_file: tg.token, chat: "-100500", listen: true, api: %s}
    room: {type: slack, token_file: slack.token, app_token_file: app.token, channel: C0OPS, listen: true, api: %s/api/}
`

// TestPicturesOfChats takes the pictures of docs/notifications.md: what arrives
// when a team works.
func TestPicturesOfChats(t *testing.T) {
	tg, room := telegram.New(), slack.New()
	tg.AddChat(telegram.Chat{ID: -100500, Type: "supergroup", Title: "Ops"})
	room.AddChannel(slack.Channel{ID: "C0OPS", Name: "ops"})
	h := newHome(t, team+fmt.Sprintf(chats, served(t, tg), served(t, room)))
	for name, secret := range map[string]string{"tg.token": telegram.Token, "slack.token": slack.BotToken, "app.token": slack.AppToken} {
		if err := os.WriteFile(filepath.Join(h.dir, "home", "andon", name), []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h.andon("notify", "subscribe", "--sink", "tg")
	h.andon("notify", "subscribe", "--sink", "room")
	tasks := h.furnish()
	h.andon("answer", tasks["question"], "UTC")
	h.reaches(tasks["question"], "done")
	until(t, "the answered task is told as done", func() bool {
		return strings.Contains(fmt.Sprint(tg.Messages(-100500)), `report by e-mail" (docs) is done`) &&
			strings.Contains(fmt.Sprint(room.Messages("C0OPS")), `report by e-mail" (docs) is done`)
	})

	p := h.browse()
	p.photograph("telegram", "telegram", 620, telegramPage("Ops", "3 members", tg.Messages(-100500)))
	p.photograph("slack", "slack", 760, slackPage(room.Messages("C0OPS")))
}

// TestPicturesOfAChat takes the picture of docs/chat.md: somebody uses the board
// from a phone.
func TestPicturesOfAChat(t *testing.T) {
	tg := telegram.New()
	h := newHome(t, team+fmt.Sprintf("notify: {sinks: {tg: {type: telegram, token_file: tg.token, listen: true, api: %q}}}\n", served(t, tg)))
	if err := os.WriteFile(filepath.Join(h.dir, "home", "andon", "tg.token"), []byte(telegram.Token), 0o600); err != nil {
		t.Fatal(err)
	}
	tasks := h.furnish()
	ann := telegram.User{ID: 11, First: "Ann", Username: "ann"}
	shown := func() string { return fmt.Sprint(tg.Messages(ann.ID)) }
	said := func(text, answer string) {
		t.Helper()
		tg.Say(ann, ann.ID, text, 0, 0)
		until(t, text+" is answered", func() bool { return strings.Contains(shown(), answer) })
	}
	said("hello", "chat approve")
	code := regexp.MustCompile(`chat approve ([A-Z2-9]{8})`).FindStringSubmatch(shown())
	h.andon("chat", "approve", code[1], "--role", "operate")
	before := len(tg.Messages(ann.ID))
	said("/andon list --status blocked", "Nightly report")
	said("/andon why "+tasks["waits"], "waits for")
	said("@planner Write the changelog of 1.4", `changelog of 1.4" (planner) is done`)
	p := h.browse()
	p.photograph("chat", "telegram", 620, telegramPage("Andon", "bot", tg.Messages(ann.ID)[before:]))
}

// served serves a stand-in on loopback.
func served(t *testing.T, s http.Handler) string {
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}

// until waits for what another process does.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range int(patience / (20 * time.Millisecond)) {
		if done() {
			return
		}
		time.Sleep(20 * time.Millisecond) // it tells nobody
	}
	t.Fatalf("it did not happen: %s", what)
}

// photograph shows a page of its own and keeps a picture of all of it.
func (p *page) photograph(name, like string, width int64, data any) {
	p.Helper()
	var html bytes.Buffer
	pages := template.Must(template.ParseGlob(filepath.Join("testdata", "chats", "*.html")))
	if err := pages.ExecuteTemplate(&html, like+".html", data); err != nil {
		p.Fatal(err)
	}
	p.do(chromedp.Navigate("data:text/html;base64," + base64.StdEncoding.EncodeToString(html.Bytes())))
	p.Size(width, 100)
	p.Size(width, eval[int64](p, `document.documentElement.scrollHeight`))
	picture, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.Fatal(err)
	}
	folder := p.ArtifactDir()
	if *keepPictures {
		folder = filepath.Join("..", "..", "docs", "screenshots")
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644); err != nil {
		p.Fatal(err)
	}
}

// chatPage is what the templates of testdata/chats show.
type chatPage struct {
	Title, Note string
	Messages    []chatMessage
}

type chatMessage struct {
	From, Reply, File    string
	Text                 template.HTML
	Silent, Edited, Mine bool
	Keys                 [][]string

	Thread, Channel bool
	Blocks          []chatBlock
	Files           []string
}

type chatBlock struct {
	Class string
	HTML  template.HTML
}

func telegramPage(title, note string, messages []telegram.Message) chatPage {
	page := chatPage{Title: title, Note: note}
	for _, m := range messages {
		shown := chatMessage{
			From: m.From.First, Mine: !m.From.Bot, Text: template.HTML(formatted(m)), Silent: m.Silent, Edited: m.Edited != 0, //nolint:gosec // of a test, and escaped

		}
		if m.ReplyTo != nil {
			shown.Reply, _, _ = strings.Cut(m.ReplyTo.Text, "\n")
		}
		if m.Document != nil {
			shown.File = m.Document.Name
		}
		if m.Markup != nil {
			for _, row := range m.Markup.Buttons {
				var keys []string
				for _, b := range row {
					keys = append(keys, b.Text)
				}
				shown.Keys = append(shown.Keys, keys)
			}
		}
		page.Messages = append(page.Messages, shown)
	}
	return page
}

// formatted writes a text with its entities as HTML.
func formatted(m telegram.Message) string {
	open, end := map[int]string{}, map[int]string{}
	for _, e := range m.Entities {
		tag := map[string]string{"bold": "b", "italic": "i", "text_link": "a", "code": "code", "pre": "pre", "bot_command": "u"}[e.Type]
		open[e.Offset] += "<" + tag + ">"
		end[e.Offset+e.Length] = "</" + tag + ">" + end[e.Offset+e.Length]
	}
	var b strings.Builder
	at := 0
	for _, r := range m.Text {
		b.WriteString(end[at] + open[at] + template.HTMLEscapeString(string(r)))
		at += len(utf16.Encode([]rune{r}))
	}
	return b.String() + end[at]
}

func slackPage(messages []slack.Message) chatPage {
	page := chatPage{Title: "# ops", Note: "3 members"}
	for _, m := range messages {
		shown := chatMessage{Edited: m.Edited, Thread: m.Thread != "", Channel: m.Channel}
		for _, b := range m.Blocks {
			shown.Blocks = append(shown.Blocks, chatBlock{map[string]string{"section": "block", "context": "context", "actions": "acts"}[b.Type], blockHTML(b)})
		}
		for _, f := range m.Files {
			shown.Files = append(shown.Files, f.Name)
		}
		page.Messages = append(page.Messages, shown)
	}
	return page
}

func blockHTML(b slack.Block) template.HTML {
	var out strings.Builder
	if b.Text != nil {
		out.WriteString(mrkdwn(b.Text.Text))
	}
	for _, e := range b.Elements {
		if e.Label != nil {
			fmt.Fprintf(&out, `<span class="%s">%s</span>`, e.Style, template.HTMLEscapeString(slack.Plain(e.Label.Text)))
			continue
		}
		out.WriteString("<div>" + mrkdwn(e.Plain) + "</div>")
	}
	return template.HTML(out.String()) //nolint:gosec // of a test, and escaped
}

// mrkdwn reads what the sink writes of it: a bold line, and a link.
func mrkdwn(s string) string {
	if address, label, found := strings.Cut(strings.Trim(s, "<>"), "|"); found && strings.HasPrefix(s, "<") {
		return `<a href="` + template.HTMLEscapeString(slack.Plain(address)) + `">` + template.HTMLEscapeString(label) + "</a>"
	}
	if bold, found := strings.CutPrefix(s, "*"); found {
		return "<b>" + template.HTMLEscapeString(slack.Plain(strings.TrimSuffix(bold, "*"))) + "</b>"
	}
	return template.HTMLEscapeString(slack.Plain(s))
}
