package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// bare is a server of net/http and nothing else, in a process of its own: it
// answers bytes that it is given, and passes frames on to all who listen. What a
// gateway takes stands beside it.
type bare struct {
	mu     sync.Mutex
	page   []byte
	frames int
	ears   map[chan string]bool
}

// serveBare listens on a socket and on a free port of loopback, which it writes
// into a file beside the socket.
func serveBare(socket string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	b := &bare{ears: map[chan string]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /page", b.put)
	mux.HandleFunc("GET /page", b.get)
	mux.HandleFunc("GET /stream", b.stream)
	mux.HandleFunc("POST /frame", b.frame)
	server := &http.Server{Handler: mux, BaseContext: func(net.Listener) context.Context { return ctx }}
	unix, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if err := os.WriteFile(socket+".new", []byte(tcp.Addr().String()), 0o600); err != nil {
		return err
	}
	if err := os.Rename(socket+".new", socket+".tcp"); err != nil {
		return err
	}
	failed := make(chan error, 2)
	go func() { failed <- server.Serve(unix) }()
	go func() { failed <- server.Serve(tcp) }()
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	server.Close()
	return err
}

func (b *bare) put(w http.ResponseWriter, r *http.Request) {
	page, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.page = page
}

func (b *bare) get(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	page := b.page
	b.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("ETag", `"1"`)
	if r.Header.Get("If-None-Match") == `"1"` {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(page)
}

func (b *bare) stream(w http.ResponseWriter, r *http.Request) {
	ear := make(chan string, 1000)
	b.mu.Lock()
	b.ears[ear] = true
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.ears, ear)
	}()
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	fmt.Fprint(w, "retry: 500\n\n")
	for {
		if err := control.Flush(); err != nil {
			return
		}
		select {
		case text := <-ear:
			fmt.Fprint(w, text)
		case <-r.Context().Done():
			return
		}
	}
}

// frame passes the page on, as the frame of a change.
func (b *bare) frame(_ http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.frames++
	data := strings.Replace(string(b.page), marked("0"), marked(r.URL.Query().Get("n")), 1)
	text := fmt.Sprintf("id: %d\nevent: event\ndata: %s\n\n", b.frames, data)
	for ear := range b.ears {
		ear <- text
	}
}

// bareServer is a running one.
type bareServer struct {
	cmd         *exec.Cmd
	socket, tcp *way
}

func (b *bench) startBare(ctx context.Context) (*bareServer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	socket := filepath.Join(b.dir, "bare-"+strconv.FormatInt(time.Now().UnixNano(), 36))
	s := &bareServer{cmd: exec.CommandContext(ctx, self, "bare", socket)}
	s.cmd.Stderr = os.Stderr
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		address, err := os.ReadFile(socket + ".tcp")
		if err == nil {
			pid := s.cmd.Process.Pid
			s.socket, s.tcp = wayTo("unix:"+socket, "", pid), wayTo(string(address), "", pid)
			return s, nil
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("the bare server does not listen: %w", err)
		}
	}
}

func (s *bareServer) stop() { _ = s.cmd.Process.Signal(syscall.SIGTERM); _ = s.cmd.Wait() }
