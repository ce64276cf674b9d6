package config

import (
	"errors"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// sandbox reads one word, or a section that says more.
func (r *reader) sandbox(s *Sandbox) read {
	mode := word(r, &s.Mode, SandboxOff, SandboxAuto, SandboxBwrap, SandboxLandlock)
	section := r.section(map[string]read{
		"mode":    mode,
		"network": r.network(&s.Network),
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
			section(v)
		default:
			if mode(v); s.On() {
				s.Network = NetworkOn
			}
		}
	}
}

func (r *reader) network(into *string) read {
	known := word(r, into, NetworkOn, NetworkOff)
	return func(v value) {
		if s, ok := v.node.(*ast.StringNode); ok && s.Value == "proxied" {
			r.refuse(v.place(), "network: on with HTTPS_PROXY in env, which a worker can go around; or network: off",
				"%s cannot be proxied: nothing here would keep a worker to its proxy", v.path)
			return
		}
		known(v)
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
