package preset

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Codex.
//
//	https://developers.openai.com/codex/noninteractive       exec, --json, resume, the prompt from standard input
//	https://developers.openai.com/codex/cli/reference        flags
//	https://developers.openai.com/codex/config-reference     -c keys: sandbox_mode, mcp_servers
//	https://github.com/openai/codex codex-rs/exec/src/exec_events.rs   the stream
//
// Its hosts are those of codex-rs/model-provider-info and codex-rs/login.
//
// It tells tokens at the end of a turn, summed over the session, but no cost, and
// knows no limit of either. Its own sandbox
// keeps what it runs from the network; Andon's tools are outside of that.
var codex = Preset{
	Name: "codex", Program: "codex", Sums: true, Unpriced: true,
	Install: "npm install -g @openai/codex",
	PassEnv: []string{"OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORGANIZATION", "OPENAI_PROJECT", "CODEX_API_KEY", "CODEX_HOME", "SSL_CERT_FILE"},
	Hosts:   []string{"api.openai.com:443", "chatgpt.com:443", "auth.openai.com:443"},
	launch:  launchCodex,
	reader:  func() reader { return &codexReader{} },
}

func launchCodex(a Ask) Launch {
	argv := a.begin("exec")
	if a.Session != "" {
		argv = append(argv, "resume")
	}
	argv = append(argv, "--json", "--skip-git-repo-check")
	switch a.Permission {
	case Read:
		argv = append(argv, "-c", `sandbox_mode="read-only"`)
	case Full:
		argv = append(argv, "--dangerously-bypass-approvals-and-sandbox")
	default:
		argv = append(argv, "-c", `sandbox_mode="workspace-write"`)
	}
	if a.Model != "" {
		argv = append(argv, "-m", a.Model)
	}
	if a.Bin != "" {
		key := "mcp_servers." + mcpName + "."
		argv = append(argv,
			"-c", key+"command="+toml(a.Bin), "-c", key+`args=["mcp"]`, "-c", key+"env_vars="+tomlList(Identity),
			"-c", key+`default_tools_approval_mode="approve"`)
	}
	argv = append(argv, a.Args...)
	if a.Session != "" {
		argv = append(argv, a.Session)
	}
	return Launch{Argv: append(argv, "-")}
}

// toml quotes a string: JSON's escapes are among those of TOML.
func toml(s string) string { return strings.TrimSuffix(string(jsonOf(s)), "\n") }

func tomlList(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = toml(w)
	}
	return "[" + strings.Join(quoted, ",") + "]"
}

// codexReader reads the events of codex exec --json.
type codexReader struct{}

type codexLine struct {
	Type   string `json:"type"`
	Thread string `json:"thread_id"`
	Usage  struct {
		Input      int64 `json:"input_tokens"` // cached ones included
		Cached     int64 `json:"cached_input_tokens"`
		CacheWrite int64 `json:"cache_write_input_tokens"`
		Output     int64 `json:"output_tokens"`
	} `json:"usage"`
	Message string `json:"message"`
	Error   struct {
		Message string `json:"message"`
	} `json:"error"`
	Item codexItem `json:"item"`
}

type codexItem struct {
	Type     string          `json:"type"`
	Text     string          `json:"text"`
	Message  string          `json:"message"`
	Command  string          `json:"command"`
	Output   string          `json:"aggregated_output"`
	ExitCode *int            `json:"exit_code"`
	Status   string          `json:"status"`
	Server   string          `json:"server"`
	Tool     string          `json:"tool"`
	Query    string          `json:"query"`
	Args     json.RawMessage `json:"arguments"`
	Result   json.RawMessage `json:"result"`
	Error    json.RawMessage `json:"error"`
	Changes  []struct {
		Path string `json:"path"`
		Kind string `json:"kind"`
	} `json:"changes"`
}

func (c *codexReader) line(raw []byte, s *Stream) {
	var l codexLine
	if json.Unmarshal(raw, &l) != nil {
		return
	}
	switch l.Type {
	case "thread.started":
		s.began(l.Thread, "")
	case "item.started":
		c.started(l.Item, s)
	case "item.completed":
		c.completed(l.Item, s)
	case "turn.completed":
		u := &s.Report.Usage
		u.Input, u.Output = max(0, l.Usage.Input-max(0, l.Usage.Cached)), atLeast(l.Usage.Output)
		u.CacheRead, u.CacheWrite = atLeast(l.Usage.Cached), atLeast(l.Usage.CacheWrite)
		u.Turns++
		s.end(Verdict{Kind: Finished})
	case "turn.failed":
		s.end(judge(l.Error.Message, 0, s.now))
	case "error":
		s.noted(l.Message)
		s.Report.Progress = clip(l.Message, maxProgress)
	}
}

func (c *codexReader) started(i codexItem, s *Stream) {
	switch i.Type {
	case "command_execution":
		s.called("$", i.Command)
	case "mcp_tool_call":
		s.called(i.Server+"."+i.Tool, summary(i.Args))
	case "web_search":
		s.called("search", i.Query)
	}
}

func (c *codexReader) completed(i codexItem, s *Stream) {
	switch i.Type {
	case "agent_message":
		s.said(i.Text)
	case "command_execution":
		failed := i.Status == "failed" || i.Status == "declined"
		if i.ExitCode != nil && *i.ExitCode != 0 {
			i.Output = fmt.Sprintf("exit status %d: %s", *i.ExitCode, i.Output)
		}
		s.got(i.Output, failed)
	case "mcp_tool_call":
		failed := i.Status == "failed" || len(i.Error) > 0 && string(i.Error) != "null"
		if failed {
			s.got(textOf(i.Error), true)
			return
		}
		s.got(textOf(i.Result), false)
	case "file_change":
		for _, change := range i.Changes {
			s.called(change.Kind, change.Path)
		}
	case "error":
		s.noted(i.Message)
	}
}
