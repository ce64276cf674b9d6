package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/gateway"
)

// serve is the gateway of a home, in a process of its own.
func serve(path string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	return gateway.Run(ctx, gateway.Options{Home: path, Version: "bench", Log: log})
}

// daemon is a running gateway.
type daemon struct {
	cmd    *exec.Cmd
	server string // where it listens
	*client.Client
}

// startGateway starts one and returns when it answers.
func startGateway(ctx context.Context, path string) (*daemon, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p, err := config.PathsOf(path, os.Getenv)
	if err != nil {
		return nil, err
	}
	d := &daemon{cmd: exec.CommandContext(ctx, self, "gateway", path), server: "unix:" + p.Socket}
	d.cmd.Stderr = os.Stderr
	d.cmd.Cancel = func() error { return d.cmd.Process.Signal(syscall.SIGTERM) }
	if d.Client, err = client.Dial(d.server, client.Options{}); err != nil {
		return nil, err
	}
	if err := d.cmd.Start(); err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		if _, err = d.Health(ctx); err == nil {
			return d, nil
		}
		if time.Now().After(deadline) {
			return nil, errors.Join(fmt.Errorf("the gateway does not answer: %w", err), d.stop())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (d *daemon) stop() error {
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return d.cmd.Wait()
}
