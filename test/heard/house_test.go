//go:build linux

package heard

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/standin/slack"
	"github.com/andon-dev/andon/internal/standin/telegram"
)

const (
	board = "default"
	room  = -100500
	ops   = "C0OPS"
)

// The text of a message is its key, and nothing is ever run.
const config = `
retention: {events: 30d}
notify:
  sinks:
    telegram: {type: telegram, token_file: telegram.token, chat: "-100500", api: "%s", templates: &keys}
    slack: {type: slack, token_file: slack.token, channel: C0OPS, api: "%s/api/", templates: &keys}
    hook: {type: webhook, url: "%s"}
`

// house is a home and the places that it tells.
type house struct {
	*testing.T
	dir, andon string
	api        *client.Client
	telegram   *telegram.Server
	slack      *slack.Server
	hook       *hook
	kills      int
}

func newHouse(t *testing.T) *house {
	t.Helper()
	dir, err := os.MkdirTemp("", "heard-") // short, for a socket stands in it
	if err != nil {
		t.Fatal(err)
	}
	h := &house{T: t, dir: dir, andon: filepath.Join(dir, "andon-program"), telegram: telegram.New(), slack: slack.New(), hook: &hook{}}
	h.telegram.AddChat(telegram.Chat{ID: room, Type: "supergroup", Title: "Ops"})
	h.slack.AddChannel(slack.Channel{ID: ops, Name: "ops"})
	t.Cleanup(h.clear)
	build := exec.Command("go", "build", "-o", h.andon, "github.com/andon-dev/andon/cmd/andon")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	folder := filepath.Join(dir, "andon")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	keys := "{blocked: '{{.Key}}', unblocked: '{{.Key}}', completed: '{{.Key}}'}"
	text := fmt.Sprintf(config, h.serve(h.telegram), h.serve(h.slack), h.serve(h.hook))
	for name, content := range map[string]string{
		"andon.yaml":     string(bytes.ReplaceAll([]byte(text), []byte("&keys"), []byte(keys))),
		"telegram.token": telegram.Token, "slack.token": slack.BotToken,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h.run("config", "check")
	h.start()
	if h.api, err = client.Dial("unix:"+filepath.Join(folder, "andon.sock"), client.Options{Timeout: 5 * time.Second}); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) serve(s http.Handler) string {
	server := httptest.NewServer(s)
	h.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}

func (h *house) run(args ...string) []byte {
	h.Helper()
	cmd := exec.Command(h.andon, args...)
	cmd.Env = append(os.Environ(), "ANDON_HOME="+h.dir)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		h.Errorf("andon %v: %v\n%s%s", args, err, out, errs.String())
	}
	return out
}

func (h *house) start() { h.Helper(); h.run("gateway", "start") }

func (h *house) pid() int {
	h.Helper()
	var status struct{ PID int }
	if err := json.Unmarshal(h.run("gateway", "status", "-o", "json"), &status); err != nil {
		h.Error(err)
	}
	return status.PID
}

// kill ends the gateway as a loss of power would, and starts another.
func (h *house) kill() {
	h.Helper()
	if pid := h.pid(); pid > 0 {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			h.Error(err)
		}
		h.kills++
	}
	h.start()
}

func (h *house) clear() {
	if h.Failed() {
		log, _ := os.ReadFile(filepath.Join(h.dir, "andon", "gateway.log"))
		h.Logf("the end of the gateway's log:\n%s", log[max(0, len(log)-4000):])
	}
	h.run("gateway", "stop")
	if err := os.RemoveAll(h.dir); err != nil {
		h.Error(err)
	}
}
