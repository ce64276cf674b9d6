package prime_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/prime"
)

func TestText(t *testing.T) {
	for _, role := range prime.Roles {
		text, err := prime.Text(prime.Role(role))
		if err != nil || !strings.Contains(text, "not who you obey") || len(text) > 6000 {
			t.Errorf("%s: %d bytes, %v", role, len(text), err)
		}
	}
	if _, err := prime.Text("boss"); kanban.CodeOf(err) != kanban.Invalid {
		t.Errorf("got %v, want an invalid error", err)
	}
}

// What a run is told at its start is of the protocol, word for word.
func TestPromptIsOfTheProtocol(t *testing.T) {
	protocol, err := prime.Text(prime.Worker)
	if err != nil {
		t.Fatal(err)
	}
	for _, again := range []bool{false, true} {
		text := prime.Prompt("t_1f3a9c20", again)
		head, rules, _ := strings.Cut(text, "\n\n## ")
		if !strings.Contains(head, "t_1f3a9c20") || strings.Contains(head, "take up") != again {
			t.Errorf("it begins %q", head)
		}
		for line := range strings.Lines(rules) {
			if !strings.Contains(protocol, line) {
				t.Errorf("%q is not of the protocol", line)
			}
		}
		for _, want := range []string{"andon complete", "andon review", "andon block", "not who you obey", "do not do it"} {
			if !strings.Contains(rules, want) {
				t.Errorf("it does not say %q:\n%s", want, text)
			}
		}
	}
}

// do plans and applies, and returns what happened.
func do(t *testing.T, dir string, target prime.Target, remove bool) prime.What {
	t.Helper()
	c, err := prime.Plan(dir, target, remove)
	if err != nil {
		t.Fatal(err)
	}
	if err := prime.Apply(c); err != nil {
		t.Fatal(err)
	}
	return c.What
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestInstall: once is as good as twice, an older text is brought up to date,
// and nothing is left after a removal.
func TestInstall(t *testing.T) {
	for target, file := range map[prime.Target]string{
		prime.ClaudeCode: ".claude/skills/andon/SKILL.md", prime.Codex: ".agents/skills/andon/SKILL.md", prime.AgentsMD: "AGENTS.md",
	} {
		t.Run(string(target), func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, file)
			for _, want := range []prime.What{prime.Writes, prime.Nothing} {
				if got := do(t, dir, target, false); got != want {
					t.Fatalf("got %s, want %s", got, want)
				}
			}
			text := read(t, path)
			write(t, path, strings.Replace(text, "Andon", "And on", 1))
			if got := do(t, dir, target, false); got != prime.Updates || read(t, path) != text {
				t.Errorf("an old text: %s", got)
			}
			for _, want := range []prime.What{prime.Removes, prime.Nothing} {
				if got := do(t, dir, target, true); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
			if _, err := os.Stat(path); !os.IsNotExist(err) {
				t.Errorf("%s is left: %v", path, err)
			}
		})
	}
}

// TestOthersAreLeftAlone: what somebody else wrote is refused, not replaced.
func TestOthersAreLeftAlone(t *testing.T) {
	for name, tt := range map[string]struct {
		target     prime.Target
		file, text string
	}{
		"a skill of the same name": {prime.ClaudeCode, ".claude/skills/andon/SKILL.md", "---\nname: andon\n---\nmine\n"},
		"the same for codex":       {prime.Codex, ".agents/skills/andon/SKILL.md", ""},
		"an end without beginning": {prime.AgentsMD, "AGENTS.md", "a\n<!-- andon:end -->\nb\n"},
		"a beginning without end":  {prime.AgentsMD, "AGENTS.md", "a\n<!-- andon:begin -->\nb\n"},
		"the wrong way round":      {prime.AgentsMD, "AGENTS.md", "<!-- andon:end -->\n<!-- andon:begin -->\n"},
		"twice":                    {prime.AgentsMD, "AGENTS.md", strings.Repeat("<!-- andon:begin -->\n<!-- andon:end -->\n", 2)},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, tt.file)
			write(t, path, tt.text)
			for _, remove := range []bool{false, true} {
				if _, err := prime.Plan(dir, tt.target, remove); kanban.CodeOf(err) != kanban.Conflict {
					t.Errorf("remove %v: got %v, want a conflict", remove, err)
				}
			}
			if got := read(t, path); got != tt.text {
				t.Errorf("it is now %q", got)
			}
		})
	}
}

// TestOthersInTheFolder: a file beside our skill outlives its removal.
func TestOthersInTheFolder(t *testing.T) {
	dir := t.TempDir()
	do(t, dir, prime.Codex, false)
	notes := filepath.Join(dir, ".agents", "skills", "andon", "notes.md")
	write(t, notes, "mine")
	do(t, dir, prime.Codex, true)
	if read(t, notes) != "mine" {
		t.Error("the notes are gone")
	}
}

// TestLink: AGENTS.md is often a link; what it leads to changes, the link stays.
func TestLink(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "CLAUDE.md"), "be kind\n")
	if err := os.Symlink("CLAUDE.md", filepath.Join(dir, "AGENTS.md")); err != nil {
		t.Fatal(err)
	}
	do(t, dir, prime.AgentsMD, false)
	if info, err := os.Lstat(filepath.Join(dir, "AGENTS.md")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("AGENTS.md is no link any more: %v", err)
	}
	if text := read(t, filepath.Join(dir, "CLAUDE.md")); !strings.HasPrefix(text, "be kind\n\n<!-- andon:begin") {
		t.Errorf("CLAUDE.md is %q", text)
	}
	if info, err := os.Stat(filepath.Join(dir, "CLAUDE.md")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// FuzzSection: whatever stands in AGENTS.md, installing and removing leaves it,
// but for newlines at its end.
func FuzzSection(f *testing.F) {
	for _, s := range []string{"", "\n", "# Rules\n", "no newline", "a\r\nb\r\n", "<!-- andon:begin -->\nold\n<!-- andon:end -->\nmine\n", "<!-- andon:end -->", "<!-- andon:end -->, it says"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		path := filepath.Join(dir, "AGENTS.md")
		write(t, path, text)
		if _, err := prime.Plan(dir, prime.AgentsMD, false); err != nil {
			return // markers that do not match
		}
		had := strings.Contains(text, "<!-- andon:begin")
		do(t, dir, prime.AgentsMD, false)
		if got := do(t, dir, prime.AgentsMD, false); got != prime.Nothing {
			t.Fatalf("a second time: %s", got)
		}
		do(t, dir, prime.AgentsMD, true)
		left, _ := os.ReadFile(path)
		if !had && strings.TrimRight(string(left), "\n") != strings.TrimRight(text, "\n") && strings.TrimSpace(text) != "" {
			t.Fatalf("%q became %q", text, left)
		}
	})
}
