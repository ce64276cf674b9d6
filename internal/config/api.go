package config

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// api refuses an address that others reach without TLS, and knows no word that
// lets anybody in without a credential.
func (r *reader) api(a *API) read {
	tls := r.section(map[string]read{
		"cert": r.text(func(f string) error { a.Cert = f; return checkNUL(f) }),
		"key":  r.text(func(f string) error { a.Key = f; return checkNUL(f) }),
	})
	section := r.section(map[string]read{
		"listen": r.text(func(s string) error { a.Listen = s; return checkListen(s) }),
		"tls": func(v value) {
			if tls(v); (a.Cert == "") != (a.Key == "") {
				r.refuse(v.place(), "tls: {cert: FILE, key: FILE}", "%s needs both cert and key", v.path)
			}
		},
		"behind_proxy": r.yes(&a.BehindProxy),
		"hosts":        r.list(&a.Hosts, "names without port, such as [andon.example.org]", checkName),
	})
	return func(v value) {
		before := len(r.problems)
		section(v)
		if len(r.problems) > before {
			return
		}
		listens := a.Listen != "" && a.Listen != ListenOff
		switch {
		case listens && !local(a.Listen) && a.Cert == "" && !a.BehindProxy:
			r.refuse(v.key, "tls: {cert: FILE, key: FILE}, or behind_proxy: true; or listen: 127.0.0.1:8420 and reach it through ssh -L",
				"%s.listen is reached by others, and without TLS they could read along", v.path)
		case !listens && (a.Cert != "" || a.BehindProxy):
			r.refuse(v.key, "listen: HOST:PORT", "%s speaks TLS and listens nowhere", v.path)
		case a.BehindProxy && len(a.Hosts) == 0:
			r.refuse(v.key, "hosts: [andon.example.org]", "%s is behind a proxy and has no name there", v.path)
		}
	}
}

func checkListen(s string) error {
	wrong := errors.New("HOST:PORT, such as 127.0.0.1:8420; or off")
	if s == ListenOff {
		return nil
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return wrong
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return wrong
	}
	if _, err := netip.ParseAddr(host); err != nil && host != "localhost" && host != "" {
		return errors.New("an address of this machine, localhost, or :PORT for all of them")
	}
	return nil
}

// local reports whether only this machine reaches an address.
func local(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	return err == nil && loopback(host)
}

// checkName takes a name as it stands in a Host header.
func checkName(s string) error {
	u, err := url.Parse("https://" + s)
	if err != nil || u.Host != s || u.Port() != "" || s == "" || s != strings.ToLower(s) || strings.ContainsAny(s, "*_@ []") {
		return errors.New("a name in small letters, without port")
	}
	return nil
}

func (a API) show() any {
	shown := without(map[string]any{"listen": a.Listen, "behind_proxy": a.BehindProxy, "hosts": a.Hosts})
	if a.Cert != "" {
		shown["tls"] = map[string]any{"cert": a.Cert, "key": a.Key}
	}
	return shown
}
