package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/kanban"
)

func TestG32_ArgvIsNeverShellText(t *testing.T) {
	lane := Lane{Name: "a", Command: []string{"claude", "-p", "{{.Prompt}}", "--id={{.TaskID}}/{{.RunID}}", "{{.Branch}}", "a  b"}}
	got, err := lane.Argv(Fields{TaskID: "t_0badcafe", RunID: 7, Prompt: `"; rm -rf ~ #` + "\n{{.Board}} $(id)"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"claude", "-p", `"; rm -rf ~ #` + "\n{{.Board}} $(id)", "--id=t_0badcafe/7", "", "a  b"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestArgvRefusesNUL(t *testing.T) {
	lane := Lane{Name: "a", Command: []string{"echo", "{{.Title}}"}}
	if _, err := lane.Argv(Fields{Title: "a\x00b"}); kanban.CodeOf(err) != kanban.Invalid {
		t.Errorf("%v, want invalid", err)
	}
}

func TestG32_EnvironIsAnAllowList(t *testing.T) {
	lane := Lane{
		PassEnv: []string{"GITHUB_TOKEN"},
		Env:     map[string]string{"GOFLAGS": "-mod=mod", "LANG": "C.UTF-8"},
	}
	parent := []string{
		"HOME=/home/u", "PATH=/bin", "USER=u", "SHELL=/bin/sh", "LANG=de_DE", "LC_ALL=C", "TERM=xterm", "TMPDIR=/tmp",
		"XDG_RUNTIME_DIR=/run/user/1", "https_proxy=http://p", "NO_PROXY=localhost", "GITHUB_TOKEN=pass=ed",
		"AWS_SECRET_ACCESS_KEY=no", "ANDON_TOKEN=no", "HOMEBREW=no", "MY_LC_ALL=no", "broken",
	}
	want := []string{
		"GITHUB_TOKEN=pass=ed", "GOFLAGS=-mod=mod", "HOME=/home/u", "LANG=C.UTF-8", "LC_ALL=C", "NO_PROXY=localhost",
		"PATH=/bin", "SHELL=/bin/sh", "TERM=xterm", "TMPDIR=/tmp", "USER=u", "XDG_RUNTIME_DIR=/run/user/1", "https_proxy=http://p",
	}
	if diff := cmp.Diff(want, Environ(lane, parent)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
