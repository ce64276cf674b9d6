package script

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// startModel starts a server on loopback that speaks chat completions:
// `model URL DIR LOG`. The first file of DIR whose name stands in a request
// answers it; NAME.2 answers its second request, NAME.3 the third, and the last
// there is all that follow. A file says what the model says, or
//
//	!STATUS [RETRY-AFTER]    a refusal
//	!hang                    nothing, until the caller goes
//	!cut                     the begin of an answer
//
// Each request leaves a line in LOG: the file's name.
func startModel(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: model VARIABLE DIR LOG")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	m := &model{dir: ts.MkAbs(args[1]), log: ts.MkAbs(args[2]), asked: map[string]int{}, turn: make(chan struct{}, 1)}
	ts.Check(os.WriteFile(m.log, nil, 0o600))
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: m}
	go func() { _ = server.Serve(l) }()
	ts.Defer(func() { _ = server.Close() })
	ts.Setenv(args[0], "http://"+l.Addr().String()+"/v1")
}

type model struct {
	dir, log string
	asked    map[string]int
	turn     chan struct{}
}

func (m *model) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body bytes.Buffer
	_, _ = body.ReadFrom(r.Body)
	say, err := m.next(body.String())
	command, isCommand := strings.CutPrefix(strings.TrimSpace(say), "!")
	w.Header().Set("Content-Type", "application/json")
	switch {
	case err != nil || r.Header.Get("Authorization") != "Bearer sk-planner":
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"error": {"message": "you sent %s: %v"}}`, r.Header.Get("Authorization"), err)
	case command == "hang" && isCommand:
		<-r.Context().Done()
	case command == "cut" && isCommand:
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, `{"choices": [`)
	case isCommand:
		code, after, _ := strings.Cut(command, " ")
		if after != "" {
			w.Header().Set("Retry-After", after)
		}
		status, _ := strconv.Atoi(code)
		w.WriteHeader(status)
		fmt.Fprint(w, `{"error": {"message": "not now"}}`)
	default:
		_ = json.NewEncoder(w).Encode(map[string]any{"object": "chat.completion", "choices": []any{
			map[string]any{"finish_reason": "stop", "message": map[string]any{"role": "assistant", "content": say}},
		}})
	}
}

// next finds the file that answers, and notes that it does.
func (m *model) next(body string) (string, error) {
	m.turn <- struct{}{}
	defer func() { <-m.turn }()
	files, err := os.ReadDir(m.dir)
	if err != nil {
		return "", err
	}
	for _, f := range files {
		name := f.Name()
		if strings.Contains(name, ".") || !strings.Contains(body, name) {
			continue
		}
		m.asked[name]++
		for n := m.asked[name]; n > 1; n-- {
			if text, err := os.ReadFile(filepath.Join(m.dir, fmt.Sprint(name, ".", n))); err == nil {
				return string(text), m.note(fmt.Sprint(name, ".", n))
			}
		}
		text, err := os.ReadFile(filepath.Join(m.dir, name))
		if err != nil {
			return "", err
		}
		return string(text), m.note(name)
	}
	return "", fmt.Errorf("no file of %s is named in the request", m.dir)
}

func (m *model) note(name string) error {
	f, err := os.OpenFile(m.log, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, name)
	if failed := f.Close(); err == nil {
		err = failed
	}
	return err
}
