package preset

import "path/filepath"

// Running returns the preset whose program a lane runs: by the preset's name, or
// because its command is that program.
func Running(name string, command []string) (p Preset, ok bool) {
	if p, ok = Named(name); ok || len(command) == 0 {
		return p, ok
	}
	for _, p := range All() {
		if p.Program == filepath.Base(command[0]) {
			return p, true
		}
	}
	return Preset{}, false
}

// Access is where a program finds its account when nobody is there to log in:
// any one of these is enough.
type Access struct {
	Keys     []string // variables that hold a key, or choose another provider
	Files    []File   // what its login leaves
	Keychain bool     // on darwin the login is in the system's keychain, where nobody looks
	Login    string   // what a person does to log in
}

// File is one in the folder that a variable names, or else in Dir of the home.
type File struct{ Var, Dir, Name string }

// access is by the name of a preset. The variables and files are those of the
// programs' documentation on authentication: code.claude.com/docs/en/iam,
// developers.openai.com/codex/auth, geminicli.com/docs/get-started/authentication
// and opencode.ai/docs/providers.
var access = map[string]Access{
	"claude-code": {
		Keys: []string{
			"ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX",
		},
		Files:    []File{{"CLAUDE_CONFIG_DIR", ".claude", ".credentials.json"}},
		Keychain: true,
		Login:    "run  claude  once and log in",
	},
	"codex": {
		Keys:  []string{"CODEX_API_KEY", "OPENAI_API_KEY"},
		Files: []File{{"CODEX_HOME", ".codex", "auth.json"}},
		Login: "run  codex login",
	},
	"gemini": {
		Keys:  []string{"GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_APPLICATION_CREDENTIALS"},
		Files: []File{{"", ".gemini", "oauth_creds.json"}},
		Login: "run  gemini  once and log in",
	},
	"opencode": {
		Keys:  []string{"ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY"},
		Files: []File{{"XDG_DATA_HOME", ".local/share", "opencode/auth.json"}},
		Login: "run  opencode auth login",
	},
}

// AccessOf tells how a preset's program comes by its account; ok is false if
// that is not known.
func AccessOf(name string) (a Access, ok bool) {
	a, ok = access[name]
	return a, ok
}
