package telegram

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"github.com/andon-dev/andon/internal/notify"
)

// Options of one sink.
type Options struct {
	Token   notify.Secret
	Chat    string        // ID or @name, for subscriptions without a target
	API     string        // "" = Telegram's own server
	Buttons bool          // somebody listens to what is pressed
	Attach  notify.Attach // files that go along
	// Moved is what a group is called since it became a supergroup, as far as that
	// is known; nil = none did.
	Moved     func(chat string) string
	Transport http.RoundTripper // nil = http.DefaultTransport
}

// Sink writes to chats as one bot. It is safe for concurrent use.
type Sink struct {
	Options

	parts notify.Parts
}

const timeout = time.Minute // of one request, and of the upload of a file

// New returns a sink; nothing is contacted yet.
func New(o Options) *Sink {
	return &Sink{Options: o}
}

// Send implements notify.Sink. The receipt is CHAT/MESSAGE.
func (s *Sink) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	token, err := s.Token()
	if err != nil {
		return notify.Receipt{}, err
	}
	client, err := s.client(string(token))
	if err != nil {
		return notify.Receipt{}, err
	}
	p, err := s.place(m)
	if err != nil {
		return notify.Receipt{}, notify.Permanent(err)
	}
	files, left := s.Attach.Pick(ctx, m.Files)
	got, err := s.parts.Send(m.Key, files,
		func() (string, error) { return s.tell(ctx, client, m, p, left) },
		func(ref string, f notify.File) error { return s.upload(ctx, client, ref, p.thread, f) })
	if err != nil {
		return got, Judge(err, string(token))
	}
	if chat, _, said := strings.Cut(got.Ref, "/"); said && got.Ref != m.Prior {
		got.Chat = chat
	}
	return got, nil
}

// client is made for each message: the token may have changed. What goes wrong is
// returned by each call.
func (s *Sink) client(token string) (*bot.Bot, error) {
	return Client(token, ClientOptions{API: s.API, Transport: s.Transport, Failed: func(error) {}})
}

// place is where a message goes.
type place struct {
	chat   string
	thread int // 0 = none
}

func (s *Sink) place(m notify.Message) (place, error) {
	p := place{chat: m.Target}
	if p.chat == "" {
		p.chat = s.Chat
	}
	if p.chat == "" {
		return p, errors.New("neither the subscription nor the sink names a chat")
	}
	if m.Thread != "" {
		thread, err := strconv.Atoi(m.Thread)
		if err != nil || thread <= 0 {
			return p, fmt.Errorf("%q is no topic of a chat: a number is wanted", m.Thread)
		}
		p.thread = thread
	}
	if s.Moved != nil && !strings.HasPrefix(p.chat, "@") {
		p.chat = s.Moved(p.chat)
	}
	return p, nil
}

// tell brings the text of a message to its chat, and follows a group that became
// a supergroup.
func (s *Sink) tell(ctx context.Context, client *bot.Bot, m notify.Message, p place, left []string) (ref string, err error) {
	ref, err = s.editOrSend(ctx, client, m, p, left)
	var moved *bot.MigrateError
	if !errors.As(err, &moved) {
		return ref, err
	}
	to := strconv.Itoa(moved.MigrateToChatID)
	if p.chat == s.Chat {
		left = append(left, fmt.Sprintf("This group became a supergroup. Its chat is now %s: write that into andon.yaml.", to))
	}
	p.chat = to
	return s.editOrSend(ctx, client, m, p, left)
}

// gone are the refusals of an edit after which there is nothing to be edited.
var gone = []string{"message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID"}

// editOrSend changes the message that stands for the task if that will do.
func (s *Sink) editOrSend(ctx context.Context, client *bot.Bot, m notify.Message, p place, left []string) (ref string, err error) {
	text, buttons := s.render(m, left)
	off := true
	if id := messageIn(p.chat, m.Prior); id != 0 && !m.Attention {
		_, err := client.EditMessageText(ctx, &bot.EditMessageTextParams{
			ChatID: p.chat, MessageID: id, Text: text, ParseMode: models.ParseModeHTML, ReplyMarkup: buttons,
			LinkPreviewOptions: &models.LinkPreviewOptions{IsDisabled: &off},
		})
		if err == nil || Unchanged(err) {
			return m.Prior, nil
		}
		if !refused(err, gone...) {
			return "", err
		}
	}
	if m.Settles {
		return m.Prior, nil // its message is gone
	}
	if id := messageIn(p.chat, m.Prior); id != 0 && m.Before != nil && s.Buttons {
		_, err := client.EditMessageReplyMarkup(ctx, &bot.EditMessageReplyMarkupParams{ChatID: p.chat, MessageID: id})
		if err != nil && !refused(err, append(gone, "message is not modified")...) {
			return "", err
		}
	}
	params := &bot.SendMessageParams{
		ChatID: p.chat, MessageThreadID: p.thread, Text: text, ParseMode: models.ParseModeHTML, ReplyMarkup: buttons,
		LinkPreviewOptions: &models.LinkPreviewOptions{IsDisabled: &off}, DisableNotification: !m.Attention,
	}
	if id := messageIn(p.chat, m.Root); id != 0 {
		params.ReplyParameters = &models.ReplyParameters{MessageID: id, AllowSendingWithoutReply: true}
	}
	sent, err := client.SendMessage(ctx, params)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d/%d", sent.Chat.ID, sent.ID), nil
}

func (s *Sink) upload(ctx context.Context, client *bot.Bot, ref string, thread int, f notify.File) error {
	content, err := f.Open(ctx)
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w", f.Name, err)
	}
	defer content.Close()
	chat, message, _ := strings.Cut(ref, "/")
	id, err := strconv.Atoi(message)
	if err != nil {
		return err
	}
	// The library takes pointers only: another reader would make it panic.
	_, err = client.SendDocument(ctx, &bot.SendDocumentParams{
		ChatID: chat, MessageThreadID: thread, Document: &models.InputFileUpload{Filename: f.Name, Data: bufio.NewReader(content)}, DisableNotification: true,
		ReplyParameters: &models.ReplyParameters{MessageID: id, AllowSendingWithoutReply: true},
	})
	return err
}

// messageIn returns the message of a receipt, 0 if it stands in another chat: a
// sink may have been given another one since.
func messageIn(chat, ref string) int {
	of, message, found := strings.Cut(ref, "/")
	id, err := strconv.Atoi(message)
	if !found || err != nil || of != chat && !strings.HasPrefix(chat, "@") {
		return 0
	}
	return id
}
