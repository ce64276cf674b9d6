package telegram

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"github.com/andon-dev/andon/internal/notify"
)

// ClientOptions of a bot's connection.
type ClientOptions struct {
	API       string            // "" = Telegram's own server
	Transport http.RoundTripper // nil = http.DefaultTransport
	Handle    bot.HandlerFunc   // of updates, one after the other; nil = none are asked for
	Failed    func(error)       // is told of every error
}

// Client connects to Telegram as a bot; nothing is contacted yet. Its errors hold
// the token, so they have to go through Judge before anybody sees them.
//
// Errors: permanent if there is no token.
func Client(token string, o ClientOptions) (*bot.Bot, error) {
	options := []bot.Option{
		bot.WithSkipGetMe(), bot.WithUpdatesChannelCap(0), bot.WithNotAsyncHandlers(),
		bot.WithHTTPClient(timeout, discreet{&http.Client{Transport: o.Transport, Timeout: timeout}}), bot.WithErrorsHandler(o.Failed),
	}
	if o.Handle != nil {
		// Not named, they would be those that somebody named last with this token.
		options = append(options, bot.WithDefaultHandler(o.Handle), bot.WithAllowedUpdates(bot.AllowedUpdates{
			models.AllowedUpdateMessage, models.AllowedUpdateCallbackQuery,
		}))
	}
	if o.API != "" {
		options = append(options, bot.WithServerURL(o.API))
	}
	client, err := bot.New(token, options...)
	if err != nil {
		return nil, notify.Permanent(errors.New("the token of the bot cannot be used"))
	}
	return client, nil
}

// discreet tells no address of what it does not reach: a bot's holds its token. The
// library would mend such an error while another of its goroutines reads it.
type discreet struct{ http *http.Client }

func (d discreet) Do(r *http.Request) (*http.Response, error) {
	resp, err := d.http.Do(r)
	var failed *url.Error
	if errors.As(err, &failed) {
		return nil, unreached{failed.Err}
	}
	return resp, err
}

type unreached struct{ error }

func (u unreached) Unwrap() error { return u.error }

// Whose asks Telegram whose token it is: the bot's name, and where people write to
// it.
//
// Errors: as Judge.
func Whose(ctx context.Context, token, api string) (bot, url string, err error) {
	client, err := Client(token, ClientOptions{API: api, Failed: func(error) {}})
	if err != nil {
		return "", "", err
	}
	me, err := client.GetMe(ctx)
	if err != nil {
		return "", "", Judge(err, token)
	}
	return "@" + me.Username, "https://t.me/" + me.Username, nil
}
