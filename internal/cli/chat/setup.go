package chat

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/kanban"
)

const (
	lookEvery = 500 * time.Millisecond // for the first message to a bot
	lookFor   = 10 * time.Minute
)

type setupOptions struct {
	*cmdutil.Factory
	client.ChatConnect
	TokenFile, AppFile string
	Role               string
}

func newSetup(f *cmdutil.Factory, run func(context.Context, *setupOptions) error) *cobra.Command {
	o := &setupOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "setup telegram|slack",
		Short: "Connect a bot, and let yourself in",
		Long: `Connect a bot: its token is asked for, tried, and kept in a file beside andon.yaml that only you can read; a sink
that listens is written into andon.yaml. On a terminal, setup then waits for your first message to the bot and lets you in.

Tokens are never arguments. Without a terminal they are read from the files, or from standard input: a line each.`,
		Example: cmdutil.Examples("$ andon chat setup telegram", "$ andon chat setup slack --bot-token-file bot.txt --app-token-file app.txt"),
		Args:    cmdutil.Exactly(1, "telegram or slack"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Type = strings.ToLower(args[0])
			if o.Type != "telegram" && o.Type != "slack" {
				return kanban.Errorf(kanban.Invalid, "there is no chat of type %s", kanban.Quote(args[0])).Hint("telegram or slack")
			}
			if run == nil {
				run = setup
			}
			return run(cmd.Context(), o)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&o.Name, "name", "", "name of the sink (default: the type)")
	fl.StringVar(&o.TokenFile, "bot-token-file", "", "file with the bot's token")
	fl.StringVar(&o.AppFile, "app-token-file", "", "file with the app's token, for slack")
	fl.StringVar(&o.Chat, "target", "", "where messages go that name no chat")
	fl.StringVar(&o.API, "api", "", "URL of the platform's API, if not its own")
	fl.StringVar(&o.Role, "role", "admin", "what you may do from the chat: read, comment, operate or admin")
	return cmd
}

func setup(ctx context.Context, o *setupOptions) error {
	if _, err := kanban.ParseScope(o.Role); err != nil {
		return err
	}
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	if err := o.settled(); err != nil {
		return err
	}
	in := bufio.NewReader(o.In)
	if o.Token, err = o.secret(in, o.TokenFile, map[string]string{
		"telegram": "Token of the bot (write /newbot to @BotFather): ", "slack": "Token of the bot (OAuth & Permissions, xoxb-...): ",
	}[o.Type]); err != nil {
		return err
	}
	if o.Type == "slack" {
		if o.AppToken, err = o.secret(in, o.AppFile, "Token of the app (Basic Information, xapp-..., connections:write): "); err != nil {
			return err
		}
	}
	made, err := c.ConnectChat(ctx, o.ChatConnect)
	if err != nil {
		return err
	}
	if err := o.Printer().Said(made, made.Sink, "%s is connected as sink %s", made.Bot, made.Sink); err != nil {
		return err
	}
	if o.Alone() {
		o.Warn("no gateway runs, so nobody listens; andon gateway start  does")
	}
	if !o.Terminal.In || !o.Terminal.Err || o.Alone() {
		o.Progress("write to the bot (%s); it answers with the code for  andon chat approve CODE --role %s", made.URL, o.Role)
		return nil
	}
	return o.admit(ctx, c, in, made)
}

// settled refuses a home in which nothing was set up yet: nobody would listen.
func (o *setupOptions) settled() error {
	if !o.Alone() {
		return nil
	}
	paths, err := o.Paths()
	if err != nil {
		return err
	}
	if _, err := os.Stat(paths.Dir); errors.Is(err, fs.ErrNotExist) {
		return kanban.Errorf(kanban.NotFound, "there is no home at %s yet", paths.Home).Hint("andon init, or  andon up  in a repository of yours; then again")
	}
	return nil
}

// secret reads a token from its file, or asks for it where nobody can read along.
func (o *setupOptions) secret(in *bufio.Reader, file, question string) (string, error) {
	text := ""
	switch {
	case file != "":
		raw, err := o.ReadFile(file)
		if err != nil {
			return "", err
		}
		text = string(raw)
	case o.Terminal.In:
		fmt.Fprint(o.Err, question)
		raw, err := term.ReadPassword(int(os.Stdin.Fd()))
		fmt.Fprintln(o.Err)
		if err != nil {
			return "", kanban.Errorf(kanban.Invalid, "the token cannot be read: %w", err).Hint("--bot-token-file FILE")
		}
		text = string(raw)
	default:
		line, err := in.ReadString('\n')
		if err != nil && line == "" {
			return "", kanban.Errorf(kanban.Invalid, "a token is missing").Hint("--bot-token-file FILE, or a line on standard input")
		}
		text = line
	}
	text = strings.TrimSpace(text)
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", kanban.Errorf(kanban.Invalid, "that is no token").Hint("one line, as the platform showed it")
	}
	return text, nil
}

// admit waits until somebody has written to the bot, and lets in who can tell the
// code that it gave: whoever sits here reads both.
func (o *setupOptions) admit(ctx context.Context, c *client.Client, in *bufio.Reader, made client.ChatConnected) error {
	o.Progress("Now write anything to the bot: %s", made.URL)
	if err := o.written(ctx, c, made.Sink); err != nil {
		return err
	}
	for {
		fmt.Fprint(o.Err, "The code that it answered: ")
		line, err := in.ReadString('\n')
		if err != nil {
			return kanban.Errorf(kanban.Invalid, "no code was given").Hint("andon chat approve CODE --role %s", o.Role)
		}
		code := strings.TrimSpace(line)
		if code == "" {
			continue
		}
		g, err := c.ApproveGuest(ctx, client.ChatApproval{Code: code, Role: o.Role})
		if wrong := (*client.Error)(nil); errors.As(err, &wrong) && wrong.Code == string(kanban.NotFound) {
			o.Complain(err)
			continue
		}
		if err != nil {
			return err
		}
		o.Progress("%s may come in, role %s. Write  /andon help  to the bot.", g.Name, g.Role)
		return nil
	}
}

func (o *setupOptions) written(ctx context.Context, c *client.Client, sink string) error {
	for limit := o.Now().Add(lookFor); ; {
		chat, err := c.Chat(ctx)
		if err != nil {
			return err
		}
		for _, w := range chat.Waiting {
			if w.Sink == sink {
				return nil
			}
		}
		for _, one := range chat.Connections {
			if one.Sink == sink && one.Trouble != "" {
				return kanban.Errorf(kanban.Unavailable, "the bot does not receive: %s", one.Trouble).Hint("andon chat list")
			}
		}
		if o.Now().After(limit) {
			return kanban.Errorf(kanban.Unavailable, "nobody has written to the bot").Hint("later: andon chat approve CODE --role %s", o.Role)
		}
		select {
		case <-time.After(lookEvery):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
