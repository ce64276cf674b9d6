package gateway

import (
	"context"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/walls"
)

// wallsOf tells what is around a lane's workers on this machine.
func wallsOf(s config.Sandbox) *client.Walls {
	if !s.On() {
		return &client.Walls{Mode: "none"}
	}
	w := &client.Walls{Mode: s.Mode, Network: s.Network, Write: s.Write, Read: s.Read}
	c, err := walls.Choose(context.Background(), walls.Mode(s.Mode), walls.Network(s.Network))
	if err != nil {
		w.Problem = err.Error()
		return w
	}
	w.Mode, w.Open = string(c.Mode), walls.Limits(c.Mode)
	return w
}
