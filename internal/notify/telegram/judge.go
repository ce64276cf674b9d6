package telegram

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/go-telegram/bot"

	"github.com/andon-dev/andon/internal/notify"
)

// Judge says what an error of a call means. It keeps Telegram's own words where
// there are some, and never an address, which holds the token.
func Judge(err error, token string) error {
	var slow *bot.TooManyRequestsError
	switch {
	case errors.As(err, &slow):
		return notify.Later(errors.New("asked by Telegram to slow down"), time.Duration(slow.RetryAfter)*time.Second)
	case errors.Is(err, bot.ErrorUnauthorized), errors.Is(err, bot.ErrorNotFound):
		return notify.Permanent(errors.New("the token of the bot is refused by Telegram"))
	case errors.Is(err, bot.ErrorForbidden), errors.Is(err, bot.ErrorBadRequest):
		return notify.Permanent(errors.New("refused by Telegram: " + reason(err, token)))
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("no answer from Telegram in time")
	}
	var away unreached
	var unasked *url.Error // the address is none
	switch {
	case errors.As(err, &away):
		return errors.New("no answer from Telegram: " + away.Error())
	case errors.As(err, &unasked):
		return errors.New("no answer from Telegram: " + unasked.Err.Error())
	}
	return errors.New("trouble at Telegram: " + reason(err, token))
}

// Unchanged reports whether an edit was refused because the message is so already.
func Unchanged(err error) bool { return refused(err, "message is not modified") }

const maxReason = 200 // runes; a proxy may answer with a page

// reason is what Telegram said, in a line, without what the client put before it.
func reason(err error, token string) string {
	said := strings.ReplaceAll(err.Error(), token, "***")
	for _, before := range []string{"Bad Request: ", "Forbidden: ", "Conflict: ", "error response from telegram for method "} {
		if _, after, found := strings.Cut(said, before); found {
			said = after
		}
	}
	said = strings.Join(strings.Fields(notify.Clean(said)), " ")
	if runes := []rune(said); len(runes) > maxReason {
		said = string(runes[:maxReason]) + "…"
	}
	return said
}

// refused reports whether Telegram refused a request with one of some reasons.
func refused(err error, reasons ...string) bool {
	if !errors.Is(err, bot.ErrorBadRequest) {
		return false
	}
	for _, r := range reasons {
		if strings.Contains(err.Error(), r) {
			return true
		}
	}
	return false
}
