package preset_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/andon-dev/andon/internal/worker/preset"
)

func ask() preset.Ask {
	return preset.Ask{
		Model: "m1", Session: "s1", Budget: 1_500_000, Bin: "/home/x/bin/andon", Dir: "/runs/default.1", Args: []string{"--extra", "a b"},
	}
}

// TestLaunch shows the command lines; those of lanes-real are tried on the programs.
func TestLaunch(t *testing.T) {
	want := map[string]string{
		"claude-code": `claude|-p|--output-format|stream-json|--verbose|--permission-mode|acceptEdits|--allowedTools|Bash,mcp__andon|--model|m1|--resume|s1|` +
			`--max-budget-usd|1.50|--mcp-config|/runs/default.1/mcp.json|--extra|a b`,
		"codex": `codex|exec|resume|--json|--skip-git-repo-check|-c|sandbox_mode="workspace-write"|-m|m1|` +
			`-c|mcp_servers.andon.command="/home/x/bin/andon"|-c|mcp_servers.andon.args=["mcp"]|-c|mcp_servers.andon.env_vars=[` + quoted(preset.Identity) + `]|` +
			`-c|mcp_servers.andon.default_tools_approval_mode="approve"|--extra|a b|s1|-`,
		"gemini":   `gemini|-o|stream-json|--skip-trust|--approval-mode|auto_edit|--allowed-tools|run_shell_command|-m|m1|--resume|s1|--extra|a b`,
		"opencode": `opencode|run|--format|json|--model|m1|--session|s1|--extra|a b`,
	}
	for _, p := range preset.All() {
		if got := strings.Join(p.Launch(ask()).Argv, "|"); got != want[p.Name] {
			t.Errorf("%s:\n%s\nwant\n%s", p.Name, got, want[p.Name])
		}
	}
}

func quoted(names []string) string { return `"` + strings.Join(names, `","`) + `"` }

// What the lane's command begins with is kept: a wrapper, a pinned version.
func TestLaunchCommand(t *testing.T) {
	a := ask()
	a.Command = []string{"npx", "-y", "@openai/codex"}
	for _, p := range preset.All() {
		for range 2 {
			if argv := p.Launch(a).Argv; !slices.Equal(argv[:3], a.Command) {
				t.Errorf("%s: %v", p.Name, argv)
			}
		}
	}
}

// A token stands in no file and in no argument: both are readable by others, and
// files are kept with the run.
func TestG32_NoTokenOnDisk(t *testing.T) {
	for _, p := range preset.All() {
		l := p.Launch(ask())
		for name, raw := range l.Files {
			if !json.Valid(raw) {
				t.Errorf("%s: %s is not JSON: %s", p.Name, name, raw)
			}
		}
		mentions := strings.Join(l.Argv, " ")
		for _, raw := range l.Files {
			mentions += string(raw)
		}
		if !strings.Contains(mentions, "ANDON_TOKEN") {
			t.Errorf("%s: andon mcp would not know its run", p.Name)
		}
	}
}

func TestPermissions(t *testing.T) {
	for _, p := range preset.All() {
		seen := map[string]bool{}
		for _, permission := range []preset.Permission{preset.Read, preset.Edit, preset.Full} {
			a := ask()
			a.Permission = permission
			l := p.Launch(a)
			said := strings.Join(l.Argv, " ")
			for _, raw := range l.Files {
				said += string(raw)
			}
			seen[said] = true
		}
		if len(seen) != 3 {
			t.Errorf("%s: permissions make no difference", p.Name)
		}
		a := ask()
		if d, e := p.Launch(a), (preset.Ask{}); strings.Join(d.Argv, " ") == strings.Join(p.Launch(e).Argv, " ") {
			t.Errorf("%s ignores what it is asked", p.Name)
		}
	}
}
