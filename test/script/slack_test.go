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

	"github.com/andon-dev/andon/internal/standin/slack"
)

const slackChannel = "C0OPS"

var (
	slacksMu sync.Mutex
	slacks   = map[string]*slack.Server{} // by the folder of their script
)

// playSlack plays Slack, a workspace with the channel C0OPS and the members ann
// and bob:
//
//	slack start                     sets SLACK, and writes slack.token and app.token
//	slack see CHANNEL REGEXP        waits until the bot has said it; prints the channel
//	slack show CHANNEL              prints what the channel shows
//	slack say WHO CHANNEL TEXT      somebody writes; CHANNEL is an ID, or - for their own
//	slack reply WHO CHANNEL TEXT    in the thread of the newest message
//	slack command WHO CHANNEL TEXT  /andon TEXT
//	slack press WHO CHANNEL LABEL   the newest button with the label
//	slack fill WHO TEXT             the field that is open, when there is one
//	slack again N                   delivers the last N events once more
//	slack disconnect | drop         the connection: politely, or not
//	slack fail METHOD ANSWER N      makes N calls fail: an HTTP status, or an error such as is_archived; 0 breaks the connection
//	slack heal
//	slack revoke                    makes the tokens worthless; slack restore  makes them good
func playSlack(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: slack VERB ...")
	}
	if args[0] == "start" {
		beginSlack(ts)
		return
	}
	slacksMu.Lock()
	s := slacks[ts.Getenv("WORK")]
	slacksMu.Unlock()
	if s == nil {
		ts.Fatalf("slack start  comes first")
	}
	verb, args := args[0], append(args[1:], "", "", "")
	switch verb {
	case "see":
		seeSlack(ts, s, args[0], args[1])
	case "show":
		printSlack(ts, slackTranscript(s.Messages(args[0])))
	case "say":
		s.Say(member(args[0]), args[1], args[2], "")
	case "reply":
		all := s.Messages(slackPlace(args[0], args[1]))
		if len(all) == 0 {
			ts.Fatalf("nothing to reply to")
		}
		root := all[len(all)-1].Thread
		if root == "" {
			root = all[len(all)-1].TS
		}
		s.Say(member(args[0]), args[1], args[2], root)
	case "command":
		s.Command(member(args[0]), args[1], "/andon", args[2])
	case "press":
		pressSlack(ts, s, args)
	case "fill":
		fillSlack(ts, s, args)
	case "again":
		n, err := strconv.Atoi(args[0])
		ts.Check(err)
		s.Repeat(n, false)
	case "disconnect":
		s.Disconnect("refresh_requested")
	case "drop":
		s.Drop()
	case "fail":
		failSlack(ts, s, args)
	case "heal":
		s.Heal()
	case "revoke":
		s.Revoke("xoxb-another", "xapp-another")
	case "restore":
		s.Revoke(slack.BotToken, slack.AppToken)
	default:
		ts.Fatalf("slack has no verb %s", verb)
	}
}

func beginSlack(ts *testscript.TestScript) {
	s := slack.New()
	s.AddChannel(slack.Channel{ID: slackChannel, Name: "ops"})
	s.AddUser(slack.User{ID: member("ann"), Name: "ann"})
	s.AddUser(slack.User{ID: member("bob"), Name: "bob"})
	server := httptest.NewServer(s)
	slacksMu.Lock()
	slacks[ts.Getenv("WORK")] = s
	slacksMu.Unlock()
	ts.Setenv("SLACK", server.URL+"/api/")
	ts.Check(os.WriteFile(ts.MkAbs("slack.token"), []byte(slack.BotToken+"\n"), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("app.token"), []byte(slack.AppToken+"\n"), 0o600))
	ts.Defer(func() {
		s.Drop()
		server.CloseClientConnections()
		server.Close()
	})
}

func member(who string) string { return "U0" + strings.ToUpper(who) }

// slackPlace is a channel, or the one between the bot and somebody.
func slackPlace(who, channel string) string {
	if channel == "-" {
		return "D0" + strings.ToUpper(who)
	}
	return channel
}

func pressSlack(ts *testscript.TestScript, s *slack.Server, args []string) {
	channel := slackPlace(args[0], args[1])
	all := s.Messages(channel)
	for i := len(all) - 1; i >= 0; i-- {
		if _, found := s.Press(member(args[0]), channel, all[i].TS, args[2]); found {
			return
		}
	}
	ts.Fatalf("no button %s in\n%s", args[2], slackTranscript(all))
}

func fillSlack(ts *testscript.TestScript, s *slack.Server, args []string) {
	for range 3000 {
		if views := s.Views(); len(views) > 0 {
			s.Fill(member(args[0]), views[len(views)-1].ID, args[1])
			return
		}
		time.Sleep(10 * time.Millisecond) // the server is another's, and tells nobody
	}
	ts.Fatalf("no field is open")
}

func failSlack(ts *testscript.TestScript, s *slack.Server, args []string) {
	n, err := strconv.Atoi(args[2])
	ts.Check(err)
	f := slack.Fault{Method: args[0], Times: n, RetryAfter: 1}
	if f.Status, err = strconv.Atoi(args[1]); err != nil {
		f.Error = args[1]
	}
	s.Fail(f)
}

// seeSlack waits for as long as a slow machine may need.
func seeSlack(ts *testscript.TestScript, s *slack.Server, channel, expression string) {
	re, err := regexp.Compile("(?s)" + expression)
	ts.Check(err)
	for range 3000 {
		if now := slackTranscript(s.Messages(channel)); re.MatchString(now) {
			printSlack(ts, now)
			return
		}
		time.Sleep(10 * time.Millisecond) // the server is another's, and tells nobody
	}
	ts.Fatalf("%s is not in\n%s", expression, slackTranscript(s.Messages(channel)))
}

func printSlack(ts *testscript.TestScript, text string) {
	_, err := fmt.Fprint(ts.Stdout(), text)
	ts.Check(err)
}

// slackTranscript is a channel as people see it: who, what, and [buttons].
func slackTranscript(messages []slack.Message) string {
	var b strings.Builder
	for _, m := range messages {
		if m.Thread != "" {
			b.WriteString("  ")
		}
		fmt.Fprintf(&b, "%s: %s", strings.ToLower(strings.TrimPrefix(m.User, "U0")), m.Shown())
		for _, f := range m.Files {
			fmt.Fprintf(&b, "(file %s)", f.Name)
		}
		if m.Edited {
			b.WriteString(" (edited)")
		}
		if m.To != "" {
			b.WriteString(" (only for " + strings.ToLower(strings.TrimPrefix(m.To, "U0")) + ")")
		}
		b.WriteByte('\n')
	}
	return b.String()
}
