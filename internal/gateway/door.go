package gateway

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/httpapi"
	"github.com/andon-dev/andon/internal/kanban"
)

const (
	usual = "127.0.0.1:8420" // where the dashboard is opened if andon.yaml says nothing
	retry = 5 * time.Second  // for an address that is taken
)

// door is where the gateway listens on TCP: as andon.yaml says, else where
// andon dashboard opened it.
type door struct {
	g       *gateway
	changed chan struct{} // something else may be wanted

	mu      sync.Mutex
	listens config.API // as it is open; no Listen = it is shut
	trouble error      // why it could not be opened
	shut    context.CancelFunc
	ended   chan struct{}
}

func newDoor(g *gateway) *door { return &door{g: g, changed: make(chan struct{}, 1)} }

// look makes run look again at what is wanted.
func (d *door) look() {
	select {
	case d.changed <- struct{}{}:
	default:
	}
}

// run keeps the door as it is wanted, until ctx ends.
func (d *door) run(ctx context.Context) error {
	defer func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.close()
	}()
	for {
		_, err := d.set(d.wanted)
		var again <-chan time.Time
		if err != nil {
			again = time.After(retry)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-d.changed:
		case <-again:
		}
	}
}

// wanted is how the door is to be.
func (d *door) wanted() (c config.API, _ net.Listener, err error) {
	c = d.g.config.Load().API
	switch c.Listen {
	case config.ListenOff:
		c.Listen = ""
	case "":
		c.Listen, err = d.g.access.Listen()
	}
	return c, nil, err
}

// set brings the door into a state, and returns its URL. What is connected to
// another one is cut off. wanted may have begun to listen there.
func (d *door) set(wanted func() (config.API, net.Listener, error)) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	want, begun, err := wanted()
	if err != nil {
		return "", err
	}
	if same(want, d.listens) && d.trouble == nil {
		return urlOf(want), nil
	}
	d.close()
	if want.Listen == "" {
		d.trouble = nil
		return "", nil
	}
	err = d.open(want, begun)
	if err != nil && d.trouble == nil {
		d.g.Log.Error("the API is not open on TCP", "listen", want.Listen, "error", err)
	}
	d.trouble = err
	return urlOf(want), err
}

func same(a, b config.API) bool {
	return a.Listen == b.Listen && a.Cert == b.Cert && a.Key == b.Key && a.BehindProxy == b.BehindProxy && slices.Equal(a.Hosts, b.Hosts)
}

// open listens, unless l does already.
func (d *door) open(c config.API, l net.Listener) (err error) {
	if l == nil {
		l, err = net.Listen("tcp", c.Listen)
	}
	if err != nil {
		return kanban.Errorf(kanban.Unavailable, "nothing can listen on %s: %w", c.Listen, err).Hint("choose another address: api: {listen: HOST:PORT} in andon.yaml")
	}
	l = netutil.LimitListener(l, connections+turnedAway)
	if c.Cert != "" {
		pair := func(*tls.ClientHelloInfo) (*tls.Certificate, error) { // read each time: it may be renewed
			one, err := tls.LoadX509KeyPair(c.Cert, c.Key)
			return &one, err
		}
		if _, err := pair(nil); err != nil {
			l.Close()
			return kanban.Errorf(kanban.Unavailable, "the certificate cannot be used: %w", err).Hint("check api.tls in andon.yaml")
		}
		l = tls.NewListener(l, &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: pair, NextProtos: []string{"http/1.1"}})
	}
	var ctx context.Context // of nobody's request
	ctx, d.shut = context.WithCancel(context.Background())
	d.ended, d.listens = make(chan struct{}), c
	go d.serve(ctx, l, c, d.ended)
	d.g.Log.Info("the API is open on TCP", "url", urlOf(c))
	return nil
}

func (d *door) serve(ctx context.Context, l net.Listener, c config.API, ended chan<- struct{}) {
	defer close(ended)
	crowd := newCrowd(d.g.Log, connections, ofOne)
	front := httpapi.Front{
		API: d.g.api, Hosts: c.Hosts, Secure: c.Cert != "" || c.BehindProxy, Proxied: c.BehindProxy, Log: d.g.Log,
		Meter: d.g.meters.request, Admit: crowd.admit,
	}
	server := &http.Server{
		Handler: front.Handler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		BaseContext: func(net.Listener) context.Context { return ctx }, ConnState: crowd.left,
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			return crowd.enter(d.g.withCaller(ctx, conn), conn)
		},
	}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		<-ctx.Done() // and with it all streams
		shutdown(server)
	}()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		d.g.Log.Error("the API on TCP ended", "error", err)
		return
	}
	<-stopped
}

// close shuts the door and waits until all have left.
func (d *door) close() {
	if d.shut == nil {
		return
	}
	d.shut()
	<-d.ended
	d.shut, d.listens = nil, config.API{}
}

// Listen opens the door if it is shut, and returns its URL.
func (g *gateway) Listen(context.Context) (string, error) {
	if g.config.Load().API.Listen == config.ListenOff {
		return "", kanban.Errorf(kanban.Conflict, "andon.yaml says api: {listen: off}").Hint("leave it away, or say listen: %s", usual)
	}
	url, err := g.door.set(g.door.wanted)
	if url != "" && err == nil || g.config.Load().API.Listen != "" {
		return url, err
	}
	return g.door.set(g.free)
}

// free takes an address of loopback that nobody has. It is remembered for the
// gateways to come.
func (g *gateway) free() (config.API, net.Listener, error) {
	c := g.config.Load().API
	for _, address := range []string{usual, "127.0.0.1:0"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			continue
		}
		c.Listen = l.Addr().String()
		if err := g.access.SetListen(c.Listen); err != nil {
			return c, nil, errors.Join(err, l.Close())
		}
		return c, l, nil
	}
	return c, nil, kanban.Errorf(kanban.Unavailable, "no port of loopback is free").Hint("api: {listen: HOST:PORT} in andon.yaml")
}

// urlOf is how browsers reach a door.
func urlOf(c config.API) string {
	if c.BehindProxy {
		return "https://" + c.Hosts[0]
	}
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return ""
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	scheme := "http://"
	if c.Cert != "" {
		scheme = "https://"
		host = cmp.Or(first(c.Hosts), host)
	}
	return scheme + net.JoinHostPort(host, port)
}

func first(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// shutdown lets requests end that are about to.
func shutdown(server *http.Server) {
	bounded, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(bounded); err != nil {
		server.Close()
	}
}

// state is where the door is open, and why it is not.
func (d *door) state() (url, trouble string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.listens.Listen != "" {
		url = urlOf(d.listens)
	}
	if d.trouble != nil {
		trouble = d.trouble.Error()
	}
	return url, trouble
}
