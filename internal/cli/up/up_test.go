package up

import (
	"strings"
	"testing"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/clitest"
	"github.com/andon-dev/andon/internal/cli/lanes"
)

// What it says names the way out: of another version's gateway, of a board that
// belongs to another repository, of a machine without agents.
func TestWords(t *testing.T) {
	for name, c := range map[string]struct {
		done done
		want string
	}{
		"another version":    {done{Gateway: gatewayState{PID: 7, Version: "1.1.0"}}, "of version 1.1.0, while this is 1.2.3; andon gateway stop && andon up"},
		"another repository": {done{Board: "default", WorkDir: "/a", Repository: "/b"}, "default source is /a; what is added here uses this repository all the same. andon boards set-default-workdir default ."},
		"no agents":          {done{Agents: []lanes.Agent{{Program: "claude", Install: "npm install claude"}}}, "no agent program is on this PATH (looked for claude); install one, such as with  npm install claude,"},
		"nothing to do":      {done{Gateway: gatewayState{PID: 7, Version: "1.2.3"}}, "nothing was changed"},
		"an agent first": {
			done{
				Lanes:  []client.LaneTest{{Lane: "echo"}, {Lane: "broken", Checks: []client.LaneCheck{{Name: "login"}}}, {Lane: "codex"}},
				Agents: []lanes.Agent{{Program: "x", Lane: "broken"}, {Program: "codex", Lane: "codex"}},
			},
			"--lane codex",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := clitest.New(t, nil)
			if c.done.Agents == nil {
				c.done.Agents = []lanes.Agent{{Program: "claude", Path: "/bin/claude"}}
			}
			draw(s.Printer(), s.Version, c.done)
			if got := s.Out.String(); !strings.Contains(got, c.want) {
				t.Errorf("it says\n%s\nand not %q", got, c.want)
			}
		})
	}
}

// A run sets up nothing, nor does anybody on a server.
func TestRefuses(t *testing.T) {
	s := clitest.New(t, nil)
	s.Globals.Server = "https://andon.example.org"
	if err := up(t.Context(), &Options{Factory: s.Factory}); err == nil || !strings.Contains(err.Error(), "not a server") {
		t.Errorf("with a server: %v", err)
	}
	s.Env["ANDON_RUN_ID"] = "3"
	if err := up(t.Context(), &Options{Factory: s.Factory}); err == nil || !strings.Contains(err.Error(), "a run does not") {
		t.Errorf("inside a run: %v", err)
	}
}
