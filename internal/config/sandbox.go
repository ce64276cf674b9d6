package config

import (
	"errors"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/andon-dev/andon/internal/proxy"
)

// sandbox reads one word, or a section that says more.
func (r *reader) sandbox(l *Lane) read {
	s := &l.Sandbox
	mode := word(r, &s.Mode, SandboxOff, SandboxAuto, SandboxBwrap, SandboxLandlock)
	section := r.section(map[string]read{
		"mode":    mode,
		"network": word(r, &s.Network, NetworkOn, NetworkOff, NetworkProxied),
		"allow":   r.list(&s.Allow, `hosts, such as [api.example.org, "*.example.org", registry.example.org:8443]`, proxy.CheckHost),
		"write":   r.list(&s.Write, "paths, such as [~/.cache/go-build]", checkReach),
		"read":    r.list(&s.Read, "paths, such as [~/.gitconfig, /srv/data]", checkReach),
		"memory":  r.size(&s.Memory, 1<<20, 1<<50),
		"pids":    r.number(&s.PIDs, 1, 1<<22),
		"cpus":    r.text(func(text string) (err error) { s.CPUs, err = parseCPUs(text); return }),
	})
	return func(v value) {
		switch v.node.(type) {
		case *ast.MappingNode, *ast.MappingValueNode:
			s.Mode, s.Network = SandboxAuto, NetworkOn
			before := len(r.problems)
			section(v)
			if len(r.problems) == before {
				r.refuseUnwalled(s, v)
				r.later = append(r.later, func() { r.settleNetwork(l, v) })
			}
		default:
			if mode(v); s.On() {
				s.Network = NetworkOn
			}
		}
	}
}

// refuseUnwalled refuses what only walls can keep where there are none.
func (r *reader) refuseUnwalled(s *Sandbox, v value) {
	asked := ""
	switch {
	case s.Mode != SandboxOff:
		return
	case s.Network == NetworkOff:
		asked = "network: off"
	case len(s.Read) > 0:
		asked = "read"
	case len(s.Write) > 0:
		asked = "write"
	default:
		return
	}
	r.refuse(v.place(), "mode: auto, bwrap or landlock; or leave it out: without walls a worker reaches all that you do",
		"%s is off, and %s takes walls", v.path, asked)
}

// settleNetwork checks a proxied network, whose hosts depend on the preset, too.
func (r *reader) settleNetwork(l *Lane, v value) {
	s := l.Sandbox
	switch {
	case s.Network != NetworkProxied && len(s.Allow) > 0:
		r.refuse(v.place(), "network: proxied, with which nothing else is reached", "%s allows hosts, and its network is not proxied", v.path)
	case s.Network != NetworkProxied:
	case s.Mode == SandboxOff:
		r.refuse(v.place(), "mode: bwrap, or auto", "%s is off: without walls nothing keeps a worker to its proxy", v.path)
	case s.Mode == SandboxLandlock:
		r.refuse(v.place(), "mode: bwrap, or auto where bubblewrap is installed; or network: off",
			"%s is proxied, and landlock cannot keep a worker to its proxy", v.path)
	case len(l.Hosts()) == 0:
		r.refuse(v.place(), `allow: [api.example.org, "*.example.org"]; or network: off`, "%s is proxied and allows no host", v.path)
	}
}

func parseCPUs(text string) (float64, error) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n >= 0.01 && n <= 4096) {
		return 0, errors.New("a number of processors from 0.01 to 4096, such as 2 or 0.5")
	}
	return n, nil
}

// checkReach accepts what can be shown to a worker: nothing relative, and not
// everything.
func checkReach(s string) error {
	path := s
	if rest, ok := strings.CutPrefix(s, "~/"); ok {
		path = "/" + rest
	}
	switch {
	case !filepath.IsAbs(path) || checkNUL(s) != nil:
		return errors.New("an absolute path, or one that begins with ~/")
	case filepath.Clean(path) == "/":
		return errors.New("a path below / or ~/, since a sandbox around everything is none")
	case filepath.Clean(path) != path && filepath.Clean(path)+"/" != path:
		return errors.New("a path without .. or doubled /")
	}
	return nil
}
