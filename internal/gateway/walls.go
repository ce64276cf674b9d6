package gateway

import (
	"context"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/walls"
)

// wallsOf tells what is around a lane's workers on this machine.
func wallsOf(l config.Lane) *client.Walls {
	s := l.Sandbox
	w := &client.Walls{Mode: "none", Network: s.Network, Write: s.Write, Read: s.Read, Memory: s.Memory, PIDs: s.PIDs, CPUs: s.CPUs}
	if err := limitable(s); err != nil {
		w.Problem = err.Error()
	}
	if !s.On() {
		return w
	}
	w.Mode, w.Hosts = s.Mode, l.Hosts()
	c, err := walls.Choose(context.Background(), walls.Mode(s.Mode), walls.Network(s.Network))
	if err != nil {
		w.Problem = err.Error()
		return w
	}
	w.Mode, w.Open = string(c.Mode), walls.Leaves(c.Mode)
	return w
}

// limitable tells whether a lane's limits can be kept here.
func limitable(s config.Sandbox) error {
	limits := walls.Limits{Memory: s.Memory, PIDs: s.PIDs, CPUs: s.CPUs}
	if !limits.Any() {
		return nil
	}
	groups, err := walls.Delegated()
	if err != nil {
		return err
	}
	return groups.Check(limits)
}
