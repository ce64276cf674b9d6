package main

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// commandLine measures how long a person waits for the andon command, from a
// cold start to its exit, on a board of 10,000 tasks. Beside it stands the
// smallest Go program.
func commandLine(ctx context.Context, b *bench) ([]Figure, error) {
	h, err := b.newHome("cli")
	if err != nil {
		return nil, err
	}
	board, err := h.board(ctx, "default", nil)
	if err == nil {
		err = crowd(ctx, board, crowdSize)
	}
	if err == nil {
		err = h.Close()
	}
	if err != nil {
		return nil, err
	}
	calls := []*call{
		{name: "the smallest Go program", argv: []string{b.note}},
		{name: "andon version", argv: []string{b.andon, "version"}},
		{name: "andon list, no gateway", argv: []string{b.andon, "--home", h.path, "list"}, promised: true},
		{name: "andon list --limit 1000, no gateway", argv: []string{b.andon, "--home", h.path, "list", "--limit", "1000"}},
	}
	if err := takeTurns(ctx, calls); err != nil {
		return nil, err
	}
	d, err := b.startGateway(ctx, h.path)
	if err != nil {
		return nil, err
	}
	served := &call{name: "andon list, through the gateway", argv: []string{b.andon, "--home", h.path, "list"}, promised: true}
	if err := takeTurns(ctx, []*call{served}); err != nil {
		return nil, err
	}
	return figuresOf(append(calls, served)), d.stop()
}

// call is one command line and how long it took each time.
type call struct {
	name     string
	argv     []string
	promised bool // S4 speaks of it
	took     times
}

const callTimes = 20

func takeTurns(ctx context.Context, calls []*call) error {
	for range callTimes {
		for _, c := range calls {
			if err := c.run(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *call) run(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, c.argv[0], c.argv[1:]...)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = io.Discard, &said
	begun := time.Now()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", c.name, err, &said)
	}
	c.took = append(c.took, time.Since(begun))
	return nil
}

func figuresOf(calls []*call) []Figure {
	var figures []Figure
	for i, c := range calls {
		f := Figure{Name: c.name + ", p50", Value: c.took.percentile(50), Unit: "ms"}
		if i > 0 {
			f = f.beside(calls[0].name, calls[0].took.percentile(50))
		}
		if c.promised {
			f = f.atMost("S4", 50)
		}
		figures = append(figures, f)
	}
	return figures
}
