package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"github.com/andon-dev/andon/internal/chat"
	"github.com/andon-dev/andon/internal/guests"
	"github.com/andon-dev/andon/internal/notify"
	"github.com/andon-dev/andon/internal/notify/telegram"
)

const (
	patience   = 20 * time.Second // longest wait that Telegram may ask for before an answer
	settleTime = 10 * time.Second // for a button that was pressed
)

// Options of a connection.
type Options struct {
	Token     notify.Secret
	API       string            // "" = Telegram's own server
	Transport http.RoundTripper // nil = http.DefaultTransport
}

// Platform is a bot that listens. It implements chat.Platform.
type Platform struct {
	token string
	bot   *bot.Bot
	lost  chan error
	seen  *confirm

	// Of Run:
	self int64  // the bot's own id
	name string // and name
	take func(context.Context, chat.Incoming)
}

// Open makes a connection; Run begins it.
//
// Errors: chat.Hopeless if there is no token that could be one.
func Open(o Options) (*Platform, error) {
	token, err := o.Token()
	if err != nil {
		return nil, err
	}
	p := &Platform{token: string(token), lost: make(chan error, 1), seen: newConfirm(o.Transport)}
	p.bot, err = telegram.Client(p.token, telegram.ClientOptions{
		API: o.API, Transport: p.seen, Handle: p.update, Failed: p.failed,
	})
	if err != nil {
		return nil, chat.Hopeless(err)
	}
	return p, nil
}

// Run implements chat.Platform.
func (p *Platform) Run(ctx context.Context, receive func(context.Context, chat.Incoming)) error {
	me, err := p.bot.GetMe(ctx)
	if err != nil {
		return p.judge(err)
	}
	p.self, p.name, p.take = me.ID, me.Username, receive
	menu := []models.BotCommand{{Command: "andon", Description: "See and steer the board: /andon help"}}
	if _, err := p.bot.SetMyCommands(ctx, &bot.SetMyCommandsParams{Commands: menu}); err != nil {
		return p.judge(err)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.bot.Start(ctx)
	}()
	defer func() { <-ended }()
	defer stop()
	select {
	case err := <-p.lost:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// failed ends Run: who holds the connection decides when to come back.
func (p *Platform) failed(err error) {
	select {
	case p.lost <- p.judge(err):
	default:
	}
}

func (p *Platform) judge(err error) error {
	judged := telegram.Judge(err, p.token)
	var f *notify.Failure
	if errors.As(judged, &f) && f.Permanent {
		return chat.Hopeless(judged)
	}
	return judged
}

// update is called for one update after the other.
func (p *Platform) update(ctx context.Context, _ *bot.Bot, u *models.Update) {
	defer p.seen.taken()
	id := "u" + strconv.FormatInt(u.ID, 10)
	switch {
	case u.Message != nil && (u.Message.MigrateToChatID != 0 || u.Message.MigrateFromChatID != 0):
		p.take(ctx, moved(id, u.Message))
	case u.Message != nil && u.Message.From != nil && !u.Message.From.IsBot:
		in := p.message(id, u.Message)
		word := first(in.Text)
		if !p.meant(word) {
			return
		}
		if command, _, _ := strings.Cut(word, "@"); command == "/start" {
			in.Text = "/andon"
		}
		p.take(ctx, in)
	case u.CallbackQuery != nil:
		go p.settle(ctx, u.CallbackQuery.ID)
		if in, shown := p.pressed(id, u.CallbackQuery); shown {
			p.take(ctx, in)
		}
	}
}

// moved reads that a group became a supergroup, which both of them tell.
func moved(id string, m *models.Message) chat.Incoming {
	from, to := m.MigrateFromChatID, m.Chat.ID
	if m.MigrateToChatID != 0 {
		from, to = m.Chat.ID, m.MigrateToChatID
	}
	return chat.Incoming{ID: id, Place: guests.Place{Chat: strconv.FormatInt(from, 10)}, Moved: strconv.FormatInt(to, 10)}
}

// pressed reads the press of a button. Of an old message Telegram tells no more
// than where it stands; of one that another chat got from an inline bot, nothing.
func (p *Platform) pressed(id string, q *models.CallbackQuery) (in chat.Incoming, shown bool) {
	m := q.Message.Message
	if old := q.Message.InaccessibleMessage; old != nil {
		m = &models.Message{ID: old.MessageID, Chat: old.Chat}
	}
	if m == nil {
		return in, false
	}
	in = p.message(id, m)
	in.User, in.Press, in.Text, in.ReplyTo, in.ToUs = user(q.From), q.Data, "", "", false
	in.Old = q.Message.InaccessibleMessage != nil
	return in, true
}

// settle ends the turning of a button that was pressed. What is wrong with that is
// not wrong with the press, and holds up nobody.
func (p *Platform) settle(ctx context.Context, press string) {
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	_, _ = p.bot.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: press})
}

// meant is false for a command of another bot: /andon@other_bot.
func (p *Platform) meant(word string) bool {
	_, bot, named := strings.Cut(word, "@")
	return !strings.HasPrefix(word, "/") || !named || strings.EqualFold(bot, p.name)
}

func first(text string) string {
	for word := range strings.FieldsSeq(text) {
		return word
	}
	return ""
}

func (p *Platform) message(id string, m *models.Message) chat.Incoming {
	in := chat.Incoming{
		ID: id, Place: guests.Place{Chat: strconv.FormatInt(m.Chat.ID, 10)}, Private: m.Chat.Type == models.ChatTypePrivate,
		Text: m.Text, Ref: ref(m.Chat.ID, m.ID),
	}
	if m.From != nil {
		in.User = user(*m.From)
	}
	if in.Text == "" {
		in.Text = m.Caption
	}
	if m.IsTopicMessage {
		in.Place.Thread = strconv.Itoa(m.MessageThreadID)
	}
	// In a topic everything replies to the message that opened it.
	opening := m.IsTopicMessage && m.ReplyToMessage != nil && m.ReplyToMessage.ID == m.MessageThreadID
	if to := m.ReplyToMessage; to != nil && to.From != nil && to.From.ID == p.self && !opening {
		in.ReplyTo, in.ToUs = ref(m.Chat.ID, to.ID), true
	}
	return in
}

func user(u models.User) guests.User {
	name := strings.TrimSpace(u.FirstName + " " + u.LastName)
	if u.Username != "" {
		name = u.Username
	}
	return guests.User{ID: strconv.FormatInt(u.ID, 10), Name: name}
}

// ref is written as receipts of the sink are.
func ref(chat int64, message int) string { return fmt.Sprintf("%d/%d", chat, message) }

// messageOf is 0 for no ref.
func messageOf(ref string) int {
	_, message, _ := strings.Cut(ref, "/")
	id, err := strconv.Atoi(message)
	if err != nil {
		return 0
	}
	return id
}

// Say implements chat.Platform.
func (p *Platform) Say(ctx context.Context, to guests.Place, r chat.Reply) (string, error) {
	params := p.params(to, r.To)
	params.Text = render(r)
	if len(r.Buttons) > 0 {
		params.ReplyMarkup = keyboard(r.Buttons)
	}
	return p.send(ctx, params)
}

// Ask implements chat.Platform.
func (p *Platform) Ask(ctx context.Context, in chat.Incoming, q chat.Prompt) (string, error) {
	params := p.params(in.Place, in.Ref)
	params.Text = escape(q.Label)
	params.ReplyMarkup = &models.ForceReply{ForceReply: true, InputFieldPlaceholder: q.Title}
	return p.send(ctx, params)
}

func (p *Platform) params(to guests.Place, replyTo string) *bot.SendMessageParams {
	params := &bot.SendMessageParams{ChatID: to.Chat, ParseMode: models.ParseModeHTML, LinkPreviewOptions: noPreview()}
	if thread, err := strconv.Atoi(to.Thread); err == nil {
		params.MessageThreadID = thread
	}
	if id := messageOf(replyTo); id != 0 {
		params.ReplyParameters = &models.ReplyParameters{MessageID: id, AllowSendingWithoutReply: true}
	}
	return params
}

func (p *Platform) send(ctx context.Context, params *bot.SendMessageParams) (at string, err error) {
	err = p.patiently(ctx, func() error {
		sent, err := p.bot.SendMessage(ctx, params)
		if err == nil {
			at = ref(sent.Chat.ID, sent.ID)
		}
		return err
	})
	return at, err
}

// patiently tries once more if Telegram wants a short wait.
func (p *Platform) patiently(ctx context.Context, call func() error) error {
	err := call()
	var slow *bot.TooManyRequestsError
	if wait := time.Duration(0); errors.As(err, &slow) {
		if wait = time.Duration(slow.RetryAfter) * time.Second; wait <= patience {
			again := time.NewTimer(wait)
			defer again.Stop()
			select {
			case <-again.C:
				err = call()
			case <-ctx.Done():
			}
		}
	}
	if err != nil {
		return p.judge(err)
	}
	return nil
}

// Edit implements chat.Platform.
func (p *Platform) Edit(ctx context.Context, to guests.Place, ref string, r chat.Reply) error {
	params := &bot.EditMessageTextParams{
		ChatID: to.Chat, MessageID: messageOf(ref), Text: render(r), ParseMode: models.ParseModeHTML, LinkPreviewOptions: noPreview(),
	}
	if len(r.Buttons) > 0 {
		params.ReplyMarkup = keyboard(r.Buttons)
	}
	return p.patiently(ctx, func() error {
		_, err := p.bot.EditMessageText(ctx, params)
		if telegram.Unchanged(err) {
			return nil
		}
		return err
	})
}

func noPreview() *models.LinkPreviewOptions {
	off := true
	return &models.LinkPreviewOptions{IsDisabled: &off}
}
