package config

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/kanban"
)

func env(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func TestHome(t *testing.T) {
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, flag string
		env        map[string]string
		want       string
	}{
		{"flag", "/f", map[string]string{"ANDON_HOME": "/a", "HOME": "/h"}, "/f"},
		{"variable", "", map[string]string{"ANDON_HOME": "/a", "HOME": "/h"}, "/a"},
		{"neither", "", map[string]string{"HOME": "/h"}, "/h/.andon"},
		{"relative", "x/../y", nil, filepath.Join(here, "y")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Home(tt.flag, env(tt.env))
			if err != nil || got != tt.want {
				t.Errorf("%q, %v; want %q", got, err, tt.want)
			}
		})
	}
	if _, err := Home("", env(nil)); kanban.CodeOf(err) != kanban.Invalid {
		t.Errorf("no home at all: %v, want invalid", err)
	}
}

func TestPaths(t *testing.T) {
	got, err := PathsOf("/h", env(nil))
	if err != nil {
		t.Fatal(err)
	}
	want := Paths{
		Home: "/h", Dir: "/h/andon", Config: "/h/andon/andon.yaml", Socket: "/h/andon/andon.sock", Gate: "/h/andon/andon.gate",
		Runs: "/h/andon/runs", Spares: "/h/andon/spares", Artifacts: "/h/andon/artifacts", Walled: "/h/andon/walled",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestLongSocketPathsMove(t *testing.T) {
	runtime := env(map[string]string{"XDG_RUNTIME_DIR": "/run/user/1000"})
	fits := "/" + strings.Repeat("a", maxSocket-len("//andon/andon.sock"))
	long := fits + "a"

	if p, err := PathsOf(fits, env(nil)); err != nil || len(p.Socket) != maxSocket {
		t.Errorf("%d bytes: %v", len(p.Socket), err)
	}
	p, err := PathsOf(long, runtime)
	if err != nil || filepath.Dir(p.Socket) != "/run/user/1000" {
		t.Errorf("socket %q, %v", p.Socket, err)
	}
	other, err := PathsOf(long+"b", runtime)
	if err != nil || other.Socket == p.Socket {
		t.Errorf("two homes share socket %q, %v", other.Socket, err)
	}
	if _, err := PathsOf(long, env(nil)); kanban.CodeOf(err) != kanban.Invalid {
		t.Errorf("nowhere to go: %v, want invalid", err)
	}
}
