//go:build linux

package chaos

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	commandClients = 3 // at once, each a process per operation
	apiClients     = 10
)

// load keeps clients at work until stop is closed, and returns when all of them
// have ended with their last operation answered or given up.
func (h *home) load(stop <-chan struct{}) {
	var all sync.WaitGroup
	for i := range commandClients {
		all.Go(func() { h.commandClient(fmt.Sprintf("cli%d", i), stop) })
	}
	for i := range apiClients {
		name := fmt.Sprintf("api%d", i)
		all.Go(func() { h.keep(name, "client", h.ledgerPath(name), stop) })
	}
	all.Wait()
}

func (h *home) ledgerPath(name string) string {
	path := filepath.Join(h.notes, name+".ledger")
	h.comparison.read(path)
	return path
}

// keep runs an actor until stop, and again whenever it was killed.
func (h *home) keep(name, actor, path string, stop <-chan struct{}) {
	for {
		cmd := exec.Command(os.Args[0], h.socket(), path)
		cmd.Env = append(os.Environ(), actorVar+"="+actor)
		var said bytes.Buffer
		cmd.Stderr = &said
		gone := make(chan struct{})
		if err := h.begin(name, cmd); err != nil {
			h.Error(err)
			return
		}
		go func() {
			select {
			case <-stop:
				_ = cmd.Process.Signal(syscall.SIGTERM)
			case <-gone:
			}
		}()
		err := cmd.Wait()
		close(gone)
		h.ended(name)
		switch {
		case err == nil || h.Failed():
			return
		case !killedBy(cmd, syscall.SIGKILL) && !killedBy(cmd, syscall.SIGTERM):
			h.Errorf("%s: %v: %s", name, err, said.String())
			return
		case killedBy(cmd, syscall.SIGTERM): // before it could listen
			return
		}
	}
}

func killedBy(cmd *exec.Cmd, sig syscall.Signal) bool {
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == sig
}

func (h *home) begin(name string, cmd *exec.Cmd) error {
	h.running.Lock()
	defer h.running.Unlock()
	err := cmd.Start()
	if err == nil {
		h.clients[name] = cmd
	}
	return err
}

// giveUp ends the clients after a failure: they would insist for ever on an
// answer from a gateway that nobody starts any more.
func (h *home) giveUp() {
	h.running.Lock()
	defer h.running.Unlock()
	for _, c := range h.clients {
		_ = c.Process.Kill()
	}
}

func (h *home) ended(name string) {
	h.running.Lock()
	delete(h.clients, name)
	h.running.Unlock()
}

// commandClient uses the command line. A create is repeated under its
// idempotency key until it is answered; of others that got no answer nobody
// knows what became, but that it did not happen twice.
func (h *home) commandClient(name string, stop <-chan struct{}) {
	l, err := openLedger(h.ledgerPath(name))
	if err != nil {
		h.Error(err)
		return
	}
	defer l.file.Close()
	for n := 0; ; n += 3 {
		id := func(i int) string { return fmt.Sprintf("%s-%d", name, n+i) }
		create := operation{id: id(0), kind: "create"}
		task, ok := h.run(l, name, create, "add", create.id, "--idempotency-key", create.id, "-q")
		for !ok {
			select {
			case <-stop:
				return
			case <-time.After(again):
			}
			task, ok = h.run(l, name, create, "add", create.id, "--idempotency-key", create.id, "-q")
		}
		comment := operation{id: id(1), kind: "comment", task: task}
		h.run(l, name, comment, "comment", task, comment.id)
		complete := operation{id: id(2), kind: "complete", task: task}
		h.run(l, name, complete, "complete", task, "--summary", complete.id)
		select {
		case <-stop:
			return
		default:
		}
	}
}

// run runs one command. Only an exit status that says "not now" is accepted
// beside success, and the death that we brought.
func (h *home) run(l *ledger, name string, o operation, args ...string) (task string, ok bool) {
	cmd := h.command(args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := l.intend(o); err != nil {
		h.Error(err)
		return "", false
	}
	if err := h.begin(name, cmd); err != nil {
		h.Error(err)
		return "", false
	}
	err := cmd.Wait()
	h.ended(name)
	if err == nil {
		if o.task == "" {
			o.task = strings.TrimSpace(stdout.String())
		}
		if err := l.acknowledge(o, o.task); err != nil {
			h.Error(err)
		}
		return o.task, true
	}
	if code := cmd.ProcessState.ExitCode(); code != 7 && !killedBy(cmd, syscall.SIGKILL) {
		h.Errorf("andon %s: exit %d: %s", strings.Join(args, " "), code, stderr.String())
	}
	return "", false
}
