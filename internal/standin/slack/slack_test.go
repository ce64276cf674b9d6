package slack_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	standin "github.com/andon-dev/andon/internal/standin/slack"
)

const (
	ops = "C0OPS"
	ada = "U0ADA"
)

// workspace has a channel and a member, and the library as its client.
func workspace(t *testing.T) (*standin.Server, *slack.Client) {
	s := standin.New()
	s.AddChannel(standin.Channel{ID: ops, Name: "ops"})
	s.AddUser(standin.User{ID: ada, Name: "ada"})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, slack.New(standin.BotToken, slack.OptionAPIURL(server.URL+"/api/"), slack.OptionAppLevelToken(standin.AppToken))
}

// connected runs the library's socket client and returns its events.
func connected(t *testing.T, api *slack.Client) (*socketmode.Client, <-chan socketmode.Event) {
	t.Helper()
	c := socketmode.New(api, socketmode.OptionLog(log.New(io.Discard, "", 0)))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { _ = c.RunContext(ctx); close(ended) }()
	t.Cleanup(func() { cancel(); <-ended })
	await(t, c.Events, socketmode.EventTypeHello)
	return c, c.Events
}

// await returns the next event of a type.
func await(t *testing.T, events <-chan socketmode.Event, kind socketmode.EventType) socketmode.Event {
	t.Helper()
	limit := time.After(20 * time.Second)
	for {
		select {
		case e := <-events:
			if e.Type == kind {
				return e
			}
		case <-limit:
			t.Fatalf("no %s", kind)
		}
	}
}

func TestTheLibraryPostsUpdatesAndDeletes(t *testing.T) {
	s, api := workspace(t)
	if who, err := api.AuthTestContext(t.Context()); err != nil || who.UserID != standin.BotID {
		t.Fatalf("auth.test: %+v, %v", who, err)
	}
	_, root, err := api.PostMessageContext(t.Context(), "#ops", slack.MsgOptionText("one &amp; two", false))
	if err != nil {
		t.Fatal(err)
	}
	button := slack.NewButtonBlockElement("answer", "token", slack.NewTextBlockObject("plain_text", "Answer", false, false))
	_, reply, err := api.PostMessageContext(t.Context(), ops, slack.MsgOptionTS(root), slack.MsgOptionText("fallback", false),
		slack.MsgOptionBlocks(
			slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", "*bold*", false, true), nil, nil),
			slack.NewContextBlock("", slack.NewTextBlockObject("plain_text", "small", false, false)),
			slack.NewActionBlock("acts", button)),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "andon", EventPayload: map[string]any{"key": "k"}}))
	if err != nil {
		t.Fatal(err)
	}
	shown := s.Messages(ops)
	if len(shown) != 2 || shown[0].Shown() != "one & two" || shown[1].Thread != root || shown[1].Shown() != "*bold*\nsmall\n[Answer]" || shown[1].Metadata["key"] != "k" {
		t.Errorf("shown %+v", shown)
	}
	if _, _, _, err := api.UpdateMessageContext(t.Context(), ops, reply, slack.MsgOptionText("answered", false), slack.MsgOptionBlocks()); err != nil {
		t.Fatal(err)
	}
	if m := s.Messages(ops)[1]; m.Shown() != "answered" || !m.Edited {
		t.Errorf("afterwards %+v", m)
	}
	if _, _, err := api.DeleteMessageContext(t.Context(), ops, reply); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := api.UpdateMessageContext(t.Context(), ops, reply, slack.MsgOptionText("x", false)); err == nil || err.Error() != "message_not_found" {
		t.Errorf("an update of what is gone: %v", err)
	}
	if im, _, _, err := api.OpenConversationContext(t.Context(), &slack.OpenConversationParameters{Users: []string{ada}}); err != nil || im.ID != "D0ADA" {
		t.Errorf("opened %+v, %v", im, err)
	}
	if u, err := api.GetUserInfoContext(t.Context(), ada); err != nil || u.Name != "ada" {
		t.Errorf("user %+v, %v", u, err)
	}
	if c, err := api.GetConversationInfoContext(t.Context(), &slack.GetConversationInfoInput{ChannelID: ops}); err != nil || c.Name != "ops" {
		t.Errorf("channel %+v, %v", c, err)
	}
}

func TestTheLibraryUploads(t *testing.T) {
	s, api := workspace(t)
	_, err := api.UploadFileContext(t.Context(), slack.UploadFileParameters{
		Filename: "report.txt", FileSize: 4, Reader: strings.NewReader("good"), Channel: ops, Title: "Report",
	})
	if err != nil {
		t.Fatal(err)
	}
	if m := s.Messages(ops)[0]; len(m.Files) != 1 || string(m.Files[0].Content) != "good" || m.Files[0].Title != "Report" {
		t.Errorf("shown %+v", m)
	}
}

func TestTheLibraryHearsPressesCommandsAndMessages(t *testing.T) {
	s, api := workspace(t)
	client, events := connected(t, api)

	s.Say(ada, ops, "hello", "")
	e := await(t, events, socketmode.EventTypeEventsAPI)
	said, ok := e.Data.(slackevents.EventsAPIEvent).InnerEvent.Data.(*slackevents.MessageEvent)
	if !ok || said.Text != "hello" || said.User != ada || said.Channel != ops {
		t.Fatalf("heard %+v", e.Data)
	}
	if err := client.Ack(*e.Request); err != nil {
		t.Fatal(err)
	}

	s.Command(ada, ops, "/andon", "list --mine")
	e = await(t, events, socketmode.EventTypeSlashCommand)
	if cmd := e.Data.(slack.SlashCommand); cmd.Text != "list --mine" || cmd.UserID != ada {
		t.Fatalf("heard %+v", cmd)
	}

	button := slack.NewButtonBlockElement("answer", "token", slack.NewTextBlockObject("plain_text", "Answer", false, false))
	_, ts, err := api.PostMessageContext(t.Context(), ops, slack.MsgOptionText("x", false), slack.MsgOptionBlocks(slack.NewActionBlock("acts", button)))
	if err != nil {
		t.Fatal(err)
	}
	if _, found := s.Press(ada, ops, ts, "Answer"); !found {
		t.Fatal("no button")
	}
	e = await(t, events, socketmode.EventTypeInteractive)
	press := e.Data.(slack.InteractionCallback)
	if press.Type != slack.InteractionTypeBlockActions || press.ActionCallback.BlockActions[0].Value != "token" || press.Message.Timestamp != ts {
		t.Fatalf("heard %+v", press)
	}
	text := func(s string) *slack.TextBlockObject { return slack.NewTextBlockObject("plain_text", s, false, false) }
	opened, err := api.OpenViewContext(t.Context(), press.TriggerID, slack.ModalViewRequest{
		Type: "modal", Title: text("Answer"), Submit: text("Send"), PrivateMetadata: "token", CallbackID: "answer",
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewInputBlock("b", text("Your answer"), nil, slack.NewPlainTextInputBlockElement(nil, "a")),
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	id, found := s.Fill(ada, opened.ID, "port 8080")
	e = await(t, events, socketmode.EventTypeInteractive)
	filled := e.Data.(slack.InteractionCallback)
	if !found || filled.View.State.Values["b"]["a"].Value != "port 8080" || filled.View.PrivateMetadata != "token" {
		t.Fatalf("heard %+v", filled.View)
	}
	if err := client.Ack(*e.Request, map[string]any{"response_action": "clear"}); err != nil {
		t.Fatal(err)
	}
	for {
		if reply, done := s.Acknowledged(id); done {
			if !strings.Contains(reply, "clear") {
				t.Errorf("acknowledged with %s", reply)
			}
			return
		}
	}
}

func TestWhatWasNotAcknowledgedComesAgain(t *testing.T) {
	for name, interrupt := range map[string]func(*standin.Server){
		"asked":   func(s *standin.Server) { s.Disconnect("refresh_requested") },
		"dropped": func(s *standin.Server) { s.Drop() },
	} {
		t.Run(name, func(t *testing.T) {
			s, api := workspace(t)
			client, events := connected(t, api)
			s.Say(ada, ops, "hello", "")
			await(t, events, socketmode.EventTypeEventsAPI)
			interrupt(s)
			e := await(t, events, socketmode.EventTypeEventsAPI)
			if e.Request.RetryAttempt != 1 {
				t.Errorf("attempt %d", e.Request.RetryAttempt)
			}
			if err := client.Ack(*e.Request); err != nil {
				t.Fatal(err)
			}
			for {
				if _, done := s.Acknowledged(e.Request.EnvelopeID); done {
					break
				}
			}
			s.Repeat(1, false)
			if again := await(t, events, socketmode.EventTypeEventsAPI); again.Request.EnvelopeID != e.Request.EnvelopeID {
				t.Errorf("again %s, first %s", again.Request.EnvelopeID, e.Request.EnvelopeID)
			}
		})
	}
}

func TestWhatSlackRefuses(t *testing.T) {
	s, api := workspace(t)
	s.AddChannel(standin.Channel{ID: "C0OLD", Archived: true})
	s.AddChannel(standin.Channel{ID: "C0OTHER", Outside: true})
	s.AddChannel(standin.Channel{ID: "G0SECRET", Outside: true, Private: true})
	section := func(n int) slack.Block {
		return slack.NewSectionBlock(slack.NewTextBlockObject("plain_text", strings.Repeat("x", n), false, false), nil, nil)
	}
	for name, c := range map[string]struct {
		channel string
		option  slack.MsgOption
		want    string
	}{
		"unknown":  {"C0NONE", slack.MsgOptionText("x", false), "channel_not_found"},
		"secret":   {"G0SECRET", slack.MsgOptionText("x", false), "channel_not_found"},
		"archived": {"C0OLD", slack.MsgOptionText("x", false), "is_archived"},
		"outside":  {"C0OTHER", slack.MsgOptionText("x", false), "not_in_channel"},
		"empty":    {ops, slack.MsgOptionText(" ", false), "no_text"},
		"long":     {ops, slack.MsgOptionText(strings.Repeat("x", 40_001), false), "msg_too_long"},
		"section":  {ops, slack.MsgOptionBlocks(section(3001)), "invalid_blocks"},
		"blocks":   {ops, slack.MsgOptionBlocks(make51()...), "invalid_blocks"},
		"all":      {ops, slack.MsgOptionBlocks(section(3000), section(3000), section(3000), section(3000), section(3000)), "msg_blocks_too_long"},
	} {
		_, _, err := api.PostMessageContext(t.Context(), c.channel, c.option)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	s.Fail(standin.Fault{Status: 429, RetryAfter: 3})
	_, _, err := api.PostMessageContext(t.Context(), ops, slack.MsgOptionText("x", false))
	var slow *slack.RateLimitedError
	if !errors.As(err, &slow) || slow.RetryAfter != 3*time.Second {
		t.Errorf("429: %v", err)
	}
	s.Revoke("xoxb-new", "xapp-new")
	if _, _, err := api.PostMessageContext(t.Context(), ops, slack.MsgOptionText("x", false)); err == nil || err.Error() != "invalid_auth" {
		t.Errorf("revoked: %v", err)
	}
}

func make51() (blocks []slack.Block) {
	for range 51 {
		blocks = append(blocks, slack.NewDividerBlock())
	}
	return blocks
}
