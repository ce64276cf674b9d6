package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"github.com/andon-dev/andon/internal/notify"
)

// passing are the errors of Slack that time may cure.
var passing = []string{
	"internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited", "rate_limited", "team_added_to_org", "accesslimited",
}

// keyless are those of the token.
var keyless = []string{"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}

// Judge says what an error of a call means. It keeps Slack's own words where
// there are some, and never an address.
func Judge(err error, token string) error {
	var slow *slack.RateLimitedError
	var said slack.SlackErrorResponse
	var status slack.StatusCodeError
	var away *url.Error
	switch {
	case errors.As(err, &slow):
		return notify.Later(errors.New("asked by Slack to slow down"), slow.RetryAfter)
	case errors.As(err, &said) && slices.Contains(passing, said.Err):
		return errors.New("trouble at Slack: " + said.Err)
	case errors.As(err, &said) && slices.Contains(keyless, said.Err):
		return notify.Permanent(errors.New("the token of the bot is refused by Slack: " + said.Err))
	case errors.As(err, &said):
		return notify.Permanent(errors.New("refused by Slack: " + strings.Join(append([]string{said.Err}, said.ResponseMetadata.Messages...), " ")))
	case errors.As(err, &status):
		answered := fmt.Errorf("answered by Slack with %d %s", status.Code, http.StatusText(status.Code))
		if status.Code >= 500 || status.Code == http.StatusRequestTimeout || status.Code == http.StatusTooManyRequests {
			return answered
		}
		return notify.Permanent(answered)
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("no answer from Slack in time")
	case errors.As(err, &away):
		return errors.New("no answer from Slack: " + away.Err.Error())
	}
	return errors.New("trouble at Slack: " + strings.ReplaceAll(err.Error(), token, "***"))
}

// Refused reports whether Slack refused a request with one of some errors.
func Refused(err error, codes ...string) bool {
	var said slack.SlackErrorResponse
	return errors.As(err, &said) && slices.Contains(codes, said.Err)
}
