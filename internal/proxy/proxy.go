package proxy

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"

	"golang.org/x/net/netutil"
)

// Rules are what a Proxy lets through.
type Rules struct {
	Allow    []string `json:"allow"` // see CheckHost
	Upstream Upstream `json:"upstream,omitzero"`
}

// Proxy serves one run.
type Proxy struct {
	allow    hosts
	upstream Upstream
	tell     func(refused string)
	server   http.Server
	forward  httputil.ReverseProxy

	mu   sync.Mutex
	told map[target]bool
}

// Bounds, since whoever is behind the walls may mean harm: to the descriptors
// and the memory of this process, and to the log.
const (
	maxConns   = 200
	maxTold    = 100
	maxHeader  = 64 << 10
	headerTime = 30 * time.Second
	idleTime   = 2 * time.Minute
)

// New returns a proxy that tells, a line and once each, which hosts it refused.
func New(r Rules, tell func(refused string)) (*Proxy, error) {
	p := &Proxy{upstream: r.Upstream, tell: tell, told: map[target]bool{}}
	for _, entry := range r.Allow {
		h, err := parseHost(entry)
		if err != nil {
			return nil, fmt.Errorf("%q is not %w", entry, err)
		}
		p.allow = append(p.allow, h)
	}
	p.server = http.Server{
		Handler:           p,
		ReadHeaderTimeout: headerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	p.forward = httputil.ReverseProxy{
		Rewrite:       func(*httputil.ProxyRequest) {}, // the request says itself where it goes
		Transport:     p.transport(),
		FlushInterval: -1,
		ErrorHandler:  p.failed,
		ErrorLog:      log.New(io.Discard, "", 0),
	}
	return p, nil
}

// transport forwards plain HTTP.
func (p *Proxy) transport() http.RoundTripper {
	direct := &http.Transport{DialContext: p.guarded().DialContext, DisableCompression: true, IdleConnTimeout: idleTime, MaxIdleConns: maxConns}
	chained := direct.Clone()
	chained.DialContext, chained.Proxy = (&net.Dialer{Timeout: dialTime}).DialContext, func(r *http.Request) (*url.URL, error) { return p.upstream.of(r.URL) }
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		via, err := p.upstream.of(r.URL)
		if err != nil {
			return nil, err
		}
		if via != nil {
			return chained.RoundTrip(r)
		}
		return direct.RoundTrip(r)
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Serve answers what comes in on l, until that is closed.
func (p *Proxy) Serve(l net.Listener) error {
	return p.server.Serve(netutil.LimitListener(l, maxConns))
}

func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	to, ok := target{}, false
	switch {
	case r.Method == http.MethodConnect:
		to, ok = targetOf(r.Host, "")
	case r.URL.Scheme == "http":
		to, ok = targetOf(r.URL.Host, "80")
	}
	switch {
	case !ok:
		http.Error(w, "andon: this is the proxy of a lane: it takes CONNECT HOST:PORT, and http://HOST/PATH", http.StatusBadRequest)
	case !p.allow.allows(to.name, to.port):
		p.refuse(w, to, fmt.Sprintf("%s is not on the lane's list; in andon.yaml, sandbox: {allow: [%q]} opens it", to, to.String()))
	case r.Method == http.MethodConnect:
		p.connect(w, r, to)
	default:
		p.forward.ServeHTTP(w, r)
	}
}

// refuse answers 403 with the way out, which the log of the run tells, too.
func (p *Proxy) refuse(w http.ResponseWriter, to target, why string) {
	p.mu.Lock()
	first := !p.told[to] && len(p.told) < maxTold
	if first {
		p.told[to] = true
	}
	p.mu.Unlock()
	if first {
		p.tell(why)
	}
	http.Error(w, "andon: "+why, http.StatusForbidden)
}

// failed answers for a host that was allowed and not reached.
func (p *Proxy) failed(w http.ResponseWriter, r *http.Request, err error) {
	to, _ := targetOf(r.Host, "80")
	if where, ok := errors.AsType[*refusedAddress](err); ok {
		p.refuse(w, to, fmt.Sprintf("%s is %s, which is not on the internet; in andon.yaml, sandbox: {allow: [%q]} beside the name opens it",
			to.name, where.at.Addr(), where.at))
		return
	}
	http.Error(w, "andon: "+to.String()+" cannot be reached: "+err.Error(), http.StatusBadGateway)
}

// connect makes a tunnel.
func (p *Proxy) connect(w http.ResponseWriter, r *http.Request, to target) {
	there, said, err := p.reach(r.Context(), to)
	if err != nil {
		p.failed(w, r, err)
		return
	}
	defer there.Close()
	here, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer here.Close()
	if _, err := io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	go func() {
		if _, err := io.Copy(there, buffered); err != nil {
			there.Close()
			return
		}
		if half, ok := there.(interface{ CloseWrite() error }); ok { // it may still answer
			_ = half.CloseWrite()
		}
	}()
	_, _ = io.Copy(here, said)
}
