package preset

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// Claude Code.
//
//	https://docs.anthropic.com/en/docs/claude-code/cli-reference  flags
//	https://docs.anthropic.com/en/docs/claude-code/headless       -p, stream-json, --resume
//	https://docs.anthropic.com/en/docs/claude-code/mcp            --mcp-config, ${VAR} in it
//	https://docs.anthropic.com/en/docs/claude-code/settings       variables
//	https://docs.anthropic.com/en/docs/claude-code/iam            permission modes
//	https://code.claude.com/docs/en/network-config                hosts
//
// The prompt comes from standard input. Resuming needs the same working
// directory, which the workspace of a task is. As root, bypassPermissions is
// refused unless IS_SANDBOX is set.
var claudeCode = Preset{
	Name: "claude-code", Program: "claude", Spends: true,
	Install: "npm install -g @anthropic-ai/claude-code",
	PassEnv: []string{
		"ANTHROPIC_*", "CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CONFIG_DIR", "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX",
		"CLAUDE_CODE_MAX_RETRIES", "CLAUDE_CODE_MAX_OUTPUT_TOKENS", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
		"DISABLE_AUTOUPDATER", "DISABLE_TELEMETRY", "DISABLE_ERROR_REPORTING", "IS_SANDBOX", "NODE_EXTRA_CA_CERTS",
	},
	Hosts:  []string{"api.anthropic.com:443", "claude.ai:443", "platform.claude.com:443"},
	launch: launchClaude,
	reader: func() reader { return &claudeReader{} },
}

func launchClaude(a Ask) Launch {
	argv := a.begin("-p", "--output-format", "stream-json", "--verbose")
	switch a.Permission {
	case Read:
		argv = append(argv, "--permission-mode", "plan")
	case Full:
		argv = append(argv, "--permission-mode", "bypassPermissions")
	default:
		argv = append(argv, "--permission-mode", "acceptEdits", "--allowedTools", "Bash,mcp__"+mcpName)
	}
	if a.Model != "" {
		argv = append(argv, "--model", a.Model)
	}
	if a.Session != "" {
		argv = append(argv, "--resume", a.Session)
	}
	if a.Budget > 0 {
		argv = append(argv, "--max-budget-usd", dollars(a.Budget))
	}
	l := Launch{Env: map[string]string{"DISABLE_AUTOUPDATER": "1"}}
	if a.Bin != "" {
		const file = "mcp.json"
		l.Files = map[string][]byte{file: jsonOf(map[string]any{"mcpServers": map[string]any{mcpName: map[string]any{
			"type": "stdio", "command": a.Bin, "args": []string{"mcp"},
			"env": identity(func(name string) string { return "${" + name + ":-}" }),
		}}})}
		argv = append(argv, "--mcp-config", a.file(file))
	}
	l.Argv = append(argv, a.Args...)
	return l
}

// dollars writes micro-dollars, rounded to the cent below but never to nothing.
func dollars(micro int64) string {
	if micro < 10_000 {
		return strconv.FormatFloat(float64(micro)/1e6, 'f', 6, 64)
	}
	return strconv.FormatFloat(float64(micro/10_000)/100, 'f', 2, 64)
}

// micro turns dollars, as a program tells them, into micro-dollars; what cannot
// be is nothing.
func micro(dollars float64) int64 {
	n, err := kanban.MicroDollars(dollars)
	if err != nil {
		return 0
	}
	return n
}

// claudeReader reads stream-json.
type claudeReader struct {
	counted [32]string // the last messages whose usage is counted: each block of one repeats it
	next    int
	failure string // the kind of error of the last message
}

type claudeLine struct {
	Type    string `json:"type"`
	Subtype string `json:"subtype"`
	Session string `json:"session_id"`
	Model   string `json:"model"`
	Error   any    `json:"error"`
	Message struct {
		ID      string          `json:"id"`
		Content json.RawMessage `json:"content"`
		Usage   claudeUsage     `json:"usage"`
	} `json:"message"`

	Attempt  int     `json:"attempt"`
	Max      int     `json:"max_retries"`
	Status   int     `json:"error_status"`
	Delay    float64 `json:"retry_delay_ms"`
	RateInfo struct {
		Status   string `json:"status"`
		ResetsAt int64  `json:"resetsAt"`
	} `json:"rate_limit_info"`

	IsError    bool                   `json:"is_error"`
	APIStatus  int                    `json:"api_error_status"`
	Result     string                 `json:"result"`
	Errors     []string               `json:"errors"`
	Turns      int64                  `json:"num_turns"`
	Cost       float64                `json:"total_cost_usd"`
	Usage      claudeUsage            `json:"usage"`
	ModelUsage map[string]claudeModel `json:"modelUsage"`
}

type claudeUsage struct {
	Input      int64 `json:"input_tokens"`
	Output     int64 `json:"output_tokens"`
	CacheRead  int64 `json:"cache_read_input_tokens"`
	CacheWrite int64 `json:"cache_creation_input_tokens"`
}

type claudeModel struct {
	Input      int64 `json:"inputTokens"`
	Output     int64 `json:"outputTokens"`
	CacheRead  int64 `json:"cacheReadInputTokens"`
	CacheWrite int64 `json:"cacheCreationInputTokens"`
}

type claudeBlock struct {
	Type    string          `json:"type"`
	Text    string          `json:"text"`
	Name    string          `json:"name"`
	Input   json.RawMessage `json:"input"`
	Content json.RawMessage `json:"content"`
	IsError bool            `json:"is_error"`
}

func (c *claudeReader) line(raw []byte, s *Stream) {
	var l claudeLine
	if json.Unmarshal(raw, &l) != nil {
		return
	}
	switch l.Type {
	case "system":
		c.system(l, s)
	case "assistant":
		c.failure, _ = l.Error.(string)
		c.count(l, s)
		for _, b := range blocks[claudeBlock](l.Message.Content) {
			switch b.Type {
			case "text":
				c.text(b.Text, s)
			case "tool_use":
				s.called(b.Name, summary(b.Input))
			}
		}
	case "user":
		for _, b := range blocks[claudeBlock](l.Message.Content) {
			if b.Type == "tool_result" {
				s.got(textOf(b.Content), b.IsError)
			}
		}
	case "rate_limit_event":
		if l.RateInfo.Status == "rejected" {
			s.quota = plausible(time.Unix(l.RateInfo.ResetsAt, 0), s.now)
		}
	case "result":
		c.result(l, s)
	}
}

// text takes what the agent said; the program reports errors in the same way.
func (c *claudeReader) text(text string, s *Stream) {
	if c.failure != "" {
		s.noted(text)
		return
	}
	s.said(text)
}

func (c *claudeReader) system(l claudeLine, s *Stream) {
	switch l.Subtype {
	case "init":
		s.began(l.Session, l.Model)
	case "api_retry":
		kind, _ := l.Error.(string)
		s.noted("retry " + strconv.Itoa(l.Attempt) + " of " + strconv.Itoa(l.Max) + ": " + kind)
		s.Report.Progress = clip("waits for its provider: "+kind, maxProgress)
	}
}

// count adds the usage of a message once.
func (c *claudeReader) count(l claudeLine, s *Stream) {
	id, u := l.Message.ID, l.Message.Usage
	for _, seen := range c.counted {
		if id == "" || seen == id {
			return
		}
	}
	c.counted[c.next%len(c.counted)] = clip(id, maxName)
	c.next++
	t := &s.Report.Usage
	t.Input, t.Output = add(t.Input, u.Input), add(t.Output, u.Output)
	t.CacheRead, t.CacheWrite = add(t.CacheRead, u.CacheRead), add(t.CacheWrite, u.CacheWrite)
	t.Turns++
}

// result is the program's own account of the run, helpers on other models
// included.
func (c *claudeReader) result(l claudeLine, s *Stream) {
	total := kanban.Usage{Turns: atLeast(l.Turns), Cost: micro(l.Cost)}
	for _, m := range l.ModelUsage {
		total.Input, total.Output = add(total.Input, m.Input), add(total.Output, m.Output)
		total.CacheRead, total.CacheWrite = add(total.CacheRead, m.CacheRead), add(total.CacheWrite, m.CacheWrite)
	}
	if len(l.ModelUsage) == 0 {
		total.Input, total.Output = atLeast(l.Usage.Input), atLeast(l.Usage.Output)
		total.CacheRead, total.CacheWrite = atLeast(l.Usage.CacheRead), atLeast(l.Usage.CacheWrite)
	}
	s.Report.Usage, s.Report.Priced = total, true
	s.session(l.Session)
	reason := firstOf(l.Result, strings.Join(l.Errors, "; "), l.Subtype)
	switch {
	case l.Subtype == "error_max_budget_usd":
		s.end(Verdict{Kind: Spent, Reason: reason})
	case !l.IsError && l.Subtype == "success":
		if text := strings.TrimSpace(l.Result); text != "" {
			s.Report.Last = clip(text, maxText)
		}
		s.end(Verdict{Kind: Finished})
	default:
		s.end(c.verdict(l, reason, s.now))
	}
}

// verdict judges an error by the kind that the last message carried, its HTTP
// status, and its words.
func (c *claudeReader) verdict(l claudeLine, reason string, now time.Time) Verdict {
	v := judge(reason, l.APIStatus, now)
	switch c.failure {
	case "authentication_failed", "billing_error", "oauth_org_not_allowed":
		v.Kind = Denied
	case "rate_limit", "overloaded", "server_error":
		v.Kind, v.Until = Later, resetIn(reason, now)
	}
	return v
}
