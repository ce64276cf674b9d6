package gateway

import (
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/notify"
	"github.com/andon-dev/andon/internal/planner"
)

// plannerOf is what boards need to know of the planner.
func plannerOf(c config.Config) board.Planner {
	p := board.Planner{Name: c.Planner.Model, MaxChildren: c.Planner.MaxChildren, Auto: c.Planner.Auto}
	if c.Planner.Lane != "" {
		p.Name, p.Lane = "lane "+c.Planner.Lane, c.Planner.Lane
	}
	return p
}

// planning is what the planner goes by now.
func (g *gateway) planning() planner.Settings {
	c := g.config.Load()
	s := planner.Settings{
		Lane: c.Planner.Lane, Timeout: c.Planner.Timeout, MaxChildren: c.Planner.MaxChildren, Lanes: map[string]planner.Lane{},
		Initial: max(c.Dispatch.Backoff.Initial, time.Millisecond), Max: c.Dispatch.Backoff.Max,
	}
	for name, l := range c.Lanes {
		s.Lanes[name] = planner.Lane{Description: l.Description}
	}
	if c.Planner.URL == "" {
		return s
	}
	e := &planner.Endpoint{URL: c.Planner.URL, Model: c.Planner.Model, Clock: g.Clock}
	switch {
	case c.Planner.KeyFile != "":
		e.Key = notify.SecretFile(c.Planner.KeyFile)
	case c.Planner.KeyEnv != "":
		e.Key = notify.SecretEnv(c.Planner.KeyEnv)
	}
	s.Mind = e
	return s
}
