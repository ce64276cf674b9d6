package preset

import "encoding/json"

// OpenCode.
//
//	https://opencode.ai/docs/cli           run, --format json, --session; what comes from standard input is the prompt
//	https://opencode.ai/docs/config        OPENCODE_CONFIG, which the project's own file comes over
//	https://opencode.ai/docs/permissions   permission
//	https://opencode.ai/docs/mcp-servers   mcp, {env:NAME} in it
//
// It takes any provider: the key of that has to be passed on, and its host, where
// the network is proxied, to be listed. It tells cost
// for models whose prices it knows.
var openCode = Preset{
	Name: "opencode", Program: "opencode",
	Install: "npm install -g opencode-ai",
	PassEnv: []string{"OPENCODE_*", "ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY"},
	launch:  launchOpenCode,
	reader:  func() reader { return &openCodeReader{} },
}

func launchOpenCode(a Ask) Launch {
	argv := a.begin("run", "--format", "json")
	if a.Model != "" {
		argv = append(argv, "--model", a.Model)
	}
	if a.Session != "" {
		argv = append(argv, "--session", a.Session)
	}
	c := map[string]any{"autoupdate": false, "share": "disabled"}
	switch a.Permission {
	case Read:
		c["permission"] = map[string]any{"edit": "deny", "bash": "deny"}
	case Full:
		c["permission"] = "allow"
	default:
		c["permission"] = map[string]any{"edit": "allow", "bash": "allow"}
	}
	if a.Bin != "" {
		c["mcp"] = map[string]any{mcpName: map[string]any{
			"type": "local", "enabled": true, "command": []string{a.Bin, "mcp"},
			"environment": identity(func(name string) string { return "{env:" + name + "}" }),
		}}
	}
	const file = "opencode.json"
	return Launch{
		Argv:  append(argv, a.Args...),
		Env:   map[string]string{"OPENCODE_CONFIG": a.file(file)},
		Files: map[string][]byte{file: jsonOf(c)},
	}
}

// openCodeReader reads the events of opencode run --format json.
type openCodeReader struct{}

type openCodeLine struct {
	Type    string `json:"type"`
	Session string `json:"sessionID"`
	Part    struct {
		Text   string  `json:"text"`
		Tool   string  `json:"tool"`
		Reason string  `json:"reason"`
		Cost   float64 `json:"cost"`
		State  struct {
			Status string          `json:"status"`
			Input  json.RawMessage `json:"input"`
			Output string          `json:"output"`
			Error  string          `json:"error"`
		} `json:"state"`
		Tokens struct {
			Input     int64 `json:"input"`
			Output    int64 `json:"output"`
			Reasoning int64 `json:"reasoning"`
			Cache     struct {
				Read  int64 `json:"read"`
				Write int64 `json:"write"`
			} `json:"cache"`
		} `json:"tokens"`
	} `json:"part"`
	Error struct {
		Name string `json:"name"`
		Data struct {
			Message string `json:"message"`
			Status  int    `json:"statusCode"`
		} `json:"data"`
	} `json:"error"`
}

func (o *openCodeReader) line(raw []byte, s *Stream) {
	var l openCodeLine
	if json.Unmarshal(raw, &l) != nil {
		return
	}
	if l.Session != "" && s.Report.Session == "" {
		s.began(l.Session, "")
	}
	switch l.Type {
	case "text":
		s.said(l.Part.Text)
	case "tool_use":
		s.called(l.Part.Tool, summary(l.Part.State.Input))
		s.got(firstOf(l.Part.State.Error, l.Part.State.Output), l.Part.State.Status == "error")
	case "step_finish":
		u, t := &s.Report.Usage, l.Part.Tokens
		u.Input, u.Output = add(u.Input, t.Input), add(add(u.Output, t.Output), t.Reasoning)
		u.CacheRead, u.CacheWrite = add(u.CacheRead, t.Cache.Read), add(u.CacheWrite, t.Cache.Write)
		u.Cost, u.Turns = add(u.Cost, micro(l.Part.Cost)), u.Turns+1
		s.Report.Priced = s.Report.Priced || u.Cost > 0
		if l.Part.Reason == "stop" {
			s.end(Verdict{Kind: Finished})
		}
	case "error":
		s.end(judge(firstOf(l.Error.Data.Message, l.Error.Name), l.Error.Data.Status, s.now))
	}
}
