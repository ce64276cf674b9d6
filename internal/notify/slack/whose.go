package slack

import (
	"context"
	"errors"
	"strings"

	"github.com/slack-go/slack"

	"github.com/andon-dev/andon/internal/notify"
)

// Whose asks Slack whose tokens they are: the bot's name, and its workspace. The
// app's has to open a socket.
//
// Errors: as Judge.
func Whose(ctx context.Context, token, app, api string) (bot, url string, err error) {
	if !strings.HasPrefix(token, "xoxb-") || !strings.HasPrefix(app, "xapp-") {
		return "", "", notify.Permanent(errors.New("the token of a bot begins with xoxb-, that of an app with xapp-"))
	}
	client := Client(token, api, nil, slack.OptionAppLevelToken(app))
	me, err := client.AuthTestContext(ctx)
	if err != nil {
		return "", "", Judge(err, token)
	}
	if _, _, err := client.StartSocketModeContext(ctx); err != nil {
		return "", "", Judge(err, app)
	}
	return "@" + me.User, me.URL, nil
}
