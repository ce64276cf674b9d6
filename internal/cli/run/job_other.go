//go:build !linux && !darwin

package run

import (
	"context"
	"errors"
	"os"
	"strconv"

	"github.com/andon-dev/andon/client"
)

// job needs what this system does not have.
type job struct {
	*Options
	c       *client.Client
	board   string
	claim   client.Claim
	signals signals
}

type signals struct{ c chan os.Signal }

func listen() signals { return signals{make(chan os.Signal, 1)} }

func (signals) stop() {}

func (*job) run(context.Context) error { return errors.ErrUnsupported }

func boardOf(_ *client.Order, selected string) string { return selected }
func signalNumber(string) int                         { return 0 }
func itoa(n int64) string                             { return strconv.FormatInt(n, 10) }
