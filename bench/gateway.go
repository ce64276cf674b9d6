package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/config"
)

// daemon is a running gateway.
type daemon struct {
	cmd    *exec.Cmd
	server string // where it listens
	*client.Client
}

// startGateway starts one and returns when it answers.
func (b *bench) startGateway(ctx context.Context, path string) (*daemon, error) {
	p, err := config.PathsOf(path, os.Getenv)
	if err != nil {
		return nil, err
	}
	log, err := os.Create(path + ".log") // it tells of each request, as it would in earnest
	if err != nil {
		return nil, err
	}
	defer log.Close()
	d := &daemon{cmd: exec.CommandContext(ctx, b.andon, "--home", path, "gateway", "run"), server: "unix:" + p.Socket}
	d.cmd.Stderr = log
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
			said, _ := os.ReadFile(log.Name()) // nothing more to tell then
			return nil, errors.Join(fmt.Errorf("the gateway does not answer: %w\n%s", err, said), d.stop())
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
