//go:build linux

package command_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/notify"
	"github.com/andon-dev/andon/internal/notify/command"
)

var message = notify.Message{Key: "default-1-7", Board: "default", Text: "It is done.", Target: "room"}

// send runs a script of the shell.
func send(t *testing.T, script string, timeout time.Duration) error {
	t.Helper()
	o := command.Options{Argv: []string{"/bin/sh", "-c", script}, Env: []string{"PATH=" + os.Getenv("PATH"), "ONLY=this"}, Timeout: timeout}
	_, err := command.New(o).Send(t.Context(), message)
	return err
}

func TestAProgramGetsTheMessageAndNothingElse(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	t.Setenv("HIDDEN", "x")
	if err := send(t, "cat >"+out+"; env >"+out+".env", time.Minute); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var got notify.Message
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(message, got); diff != "" {
		t.Error(diff)
	}
	env, err := os.ReadFile(out + ".env")
	if err != nil || !strings.Contains(string(env), "ONLY=this") || strings.Contains(string(env), "HIDDEN") {
		t.Errorf("environment %q, %v", env, err)
	}
}

func TestG20_ExitStatusesAreJudged(t *testing.T) {
	for script, want := range map[string]string{
		"exit 0":                               "sent",
		"exit 75":                              "temporary: sh ended with status 75",
		"echo first >&2; echo why >&2; exit 1": "permanent: sh ended with status 1: why",
		"exit 127":                             "permanent: sh ended with status 127",
		"kill -9 $$":                           "temporary: sh was ended: signal: killed",
		"exec cat /dev/null":                   "sent", // although it reads nothing of its input
	} {
		if got := judged(send(t, script, time.Minute)); got != want {
			t.Errorf("%s: %s, want %s", script, got, want)
		}
	}
	_, err := command.New(command.Options{Argv: []string{"/nonexistent/tell"}, Timeout: time.Minute}).Send(t.Context(), message)
	if got := judged(err); got != "permanent: tell cannot be started: no such file or directory" {
		t.Error(got)
	}
}

func TestAProgramThatHangsIsEndedWithItsChildren(t *testing.T) {
	pids := filepath.Join(t.TempDir(), "pids")
	began := time.Now()
	err := send(t, "sleep 300 & echo $! >"+pids+"; wait", 300*time.Millisecond)
	if got := judged(err); got != "temporary: sh took longer than 300ms" {
		t.Error(got)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("took %s", took)
	}
	gone(t, pids)
}

func TestWhatAProgramLeavesBehindIsEnded(t *testing.T) {
	pids := filepath.Join(t.TempDir(), "pids")
	if err := send(t, "sleep 300 & echo $! >"+pids, time.Minute); err != nil {
		t.Error(err)
	}
	gone(t, pids)
}

// gone fails if the process whose id stands in a file runs on. One that was
// killed may still be there as a zombie.
func gone(t *testing.T, file string) {
	t.Helper()
	pid, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var stat []byte
	for range 1000 {
		stat, err = os.ReadFile("/proc/" + strings.TrimSpace(string(pid)) + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		time.Sleep(10 * time.Millisecond) // nobody tells when a process of somebody else is gone
	}
	t.Errorf("it lives: %s", stat)
}

func judged(err error) string {
	var f *notify.Failure
	switch {
	case err == nil:
		return "sent"
	case errors.As(err, &f) && f.Permanent:
		return "permanent: " + err.Error()
	}
	return "temporary: " + err.Error()
}
