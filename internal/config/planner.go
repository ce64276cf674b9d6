package config

import (
	"errors"
	"net"
	"net/url"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/andon-dev/andon/internal/kanban"
)

func (r *reader) planner(p *Planner, c *Config) read {
	auto := planOff
	section := r.section(map[string]read{
		"url":          r.private(func(s string) error { p.URL = s; return checkEndpoint(s) }),
		"model":        r.text(func(s string) error { p.Model = s; return checkTenant(s) }), // the same rule: a short line,
		"key_file":     r.text(func(s string) error { p.KeyFile = s; return checkNUL(s) }),
		"key_env":      r.text(func(s string) error { p.KeyEnv = s; return checkEnvName(s) }),
		"lane":         r.text(func(s string) error { p.Lane = s; return checkSlug(s) }),
		"timeout":      r.duration(&p.Timeout, time.Second, time.Hour),
		"auto":         word(r, &auto, planOff, kanban.Specify, kanban.Decompose),
		"max_children": r.number(&p.MaxChildren, 1, kanban.MaxPlanChildren),
	})
	return func(v value) {
		before := len(r.problems)
		section(v)
		if auto != planOff {
			p.Auto = auto
		}
		if len(r.problems) == before {
			r.plannerWhole(v, *p)
		}
		r.later = append(r.later, func() {
			if _, known := c.Lanes[p.Lane]; p.Lane != "" && !known {
				hint := "name one of lanes"
				if near := kanban.Nearest(p.Lane, keysOf(c.Lanes)); near != "" {
					hint = "did you mean " + near + "?"
				}
				r.refuse(v.place(), hint, "planner.lane: there is no lane %q", p.Lane)
			}
		})
	}
}

// planOff is how the file says what Planner.Auto says with "".
const planOff kanban.PlanKind = "off"

// plannerWhole checks what keys say together.
func (r *reader) plannerWhole(v value, p Planner) {
	m, mapping := v.node.(*ast.MappingNode)
	if p == Defaults().Planner && !(mapping && len(m.Values) == 0) { // a section whose lines are commented out
		return
	}
	switch endpoint := p.URL != "" || p.Model != "" || p.KeyFile != "" || p.KeyEnv != ""; {
	case p.Lane != "" && endpoint:
		r.refuse(v.place(), "keep url and model, or lane", "planner has both an endpoint and a lane")
	case p.Lane != "":
	case p.URL == "":
		r.refuse(v.place(), "url: https://.../v1 and model: NAME, or lane: NAME", "planner has neither a url nor a lane")
	case p.Model == "":
		r.refuse(v.place(), "model: as the endpoint calls it", "planner has no model")
	case p.KeyFile != "" && p.KeyEnv != "":
		r.refuse(v.place(), "keep one of them", "planner has both key_file and key_env")
	}
}

// checkEndpoint keeps keys out of the address, and off the open wire.
func checkEndpoint(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("an absolute https URL, or an http one of this host")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return errors.New("a URL without user, password and query; the key comes from key_file or key_env")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return errors.New("https, since the key and your tasks go over it; http is for this host only")
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (p Planner) show() any {
	auto := string(p.Auto)
	if auto == "" {
		auto = string(planOff)
	}
	return without(map[string]any{
		"url":          hostOf(p.URL),
		"model":        p.Model,
		"key_file":     p.KeyFile,
		"key_env":      p.KeyEnv,
		"lane":         p.Lane,
		"timeout":      formatDuration(p.Timeout),
		"auto":         auto,
		"max_children": p.MaxChildren,
	})
}
