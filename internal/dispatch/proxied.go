package dispatch

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/proxy"
	"github.com/andon-dev/andon/internal/walls"
)

// The variables by which programs know a proxy, and what goes past it.
var (
	proxyVars = []string{"http_proxy", "https_proxy", "all_proxy"}
	pastProxy = "no_proxy"
)

// Proxied are the rules of a lane whose network is proxied, nil for others. The
// proxy that env names is gone through.
//
// Errors: invalid if that one cannot be.
func Proxied(l config.Lane, env []string) (*proxy.Rules, error) {
	if !l.Sandbox.On() || l.Sandbox.Network != config.NetworkProxied {
		return nil, nil
	}
	either := func(name string) string {
		if v := valueOf(env, name); v != "" {
			return v
		}
		return valueOf(env, strings.ToUpper(name))
	}
	all := either("all_proxy")
	r := &proxy.Rules{Allow: l.Hosts(), Upstream: proxy.Upstream{HTTP: either("http_proxy"), HTTPS: either("https_proxy"), No: either(pastProxy)}}
	for _, of := range []*string{&r.Upstream.HTTP, &r.Upstream.HTTPS} {
		if *of == "" {
			*of = all
		}
	}
	if err := r.Upstream.Check(); err != nil {
		return nil, kanban.Errorf(kanban.Invalid, "sandbox: network: proxied cannot go through your own proxy: %w", err).
			Hint("name one for the lane: env: {HTTPS_PROXY: 'http://HOST:PORT'}, or '' for none")
	}
	return r, nil
}

// WithProxy is an environment in which programs find a lane's proxy, and not what
// the rules go through: its address may hold a password.
func WithProxy(env []string, r proxy.Rules) []string {
	env = slices.DeleteFunc(env, func(kv string) bool {
		name, _, _ := strings.Cut(strings.ToLower(kv), "=")
		return name == pastProxy || slices.Contains(proxyVars, name)
	})
	set := func(name, value string) {
		env = append(env, name+"="+value, strings.ToUpper(name)+"="+value)
	}
	for _, name := range proxyVars {
		set(name, "http://"+walls.Outlet)
	}
	if !slices.ContainsFunc(r.Allow, loopback) {
		set(pastProxy, "localhost,127.0.0.1,::1")
	}
	return env
}

// loopback reports whether an entry opens something on this machine's loopback,
// which the worker has another one of.
func loopback(entry string) bool {
	if at, err := netip.ParseAddrPort(entry); err == nil {
		return at.Addr().IsLoopback()
	}
	addr, err := netip.ParseAddr(entry)
	return err == nil && addr.IsLoopback()
}
