package preset

import (
	"encoding/json"
	"strings"
)

// Gemini CLI.
//
//	https://github.com/google-gemini/gemini-cli docs/cli/headless.md          stream-json, exit statuses, the prompt from standard input
//	https://github.com/google-gemini/gemini-cli docs/cli/cli-reference.md     flags
//	https://github.com/google-gemini/gemini-cli docs/reference/configuration.md   settings files, variables
//	https://github.com/google-gemini/gemini-cli docs/tools/mcp-server.md      mcpServers, $VAR in it
//	https://github.com/google-gemini/gemini-cli packages/core/src/code_assist/server.ts   the host behind a login
//
// Its tools are handed over in the settings of lowest precedence, so that what an
// administrator or a user has set counts. It tells tokens, but no cost.
var gemini = Preset{
	Name: "gemini", Program: "gemini", Unpriced: true,
	Install: "npm install -g @google/gemini-cli",
	PassEnv: []string{
		"GEMINI_*", "GOOGLE_API_KEY", "GOOGLE_GEMINI_BASE_URL", "GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION",
		"GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_GENAI_USE_GCA", "GOOGLE_APPLICATION_CREDENTIALS", "NODE_EXTRA_CA_CERTS",
	},
	Hosts:  []string{"generativelanguage.googleapis.com:443", "cloudcode-pa.googleapis.com:443", "oauth2.googleapis.com:443"},
	launch: launchGemini,
	reader: func() reader { return &geminiReader{} },
	exits:  map[int]Verdict{41: {Kind: Denied, Reason: "it could not authenticate"}},
}

func launchGemini(a Ask) Launch {
	argv := a.begin("-o", "stream-json", "--skip-trust")
	switch a.Permission {
	case Read:
		argv = append(argv, "--approval-mode", "plan")
	case Full:
		argv = append(argv, "--approval-mode", "yolo")
	default:
		argv = append(argv, "--approval-mode", "auto_edit", "--allowed-tools", "run_shell_command")
	}
	if a.Model != "" {
		argv = append(argv, "-m", a.Model)
	}
	if a.Session != "" {
		argv = append(argv, "--resume", a.Session)
	}
	l := Launch{}
	if a.Bin != "" {
		const file = "gemini.json"
		l.Files = map[string][]byte{file: jsonOf(map[string]any{"mcpServers": map[string]any{mcpName: map[string]any{
			"command": a.Bin, "args": []string{"mcp"}, "trust": true,
			"env": identity(func(name string) string { return "$" + name }),
		}}})}
		l.Env = map[string]string{"GEMINI_CLI_SYSTEM_DEFAULTS_PATH": a.file(file)}
	}
	l.Argv = append(argv, a.Args...)
	return l
}

// geminiReader reads stream-json. Messages come in pieces.
type geminiReader struct{ message string }

type geminiLine struct {
	Type    string `json:"type"`
	Session string `json:"session_id"`
	Model   string `json:"model"`
	Role    string `json:"role"`
	Content string `json:"content"`
	Delta   bool   `json:"delta"`

	Tool       string          `json:"tool_name"`
	Parameters json.RawMessage `json:"parameters"`
	Output     string          `json:"output"`

	Status  string `json:"status"`
	Message string `json:"message"`
	Error   struct {
		Type    string `json:"type"`
		Message string `json:"message"`
	} `json:"error"`
	Stats struct {
		Input  int64 `json:"input_tokens"`
		Output int64 `json:"output_tokens"`
		Cached int64 `json:"cached"`
		Fresh  int64 `json:"input"` // not cached
	} `json:"stats"`
}

func (g *geminiReader) line(raw []byte, s *Stream) {
	var l geminiLine
	if json.Unmarshal(raw, &l) != nil {
		return
	}
	if l.Type != "message" || !l.Delta {
		g.flush(s)
	}
	switch l.Type {
	case "init":
		s.began(l.Session, l.Model)
	case "message":
		switch {
		case l.Role != "assistant":
		case l.Delta:
			g.message = clip(g.message+l.Content, maxText)
		default:
			s.said(l.Content)
		}
	case "tool_use":
		s.called(l.Tool, summary(l.Parameters))
		s.Report.Usage.Turns++
	case "tool_result":
		s.got(firstOf(l.Error.Message, l.Output), l.Status == "error")
	case "error":
		s.noted(l.Message)
	case "result":
		g.result(l, s)
	}
}

func (g *geminiReader) flush(s *Stream) {
	if strings.TrimSpace(g.message) != "" {
		s.said(g.message)
		s.Report.Usage.Turns++
	}
	g.message = ""
}

func (g *geminiReader) result(l geminiLine, s *Stream) {
	u := &s.Report.Usage
	u.Input, u.Output, u.CacheRead = atLeast(l.Stats.Fresh), atLeast(l.Stats.Output), atLeast(l.Stats.Cached)
	if u.Input == 0 {
		u.Input = max(0, l.Stats.Input-l.Stats.Cached)
	}
	if l.Status == "success" {
		s.end(Verdict{Kind: Finished})
		return
	}
	s.end(judge(firstOf(l.Error.Message, l.Message, l.Status), 0, s.now))
}
