package main

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/andon-dev/andon/client"
)

// start measures how long a task that may run waits for its worker, through a
// real gateway, with 10,000 other tasks on the board. Beside each task stands a
// plain fork and exec of the same worker by this process.
func start(ctx context.Context, b *bench) ([]Figure, error) {
	h, err := b.newHome("start")
	if err != nil {
		return nil, err
	}
	notes, err := listen(filepath.Join(b.dir, "notes"))
	if err != nil {
		return nil, err
	}
	defer notes.pipe.Close()
	if err := crowdedHome(ctx, b, h, notes.path); err != nil {
		return nil, err
	}
	d, err := b.startGateway(ctx, h.path)
	if err != nil {
		return nil, err
	}
	one, err := oneByOne(ctx, b, d, notes)
	if err != nil {
		return nil, err
	}
	burst, err := inBursts(ctx, b, d, notes)
	if err != nil {
		return nil, err
	}
	return append(one, burst...), d.stop()
}

const crowdSize = 10_000

func crowdedHome(ctx context.Context, b *bench, h *home, pipe string) error {
	board, err := h.board(ctx, "default", nil)
	if err == nil {
		err = crowd(ctx, board, crowdSize)
	}
	if err == nil {
		err = h.Close()
	}
	if err != nil {
		return err
	}
	return h.configure(fmt.Sprintf("lanes:\n  %s: {command: [%q, '{{.TaskID}}', %q], done_when: exit}\n", lane, b.note, pipe))
}

// oneByOne creates a task now and then, each after the one before has ended.
func oneByOne(ctx context.Context, b *bench, d *daemon, notes *notes) ([]Figure, error) {
	var sinceAsked, sinceAnswered, floor times
	pause := rand.New(rand.NewPCG(1, 2))
	for i := range pick(b, 300, 60) {
		time.Sleep(time.Duration(20+pause.IntN(30)) * time.Millisecond)
		asked := time.Now()
		made, err := d.CreateTask(ctx, "default", client.TaskCreate{Title: "Task " + strconv.Itoa(i), Assignee: lane})
		if err != nil {
			return nil, err
		}
		answered := time.Now()
		started, err := notes.of(made.ID)
		if err != nil {
			return nil, err
		}
		sinceAsked = append(sinceAsked, started.Sub(asked))
		sinceAnswered = append(sinceAnswered, max(0, started.Sub(answered)))
		if err := ended(ctx, d, made.ID); err != nil {
			return nil, err
		}
		plain, err := forkAndExec(b, notes)
		if err != nil {
			return nil, err
		}
		floor = append(floor, plain)
	}
	const besides = "fork and exec alone"
	return []Figure{
		Figure{Name: "ready to worker started, p50", Value: sinceAnswered.percentile(50), Unit: "ms"}.beside(besides, floor.percentile(50)).atMost("S1", 5),
		Figure{Name: "ready to worker started, p99", Value: sinceAnswered.percentile(99), Unit: "ms"}.beside(besides, floor.percentile(99)).atMost("S1", 50),
		Figure{Name: "request sent to worker started, p50", Value: sinceAsked.percentile(50), Unit: "ms"}.beside(besides, floor.percentile(50)),
		Figure{Name: "request sent to worker started, p99", Value: sinceAsked.percentile(99), Unit: "ms"}.beside(besides, floor.percentile(99)),
	}, nil
}

const burstSize = 16

// inBursts creates many tasks at once, more than there are warm supervisors.
func inBursts(ctx context.Context, b *bench, d *daemon, notes *notes) ([]Figure, error) {
	var first, last times
	for i := range pick(b, 20, 5) {
		asked := time.Now()
		ids := make([]string, burstSize)
		err := together(burstSize, burstSize, func(j int) error {
			made, err := d.CreateTask(ctx, "default", client.TaskCreate{Title: fmt.Sprintf("Task %d of burst %d", j, i), Assignee: lane})
			ids[j] = made.ID
			return err
		})
		if err != nil {
			return nil, err
		}
		earliest, latest := time.Now().Add(time.Hour), time.Time{}
		for _, id := range ids {
			started, err := notes.of(id)
			if err != nil {
				return nil, err
			}
			if started.Before(earliest) {
				earliest = started
			}
			if started.After(latest) {
				latest = started
			}
		}
		first, last = append(first, earliest.Sub(asked)), append(last, latest.Sub(asked))
		for _, id := range ids {
			if err := ended(ctx, d, id); err != nil {
				return nil, err
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	return []Figure{
		{Name: fmt.Sprintf("%d tasks at once: until the first worker started, p50", burstSize), Value: first.percentile(50), Unit: "ms"},
		{Name: fmt.Sprintf("%d tasks at once: until all workers started, p50", burstSize), Value: last.percentile(50), Unit: "ms"},
	}, nil
}

// ended waits for the end of a task's run.
func ended(ctx context.Context, d *daemon, id string) error {
	q := client.EventQuery{Task: id, Wait: 10 * time.Second}
	for {
		page, err := d.Events(ctx, "default", q)
		if err != nil {
			return err
		}
		if len(page.Items) == 0 {
			return fmt.Errorf("the run of %s does not end", id)
		}
		for _, e := range page.Items {
			q.After = e.ID
			switch e.Kind {
			case "completed":
				return nil
			case "claimed", "created", "spawned":
			default:
				return fmt.Errorf("task %s: %s %v", id, e.Kind, e.Payload)
			}
		}
	}
}

// forkAndExec starts the worker without any board.
func forkAndExec(b *bench, notes *notes) (time.Duration, error) {
	cmd := exec.Command(b.note, "plain", notes.path)
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	started, err := notes.of("plain")
	if err != nil {
		return 0, err
	}
	return started.Sub(begun), cmd.Wait()
}

// notes is a named pipe into which workers write when they were started.
type notes struct {
	path  string
	pipe  *os.File
	lines chan string
	early map[string]time.Time // came while another was waited for
}

func listen(path string) (*notes, error) {
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		return nil, err
	}
	pipe, err := os.OpenFile(path, os.O_RDWR, 0) // with a writer there is no end of file
	if err != nil {
		return nil, err
	}
	n := &notes{path: path, pipe: pipe, lines: make(chan string, 100), early: map[string]time.Time{}}
	go func() {
		for lines := bufio.NewScanner(pipe); lines.Scan(); {
			n.lines <- lines.Text()
		}
	}()
	return n, nil
}

// of returns when the worker of an id was started.
func (n *notes) of(id string) (time.Time, error) {
	for {
		if at, known := n.early[id]; known {
			delete(n.early, id)
			return at, nil
		}
		select {
		case line := <-n.lines:
			var who string
			var at int64
			if _, err := fmt.Sscan(line, &who, &at); err != nil {
				return time.Time{}, fmt.Errorf("note %q: %w", line, err)
			}
			n.early[who] = time.Unix(0, at)
		case <-time.After(20 * time.Second):
			return time.Time{}, fmt.Errorf("no worker was started for %s", id)
		}
	}
}
