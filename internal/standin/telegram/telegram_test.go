package telegram_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"github.com/andon-dev/andon/internal/standin/telegram"
)

var ada = telegram.User{ID: 42, First: "Ada", Username: "ada"}

// client is the library, unmodified.
func client(t *testing.T, s *telegram.Server, options ...bot.Option) *bot.Bot {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	b, err := bot.New(telegram.Token, append(options,
		bot.WithServerURL(server.URL), bot.WithNotAsyncHandlers(), bot.WithErrorsHandler(func(error) {}))...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTheLibraryPollsAnswersAndEdits(t *testing.T) {
	s := telegram.New()
	heard := make(chan *models.Update, 100)
	b := client(t, s, bot.WithDefaultHandler(func(_ context.Context, _ *bot.Bot, u *models.Update) { heard <- u }))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { b.Start(ctx); close(ended) }()
	defer func() { cancel(); <-ended }()

	s.Say(ada, ada.ID, "/andon list", 0, 0)
	u := <-heard
	if u.Message == nil || u.Message.Text != "/andon list" || u.Message.From.ID != ada.ID || u.Message.Entities[0].Length != 6 {
		t.Fatalf("heard %+v", u.Message)
	}
	sent, err := b.SendMessage(ctx, &bot.SendMessageParams{
		ChatID: ada.ID, Text: "<b>pick</b> &lt;one&gt;", ParseMode: models.ParseModeHTML,
		ReplyParameters: &models.ReplyParameters{MessageID: u.Message.ID},
		ReplyMarkup: models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{
			{{Text: "Yes", CallbackData: "y"}},
		}},
	})
	if err != nil || sent.Text != "pick <one>" || sent.Entities[0].Type != "bold" || sent.ReplyToMessage.ID != u.Message.ID {
		t.Fatalf("sent %+v, %v", sent, err)
	}
	id, found := s.Press(ada, ada.ID, int64(sent.ID), "Yes")
	if u = <-heard; !found || u.CallbackQuery == nil || u.CallbackQuery.Data != "y" || u.CallbackQuery.Message.Message.ID != sent.ID {
		t.Fatalf("pressed %+v", u.CallbackQuery)
	}
	if _, err := b.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: id, Text: "done"}); err != nil {
		t.Fatal(err)
	}
	if text, answered := s.Toast(id); text != "done" || !answered {
		t.Errorf("toast %q, %t", text, answered)
	}
	edit := &bot.EditMessageTextParams{ChatID: ada.ID, MessageID: sent.ID, Text: "picked"}
	if _, err := b.EditMessageText(ctx, edit); err != nil {
		t.Fatal(err)
	}
	if _, err := b.EditMessageText(ctx, edit); !errors.Is(err, bot.ErrorBadRequest) || !strings.Contains(err.Error(), "not modified") {
		t.Errorf("the same once more: %v", err)
	}
	if m := s.Messages(ada.ID)[1]; m.Text != "picked" || m.Markup != nil || m.Edited == 0 {
		t.Errorf("shown %+v", m)
	}
	s.Repeat(2, true)
	if a, b := <-heard, <-heard; a.CallbackQuery == nil || b.Message == nil || a.ID != u.ID {
		t.Errorf("once more: %d, %d", a.ID, b.ID)
	}
}

func TestOneBotPollsAtATime(t *testing.T) {
	server := httptest.NewServer(telegram.New())
	defer server.Close()
	poll := func(timeout string) int {
		resp, err := http.Get(server.URL + "/bot" + telegram.Token + "/getUpdates?timeout=" + timeout)
		if err != nil {
			t.Error(err)
			return 0
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	first := make(chan int)
	go func() { first <- poll("50") }()
	for {
		select {
		case code := <-first:
			if code != http.StatusConflict {
				t.Errorf("the first poll ended with %d", code)
			}
			return
		default:
			poll("0")
		}
	}
}

func TestWhatTelegramRefuses(t *testing.T) {
	s := telegram.New()
	s.AddChat(telegram.Chat{ID: -5, Type: "supergroup", Username: "ops"})
	b := client(t, s)
	for name, c := range map[string]struct {
		params bot.SendMessageParams
		want   string
	}{
		"unknown":  {bot.SendMessageParams{ChatID: -6, Text: "x"}, "chat not found"},
		"named":    {bot.SendMessageParams{ChatID: "@ops", Text: "x"}, ""},
		"no name":  {bot.SendMessageParams{ChatID: "@opps", Text: "x"}, "chat not found"},
		"empty":    {bot.SendMessageParams{ChatID: -5, Text: " "}, "message text is empty"},
		"longest":  {bot.SendMessageParams{ChatID: -5, Text: "<b>" + strings.Repeat("&amp;", 4096) + "</b>", ParseMode: "HTML"}, ""},
		"too long": {bot.SendMessageParams{ChatID: -5, Text: strings.Repeat("😀", 2049)}, "message is too long"},
		"tag":      {bot.SendMessageParams{ChatID: -5, Text: "<p>", ParseMode: "HTML"}, `can't parse entities: Unsupported start tag "p" at byte offset 0`},
		"end":      {bot.SendMessageParams{ChatID: -5, Text: "a<b>x</i>", ParseMode: "HTML"}, `can't parse entities: Unmatched end tag at byte offset 5, expected "</b>", found "</i>"`},
		"open":     {bot.SendMessageParams{ChatID: -5, Text: "<b>x", ParseMode: "HTML"}, `can't parse entities: Can't find end tag corresponding to start tag "b"`},
		"topic":    {bot.SendMessageParams{ChatID: -5, Text: "x", MessageThreadID: 9}, "message thread not found"},
		"reply":    {bot.SendMessageParams{ChatID: -5, Text: "x", ReplyParameters: &models.ReplyParameters{MessageID: 99}}, "message to be replied not found"},
		"button": {bot.SendMessageParams{ChatID: -5, Text: "x", ReplyMarkup: models.InlineKeyboardMarkup{
			InlineKeyboard: [][]models.InlineKeyboardButton{{{Text: "x", CallbackData: strings.Repeat("x", 65)}}},
		}}, "BUTTON_DATA_INVALID"},
	} {
		_, err := b.SendMessage(t.Context(), &c.params)
		if c.want == "" && err != nil || c.want != "" && (!errors.Is(err, bot.ErrorBadRequest) || !strings.HasSuffix(err.Error(), "Bad Request: "+c.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTopicsAndMenus(t *testing.T) {
	s := telegram.New()
	s.AddChat(telegram.Chat{ID: -5, Type: "supergroup", Forum: true})
	b := client(t, s)
	topic, err := b.CreateForumTopic(t.Context(), &bot.CreateForumTopicParams{ChatID: -5, Name: "builds"})
	if err != nil {
		t.Fatal(err)
	}
	sent, err := b.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: -5, Text: "x", MessageThreadID: topic.MessageThreadID})
	if err != nil || sent.MessageThreadID != topic.MessageThreadID {
		t.Errorf("sent %+v, %v", sent, err)
	}
	if _, err := b.SetMyCommands(t.Context(), &bot.SetMyCommandsParams{Commands: []models.BotCommand{{Command: "andon", Description: "The board"}}}); err != nil {
		t.Fatal(err)
	}
	if menu := s.Menu(); !slices.Equal(menu, []telegram.Command{{Command: "andon", Description: "The board"}}) {
		t.Errorf("menu %v", menu)
	}
	if _, err := b.GetChat(t.Context(), &bot.GetChatParams{ChatID: -5}); err != nil {
		t.Error(err)
	}
	if ok, err := b.DeleteWebhook(t.Context(), &bot.DeleteWebhookParams{}); !ok || err != nil {
		t.Error(err)
	}
	if ok, err := b.DeleteMessage(t.Context(), &bot.DeleteMessageParams{ChatID: -5, MessageID: sent.ID}); !ok || err != nil {
		t.Error(err)
	}
}
