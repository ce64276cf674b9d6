package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

func emit(v any) {
	line, _ := json.Marshal(v) // maps of strings and numbers
	fmt.Println(string(line))
}

type object = map[string]any

// newSession is a session's name; each attempt that resumes none has its own.
func newSession() string {
	return fmt.Sprintf("5e550000-0000-4000-8000-%012s", os.Getenv("ANDON_RUN_ID"))
}

// claude speaks the stream-json of Claude Code.
type claude struct{ session string }

func (c *claude) understand(args []string) (server *exec.Cmd, session string, err error) {
	file := ""
	for i, a := range args {
		switch {
		case i+1 == len(args):
		case a == "--mcp-config":
			file = args[i+1]
		case a == "--resume":
			session = args[i+1]
		}
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, "", err
	}
	var config struct {
		Servers map[string]struct {
			Command string
			Args    []string
			Env     map[string]string
		} `json:"mcpServers"`
	}
	if err := json.Unmarshal(raw, &config); err != nil {
		return nil, "", err
	}
	s, ok := config.Servers["andon"]
	if !ok {
		return nil, "", errors.New("no server andon in " + file)
	}
	cmd := exec.Command(s.Command, s.Args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}
	reference := regexp.MustCompile(`\$\{(\w+)(?::-)?\}`)
	for name, value := range s.Env {
		value = reference.ReplaceAllStringFunc(value, func(m string) string { return os.Getenv(reference.FindStringSubmatch(m)[1]) })
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd, session, nil
}

func (c *claude) begin(session string) {
	if c.session = session; session == "" {
		c.session = newSession()
	}
	emit(object{"type": "system", "subtype": "init", "session_id": c.session, "model": "stand-in", "cwd": os.Getenv("PWD")})
	if session != "" {
		c.assistant(object{"type": "text", "text": "I go on where I was."})
	}
}

func (c *claude) assistant(content object) {
	emit(object{"type": "assistant", "session_id": c.session, "message": object{
		"id": fmt.Sprint("msg_", time.Now().UnixNano()), "role": "assistant", "content": []any{content},
		"usage": object{"input_tokens": 100, "output_tokens": 20},
	}})
}

func (c *claude) called(tool, arguments string) {
	c.assistant(object{"type": "tool_use", "id": "toolu_1", "name": tool, "input": object{"arguments": arguments}})
}

func (c *claude) got(text string) {
	emit(object{"type": "user", "session_id": c.session, "message": object{"role": "user", "content": []any{
		object{"type": "tool_result", "tool_use_id": "toolu_1", "content": text},
	}}})
}

func (c *claude) end(text string, limit int) {
	result := object{
		"type": "result", "subtype": "success", "is_error": false, "session_id": c.session, "result": text, "num_turns": 2,
		"total_cost_usd": 0.01, "usage": object{"input_tokens": 200, "output_tokens": 40},
	}
	if limit > 0 {
		reset := time.Now().Add(time.Duration(limit) * time.Second).Unix()
		emit(object{"type": "rate_limit_event", "session_id": c.session, "rate_limit_info": object{"status": "rejected", "resetsAt": reset}})
		result["is_error"], result["api_error_status"] = true, 429
		result["result"] = "API Error: Request rejected (429) · This request would exceed your account's rate limit. Please try again later."
	}
	emit(result)
}

// codex speaks the events of codex exec --json.
type codex struct{}

func (c *codex) understand(args []string) (server *exec.Cmd, session string, err error) {
	if len(args) == 0 || args[0] != "exec" || args[len(args)-1] != "-" {
		return nil, "", fmt.Errorf("called with %q", args)
	}
	if args[1] == "resume" {
		session = args[len(args)-2]
	}
	var command string
	var words, names []string
	for i, a := range args[:len(args)-1] {
		if a != "-c" {
			continue
		}
		key, value, _ := strings.Cut(args[i+1], "=")
		switch key { // these values are JSON, too
		case "mcp_servers.andon.command":
			err = json.Unmarshal([]byte(value), &command)
		case "mcp_servers.andon.args":
			err = json.Unmarshal([]byte(value), &words)
		case "mcp_servers.andon.env_vars":
			err = json.Unmarshal([]byte(value), &names)
		}
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", args[i+1], err)
		}
	}
	cmd := exec.Command(command, words...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}
	for _, name := range names {
		cmd.Env = append(cmd.Env, name+"="+os.Getenv(name))
	}
	return cmd, session, nil
}

func (c *codex) begin(session string) {
	resumed := session != ""
	if !resumed {
		session = newSession()
	}
	emit(object{"type": "thread.started", "thread_id": session})
	emit(object{"type": "turn.started"})
	if resumed {
		c.item("item.completed", object{"type": "agent_message", "text": "I go on where I was."})
	}
}

func (c *codex) item(kind string, item object) { emit(object{"type": kind, "item": item}) }

func (c *codex) called(tool, arguments string) {
	c.item("item.started", object{"id": "item_1", "type": "mcp_tool_call", "server": "andon", "tool": tool, "arguments": arguments})
}

func (c *codex) got(text string) {
	c.item("item.completed", object{"id": "item_1", "type": "mcp_tool_call", "status": "completed", "result": object{
		"content": []any{object{"type": "text", "text": text}},
	}})
}

func (c *codex) end(text string, limit int) {
	if limit > 0 {
		message := fmt.Sprintf("You've hit your usage limit. Try again in %d seconds.", limit)
		emit(object{"type": "error", "message": message})
		emit(object{"type": "turn.failed", "error": object{"message": message}})
		return
	}
	c.item("item.completed", object{"type": "agent_message", "text": text})
	emit(object{"type": "turn.completed", "usage": object{"input_tokens": 200, "output_tokens": 40}})
}
