package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
)

var made = config.NewLane{Name: "made", Command: []string{"make", `say "hi"`, "{{.TaskID}}"}, MaxParallel: 2}

const (
	madeBlock = "made:\n    command: [\"make\", \"say \\\"hi\\\"\", \"{{.TaskID}}\"]\n    max_parallel: 2\n"
	madeFlow  = "made: {command: [\"make\", \"say \\\"hi\\\"\", \"{{.TaskID}}\"], max_parallel: 2}"
)

// Lanes go where a person would write them, and nothing else moves: neither
// comments nor order nor style.
func TestAddLanes(t *testing.T) {
	for name, c := range map[string]struct{ before, after string }{
		"no file":       {"", "lanes:\n  " + madeBlock},
		"no lanes":      {"dispatch: {max_parallel: 1} # one", "dispatch: {max_parallel: 1} # one\nlanes:\n  " + madeBlock},
		"none yet":      {"lanes:\n# the end\n", "lanes:\n  " + madeBlock + "# the end\n"},
		"empty":         {"lanes: {}\n", "lanes: {" + madeFlow + "}\n"},
		"in a line":     {"lanes: {a: {command: [x]} } # mine\n", "lanes: {a: {command: [x]}, " + madeFlow + "} # mine\n"},
		"all in a line": {"{lanes: {a: {command: [x]}}}", "{lanes: {a: {command: [x]}, " + madeFlow + "}}"},
		"at the end":    {"lanes:\n  a:\n    command: [x]\n", "lanes:\n  a:\n    command: [x]\n  " + madeBlock},
		"no newline":    {"lanes:\n  a: {command: [x]}", "lanes:\n  a: {command: [x]}\n  " + madeBlock},
		"in between": {
			"# top\nlanes: # all\n  a: {command: [x]} # the first\n  # b comes later\n\n# caps\ndispatch: {max_parallel: 3}\n",
			"# top\nlanes: # all\n  a: {command: [x]} # the first\n  # b comes later\n  " + madeBlock + "\n# caps\ndispatch: {max_parallel: 3}\n",
		},
		"deeper indent": {
			"lanes:\n      a: {command: [x]}\n",
			"lanes:\n      a: {command: [x]}\n      made:\n        command: [\"make\", \"say \\\"hi\\\"\", \"{{.TaskID}}\"]\n        max_parallel: 2\n",
		},
		"a block of text": {
			"lanes:\n  a:\n    command: [x]\n    description: |\n      one\n\n      two\nretention: {logs: 1d}\n",
			"lanes:\n  a:\n    command: [x]\n    description: |\n      one\n\n      two\n  " + madeBlock + "retention: {logs: 1d}\n",
		},
		"line ends": {"lanes:\r\n  a: {command: [x]}\r\n", strings.ReplaceAll("lanes:\n  a: {command: [x]}\n  "+madeBlock, "\n", "\r\n")},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := config.AddLanes([]byte(c.before), []config.NewLane{made})
			if err != nil || string(got) != c.after {
				t.Errorf("%v\n%q, want\n%q", err, got, c.after)
			}
			read, err := config.Parse("andon.yaml", got)
			if err != nil || read.Lanes["made"].Command[1] != `say "hi"` {
				t.Errorf("%v: %+v", err, read.Lanes["made"])
			}
		})
	}
}

// What cannot be done without harm is not done.
func TestAddLanesRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		before string
		lane   config.NewLane
		code   kanban.Code
		says   string
	}{
		"a name that is taken": {"lanes: {made: {command: [x]}}", made, kanban.Conflict, "there is a lane made already"},
		"a name that is none":  {"", config.NewLane{Name: "Two Words", Command: []string{"x"}}, kanban.Invalid, "cannot be the name"},
		"a file that is wrong": {"lanes: {a: {comand: [x]}}", made, kanban.Invalid, "comand"},
		"a lane that is wrong": {"", config.NewLane{Name: "a", Command: []string{"{{.Nonsense}}"}}, kanban.Invalid, "Nonsense"},
		"a section in a line":  {"{dispatch: {max_parallel: 1}, lanes: }", made, kanban.Conflict, "written like this"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.AddLanes([]byte(c.before), []config.NewLane{c.lane})
			if kanban.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v (%s)", err, kanban.CodeOf(err))
			}
		})
	}
}

// A rewrite keeps what was there beside it, follows a link and leaves mode and
// name alone; one that changes nothing writes nothing.
func TestRewrite(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "dotfiles.yaml"), filepath.Join(dir, "andon.yaml")
	const before = "lanes: {a: {command: [x]}}\n"
	ok(t, os.WriteFile(target, []byte(before), 0o640))
	ok(t, os.Symlink(target, link))
	add := func(data []byte) ([]byte, error) { return config.AddLanes(data, []config.NewLane{made}) }
	changed, err := config.Rewrite(link, add)
	if err != nil || !changed {
		t.Fatal(changed, err)
	}
	if text, err := os.ReadFile(target + ".bak"); err != nil || string(text) != before {
		t.Errorf("the copy: %q, %v", text, err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
	if info, err := os.Stat(target); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the mode is %v", info.Mode())
	}
	changed, err = config.Rewrite(link, func(data []byte) ([]byte, error) { return data, nil })
	if err != nil || changed {
		t.Errorf("nothing to do: %v, %v", changed, err)
	}
	ok(t, os.WriteFile(target, []byte("nonsense: 1\n"), 0o600))
	if _, err := config.Rewrite(link, add); kanban.CodeOf(err) != kanban.Invalid {
		t.Errorf("a broken file: %v", err)
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
