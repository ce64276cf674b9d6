package proxy

import (
	"errors"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// host is an entry of an allow list.
type host struct {
	name  string // in lower case, or an address as netip writes it
	below bool   // the hosts below the name, at any depth, and not the name
	ports []uint16
}

// usual are the ports of an entry that names none.
var usual = []uint16{80, 443}

// CheckHost tells why an entry of an allow list is none.
func CheckHost(entry string) error {
	_, err := parseHost(entry)
	return err
}

var errHost = errors.New("a host such as api.example.org, *.example.org, registry.example.org:8443 or 10.0.0.7:5000; no scheme, no path")

// named is a host's name, which no address can be mistaken for.
var named = regexp.MustCompile(`^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$`)

func parseHost(entry string) (host, error) {
	name, port, err := net.SplitHostPort(entry)
	h := host{ports: usual}
	if err == nil {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return host{}, errHost
		}
		h.ports = []uint16{uint16(n)}
	} else {
		name = strings.TrimSuffix(strings.TrimPrefix(entry, "["), "]")
	}
	if addr, err := netip.ParseAddr(name); err == nil && addr.Zone() == "" {
		h.name = addr.Unmap().String()
		return h, nil
	}
	h.name, h.below = strings.CutPrefix(strings.ToLower(name), "*.")
	if len(h.name) > 253 || !named.MatchString(h.name) {
		return host{}, errHost
	}
	return h, nil
}

// hosts is an allow list.
type hosts []host

// allows reports whether the list opens a port of a host, which is named or an
// address.
func (l hosts) allows(name string, port uint16) bool {
	return slices.ContainsFunc(l, func(h host) bool {
		matches := name == h.name
		if h.below {
			matches = strings.HasSuffix(name, "."+h.name)
		}
		return matches && slices.Contains(h.ports, port)
	})
}

// target is what a worker asks for.
type target struct {
	name string // as in host
	port uint16
}

func (t target) String() string { return net.JoinHostPort(t.name, strconv.Itoa(int(t.port))) }

// targetOf reads HOST:PORT, or HOST where there is a usual port.
func targetOf(authority, usual string) (target, bool) {
	name, port, err := net.SplitHostPort(authority)
	if err != nil {
		name, port = strings.TrimSuffix(strings.TrimPrefix(authority, "["), "]"), usual
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return target{}, false
	}
	if addr, err := netip.ParseAddr(name); err == nil {
		return target{addr.Unmap().String(), uint16(n)}, addr.Zone() == ""
	}
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	return target{name, uint16(n)}, named.MatchString(name)
}
