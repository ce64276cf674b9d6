package cmdutil

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

const (
	patience = 2 * time.Second       // for an owner that does not listen yet
	between  = 20 * time.Millisecond // two attempts
)

// Client returns the way in; the first call finds it.
//
// Errors: unavailable if a gateway owns the home but does not answer, if the
// server given does not, or if there is no gateway and this process belongs to
// a run.
func (f *Factory) Client(ctx context.Context) (*client.Client, error) {
	if f.Guest != nil {
		return f.Guest.Client, nil
	}
	if f.client != nil {
		return f.client, nil
	}
	c, err := f.connect(ctx)
	if err != nil {
		return nil, err
	}
	f.client = c
	return c, nil
}

// Examine does a checkup by the way in that works while others may not: this
// very process, wherever no gateway answers or one stops answering meanwhile.
//
// Errors: as Client, if a server was given or this process belongs to a run.
func (f *Factory) Examine(ctx context.Context, checkup func(*client.Client) error) error {
	f.Gateway.Direct = f.Gateway.Examine
	c, err := f.Client(ctx)
	if err == nil {
		err = checkup(c)
		if !errors.Is(err, client.ErrSilent) {
			return err
		}
	}
	if f.server() != "" {
		return err
	}
	paths, err := f.Paths()
	if err != nil {
		return err
	}
	if c, err = f.alone(ctx, paths.Home); err != nil {
		return err
	}
	return checkup(c)
}

// Alone reports whether the client asks this very process, because no gateway
// runs.
func (f *Factory) Alone() bool { return f.direct }

// Open returns the way in and the board: --board, else that of @last if IDs has
// looked it up, else ANDON_BOARD, else HERMES_KANBAN_BOARD, else client.Selected, whose name only the server knows.
func (f *Factory) Open(ctx context.Context) (*client.Client, string, error) {
	c, err := f.Client(ctx)
	if err != nil {
		return nil, "", err
	}
	if name := f.BoardNamed(); name != "" {
		return c, name, nil
	}
	return c, client.Selected, nil
}

// Dial returns the way to the gateway, and the board as Open does, without a
// look whether one is there: for a command that outlives gateways.
func (f *Factory) Dial(o client.Options) (*client.Client, string, error) {
	server := f.server()
	if server == "" {
		paths, err := f.Paths()
		if err != nil {
			return nil, "", err
		}
		server = "unix:" + paths.Socket
	}
	if err := f.show(server, &o); err != nil {
		return nil, "", err
	}
	c, err := client.Dial(server, o)
	if err != nil {
		return nil, "", kanban.Errorf(kanban.Invalid, "%w", err)
	}
	if name := f.BoardNamed(); name != "" {
		return c, name, nil
	}
	return c, client.Selected, nil
}

// BoardNamed is the board as Open finds it, "" for the selected one.
func (f *Factory) BoardNamed() string {
	for _, name := range []string{f.Globals.Board, f.Getenv("ANDON_BOARD"), f.Getenv("HERMES_KANBAN_BOARD")} {
		if name = strings.TrimSpace(name); name != "" {
			return name
		}
	}
	return ""
}

// ClientOptions say who asks: whoever has the environment of a run shows that
// run's credential.
func (f *Factory) ClientOptions() client.Options {
	o := client.Options{As: f.Globals.As, UserAgent: "andon/" + f.Version}
	if l := f.Lease(f.ownTask()); f.ownTask() != "" && l.Run != 0 {
		o.Bearer = client.Bearer(f.Getenv("ANDON_BOARD"), l)
	}
	return o
}

func (f *Factory) connect(ctx context.Context) (*client.Client, error) {
	if server := f.server(); server != "" {
		c, err := f.dial(ctx, server)
		if errors.Is(err, client.ErrNoGateway) {
			err = kanban.Errorf(kanban.Unavailable, "%w at %s", client.ErrNoGateway, server).Hint("start it there, or wait until it is back")
		}
		return c, err
	}
	paths, err := f.Paths()
	if err != nil {
		return nil, err
	}
	limit := time.After(patience)
	for {
		c, err := f.dial(ctx, "unix:"+paths.Socket)
		if err == nil || !errors.Is(err, client.ErrNoGateway) {
			return c, err
		}
		pid, held, err := f.Gateway.Owner(paths.Home)
		switch {
		case err != nil:
			return nil, err
		case !held:
			return f.alone(ctx, paths.Home)
		}
		// It is starting or stopping: the lock comes before the socket and goes after it.
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-limit:
			return nil, kanban.Errorf(kanban.Unavailable, "the gateway with pid %d owns %s but does not listen", pid, paths.Home).
				Hint("andon gateway status  and its log, %s/gateway.log, tell more", paths.Dir)
		case <-time.After(between):
		}
	}
}

// server is the address that was given, "" for the home's socket. A flag beats
// the environment, whichever of the two it is.
func (f *Factory) server() string {
	if f.Globals.Server != "" || f.Globals.Home != "" {
		return f.Globals.Server
	}
	return f.Getenv("ANDON_SERVER")
}

// dial returns a client of a server that was seen to answer.
func (f *Factory) dial(ctx context.Context, server string) (*client.Client, error) {
	o := f.ClientOptions()
	if err := f.show(server, &o); err != nil {
		return nil, err
	}
	c, err := client.Dial(server, o)
	if err != nil {
		return nil, kanban.Errorf(kanban.Invalid, "%w", err)
	}
	_, err = c.Health(ctx)
	if errors.Is(err, client.ErrSilent) {
		return nil, kanban.Errorf(kanban.Unavailable, "%w at %s", err, server).
			Hint("nothing was changed; if it stays so, end its process and run  andon gateway start")
	}
	return c, err
}

// show adds the token of a file to what is shown to a server, unless that is a
// run's credential. It goes to no other machine in the clear.
func (f *Factory) show(server string, o *client.Options) error {
	file := cmp.Or(f.Globals.TokenFile, f.Getenv("ANDON_TOKEN_FILE"))
	if file == "" || o.Bearer != "" {
		return nil
	}
	u, err := url.Parse(server)
	if err != nil {
		return kanban.Errorf(kanban.Invalid, "%s is not a server: %w", kanban.Quote(server), err).Hint("unix:/path, or https://host")
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme == "http" && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return kanban.Errorf(kanban.Invalid, "a token does not go to %s in the clear", u.Host).Hint("use https://, or a tunnel: ssh -L")
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return kanban.Errorf(kanban.Invalid, "the token cannot be read: %w", err).Hint("andon tokens create NAME --scope operate -q  prints one")
	}
	token := strings.TrimSpace(string(raw))
	if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return kanban.Errorf(kanban.Invalid, "%s holds no token", file).Hint("one line, as andon tokens create printed it")
	}
	o.Bearer = token
	return nil
}

// alone opens the home in this process.
func (f *Factory) alone(ctx context.Context, home string) (*client.Client, error) {
	if f.Inside() {
		return nil, kanban.Errorf(kanban.Unavailable, "%w for %s", client.ErrNoGateway, home).
			Hint("a run never opens a board itself; wait until the gateway is back")
	}
	h, closer, err := f.Gateway.Direct(ctx, home)
	if err != nil {
		return nil, err
	}
	f.direct = true
	f.OnClose(closer.Close)
	return client.New(client.Handler(h), "http://andon", f.ClientOptions()), nil
}
