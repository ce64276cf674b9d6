package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// peers measures two other queues on SQLite in a second process: none may hold
// two SQLites. They do less than Andon for each task (goqite keeps neither runs
// nor events, River batches its completions), so there is no ratio.
func peers(ctx context.Context, b *bench) ([]Figure, error) {
	dir, err := exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}", "github.com/andon-dev/andon/bench").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	cmd := exec.CommandContext(ctx, "go", "run", ".", "-span", pick(b, "2s", "1s"), "-rounds", pick(b, "3", "1"))
	cmd.Dir = filepath.Join(strings.TrimSpace(string(dir)), "peers")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("bench/peers: %w", err)
	}
	var rates []struct {
		Name    string
		Callers int
		Rate    float64
	}
	if err := json.Unmarshal(out, &rates); err != nil {
		return nil, err
	}
	var figures []Figure
	for _, r := range rates {
		figures = append(figures, Figure{Name: fmt.Sprintf("%s, durable, callers: %d", r.Name, r.Callers), Value: r.Rate, Unit: "tasks/s"})
	}
	return figures, nil
}
