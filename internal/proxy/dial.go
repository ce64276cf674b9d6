package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
	"golang.org/x/net/http/httpproxy"
)

// Upstream is the user's own proxy, as the variables of an environment name it.
type Upstream struct {
	HTTP  string `json:"http,omitempty"`
	HTTPS string `json:"https,omitempty"`
	No    string `json:"no,omitempty"`
}

// Check tells why it cannot be gone through.
func (u Upstream) Check() error {
	for _, of := range []struct{ scheme, through string }{{"http", u.HTTP}, {"https", u.HTTPS}} {
		via, err := u.of(&url.URL{Scheme: of.scheme, Host: "host.invalid"})
		if err != nil || via != nil && via.Scheme != "http" && via.Scheme != "https" {
			return fmt.Errorf("%s_proxy is neither http://HOST:PORT nor https://HOST:PORT", of.scheme) // it may hold a password
		}
	}
	return nil
}

func (u Upstream) of(to *url.URL) (*url.URL, error) {
	c := httpproxy.Config{HTTPProxy: u.HTTP, HTTPSProxy: u.HTTPS, NoProxy: u.No}
	return c.ProxyFunc()(to)
}

const dialTime = 30 * time.Second

// refusedAddress is where a name on the list leads, and nobody may go.
type refusedAddress struct{ at netip.AddrPort }

func (e *refusedAddress) Error() string { return e.at.String() + " is no address on the internet" }

// onTheInternet refuses every address that is reserved or private.
var onTheInternet = ssrf.New(ssrf.WithAnyPort())

// guarded dials what the list opens, by the address that its name led to.
func (p *Proxy) guarded() *net.Dialer {
	return &net.Dialer{Timeout: dialTime, Control: func(network, address string, c syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		if p.allow.allows(at.Addr().Unmap().String(), at.Port()) {
			return nil
		}
		if onTheInternet.Safe(network, address, c) != nil {
			return &refusedAddress{at}
		}
		return nil
	}}
}

// reach connects to a target, through the user's own proxy if there is one. The
// reader may hold what was said already.
func (p *Proxy) reach(ctx context.Context, to target) (net.Conn, io.Reader, error) {
	via, err := p.upstream.of(&url.URL{Scheme: "https", Host: to.String()})
	if err != nil {
		return nil, nil, err
	}
	if via == nil {
		conn, err := p.guarded().DialContext(ctx, "tcp", to.String())
		return conn, conn, err
	}
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	conn, err := dialProxy(ctx, via)
	if err != nil {
		return nil, nil, err
	}
	said, err := askProxy(ctx, conn, via, to)
	if err != nil {
		conn.Close()
		return nil, nil, err
	}
	return conn, said, nil
}

func dialProxy(ctx context.Context, via *url.URL) (net.Conn, error) {
	port := via.Port()
	if via.Scheme == "https" {
		if port == "" {
			port = "443"
		}
		return (&tls.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(via.Hostname(), port))
	}
	if port == "" {
		port = "80"
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(via.Hostname(), port))
}

// askProxy has a proxy connect to a target.
func askProxy(ctx context.Context, conn net.Conn, via *url.URL, to target) (io.Reader, error) {
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	ask := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: to.String()}, Host: to.String(), Header: http.Header{}}
	if u := via.User; u != nil {
		password, _ := u.Password()
		ask.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(u.Username()+":"+password)))
	}
	if err := ask.Write(conn); err != nil {
		return nil, err
	}
	said := bufio.NewReader(conn)
	answer, err := http.ReadResponse(said, ask)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the proxy %s answers %s", via.Host, answer.Status)
	}
	return said, nil
}
