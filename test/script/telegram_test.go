package script

import (
	"fmt"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/andon-dev/andon/internal/standin/telegram"
)

// people are who writes in scripts.
var people = map[string]telegram.User{
	"ann": {ID: 11, First: "Ann", Username: "ann"},
	"bob": {ID: 12, First: "Bob", Username: "bob"},
	"eve": {ID: 13, First: "Eve", Username: "eve"},
}

var (
	telegramsMu sync.Mutex
	telegrams   = map[string]*telegram.Server{} // by the folder of their script
)

// startTelegram plays Telegram:
//
//	telegram start                  sets TELEGRAM, and writes telegram.token
//	telegram group ID TITLE         makes a group with the bot in it; one below 0 with topics
//	telegram migrate ID OTHER       makes the group a supergroup with another number
//	telegram say WHO CHAT TEXT      somebody writes; CHAT is a number, or - for their own
//	telegram reply WHO CHAT TEXT    to the newest text of the bot
//	telegram press WHO CHAT LABEL   the newest button with the label
//	telegram see CHAT REGEXP        waits until the bot has said it; prints the chat
//	telegram show CHAT              prints what the chat shows
//	telegram again N                delivers the last N updates once more
//	telegram flood WHO CHAT N TEXT  says the same N times
//	telegram fail METHOD STATUS N   makes N calls fail; 0 breaks the connection
//	telegram heal
//	telegram revoke                 makes the token worthless
func startTelegram(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: telegram VERB ...")
	}
	if args[0] == "start" {
		beginTelegram(ts)
		return
	}
	telegramsMu.Lock()
	s := telegrams[ts.Getenv("WORK")]
	telegramsMu.Unlock()
	if s == nil {
		ts.Fatalf("telegram start  comes first")
	}
	verb, args := args[0], args[1:]
	switch verb {
	case "group":
		id := number(ts, args[0])
		s.AddChat(telegram.Chat{ID: id, Type: "supergroup", Title: args[1], Forum: true})
	case "migrate":
		s.Migrate(number(ts, args[0]), number(ts, args[1]))
	case "say":
		s.Say(people[args[0]], chatOf(ts, args[0], args[1]), args[2], 0, 0)
	case "flood":
		for range number(ts, args[2]) {
			s.Say(people[args[0]], chatOf(ts, args[0], args[1]), args[3], 0, 0)
		}
	case "reply":
		chat := chatOf(ts, args[0], args[1])
		s.Say(people[args[0]], chat, args[2], 0, newest(ts, s, chat, func(m telegram.Message) bool { return m.From.Bot && m.Document == nil }).ID)
	case "press":
		chat := chatOf(ts, args[0], args[1])
		m := newest(ts, s, chat, func(m telegram.Message) bool { return hasButton(m, args[2]) })
		s.Press(people[args[0]], chat, m.ID, args[2])
	case "see":
		see(ts, s, chatOf(ts, "", args[0]), args[1])
	case "show":
		ts.Check(say(ts, transcript(s.Messages(chatOf(ts, "", args[0])))))
	case "again":
		s.Repeat(int(number(ts, args[0])), false)
	case "fail":
		s.Fail(telegram.Fault{Method: args[0], Status: int(number(ts, args[1])), Times: int(number(ts, args[2]))})
	case "heal":
		s.Heal()
	case "revoke":
		s.Revoke("7001:another")
	default:
		ts.Fatalf("telegram has no verb %s", verb)
	}
}

func beginTelegram(ts *testscript.TestScript) {
	s := telegram.New()
	server := httptest.NewServer(s)
	telegramsMu.Lock()
	telegrams[ts.Getenv("WORK")] = s
	telegramsMu.Unlock()
	ts.Setenv("TELEGRAM", server.URL)
	ts.Check(os.WriteFile(ts.MkAbs("telegram.token"), []byte(telegram.Token+"\n"), 0o600))
	ts.Defer(func() {
		server.Listener.Close() // a gateway comes back at once
		server.CloseClientConnections()
		server.Close()
	})
}

func number(ts *testscript.TestScript, s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	ts.Check(err)
	return n
}

func chatOf(ts *testscript.TestScript, who, chat string) int64 {
	if p, known := people[chat]; known {
		return p.ID
	}
	if chat == "-" {
		return people[who].ID
	}
	return number(ts, chat)
}

func newest(ts *testscript.TestScript, s *telegram.Server, chat int64, fits func(telegram.Message) bool) telegram.Message {
	var found telegram.Message
	for _, m := range s.Messages(chat) {
		if fits(m) {
			found = m
		}
	}
	if found.ID == 0 {
		ts.Fatalf("no such message in\n%s", transcript(s.Messages(chat)))
	}
	return found
}

func hasButton(m telegram.Message, label string) bool {
	if m.Markup == nil {
		return false
	}
	for _, row := range m.Markup.Buttons {
		for _, b := range row {
			if b.Text == label {
				return true
			}
		}
	}
	return false
}

// see waits for as long as a slow machine may need.
func see(ts *testscript.TestScript, s *telegram.Server, chat int64, expression string) {
	re, err := regexp.Compile("(?s)" + expression)
	ts.Check(err)
	for range 3000 {
		if now := transcript(s.Messages(chat)); re.MatchString(now) {
			ts.Check(say(ts, now))
			return
		}
		time.Sleep(10 * time.Millisecond) // the server is another's, and tells nobody
	}
	ts.Fatalf("%s is not in\n%s", expression, transcript(s.Messages(chat)))
}

func say(ts *testscript.TestScript, text string) error {
	_, err := fmt.Fprint(ts.Stdout(), text)
	return err
}

// transcript is a chat as people see it: who, what, and [buttons].
func transcript(messages []telegram.Message) string {
	var b strings.Builder
	for _, m := range messages {
		fmt.Fprintf(&b, "%s: %s%s", m.From.First, m.Text, m.Caption)
		if m.Document != nil {
			fmt.Fprintf(&b, " (file %s)", m.Document.Name)
		}
		if m.Edited != 0 {
			b.WriteString(" (edited)")
		}
		if m.Markup != nil {
			for _, row := range m.Markup.Buttons {
				for _, button := range row {
					fmt.Fprintf(&b, " [%s]", button.Text)
				}
			}
			if m.Markup.Force {
				b.WriteString(" [reply]")
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}
