// Command agent is the agent of the scripts: all it knows of Andon are the tools
// that an MCP server shows it. Its name says whom it stands in for.
//
// As claude or codex it takes the same arguments as that program, speaks the same
// stream and offers itself the MCP servers that it is told of. What it does
// stands in its task's body, a line a step:
//
//	@ATTEMPT ACTION JSON     ATTEMPT is a number, or * for all
//
// ACTION is the name of a tool, or one of
//
//	write {"path":..., "text":...}   a file in its working directory
//	limit {"seconds": N}             the account's quota is used up for N seconds
//	say {"text":...}                 ends with plain text
//
// A task that reviews another needs no steps: it looks for what is left to do.
//
// As mcpagent it is told what to call:
//
//	mcpagent 'show {}' 'create {"title":"x","parents":["$ANDON_TASK"]}' 'complete {"summary":"made $task"}'
//
// $NAME is replaced by a variable of the environment, or by a text of the answers
// so far: $task is the id in the last that had one. "tools" lists the tools, and
// "sh" runs its argument by a shell in between. With -http it speaks to the
// gateway's socket.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func main() {
	name := filepath.Base(os.Args[0])
	if name == "mcpagent" {
		if err := told(context.Background(), os.Args[1:]); err != nil {
			fmt.Println("mcpagent:", err)
			os.Exit(1)
		}
		return
	}
	if err := run(context.Background(), name, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "agent:", err)
		os.Exit(1)
	}
}

func connect(ctx context.Context, t mcp.Transport) (*mcp.ClientSession, error) {
	return mcp.NewClient(&mcp.Implementation{Name: "agent", Version: "1"}, nil).Connect(ctx, t, nil)
}

// errLimit ends the work because of a quota.
var errLimit = errors.New("the quota is used up")

func run(ctx context.Context, name string, args []string) error {
	var program speaker = &claude{}
	if name == "codex" {
		program = &codex{}
	}
	server, session, err := program.understand(args)
	if err != nil {
		return err
	}
	prompt, err := io.ReadAll(os.Stdin)
	if err != nil || len(prompt) == 0 {
		return errors.New("no prompt on standard input")
	}
	program.begin(session)
	tools, err := connect(ctx, &mcp.CommandTransport{Command: server})
	if err != nil {
		return fmt.Errorf("its MCP server: %w", err)
	}
	defer tools.Close()
	err = work(ctx, program, tools)
	if errors.Is(err, errLimit) {
		os.Exit(1)
	}
	return err
}

// speaker is one program's way to be called and to talk.
type speaker interface {
	// understand reads the arguments: how to start the MCP server, and the
	// session to resume, "" for a new one.
	understand(args []string) (server *exec.Cmd, session string, err error)
	begin(session string)
	called(tool, arguments string)
	got(text string)
	// end is the last word; limit in seconds, 0 for none.
	end(text string, limit int)
}

// work does the steps of this attempt.
func work(ctx context.Context, out speaker, tools *mcp.ClientSession) error {
	if _, err := call(ctx, out, tools, "show", map[string]any{}); err != nil { // as the prompt asks for
		return err
	}
	body, err := call(ctx, out, tools, "show", map[string]any{"detail": "full"})
	if err != nil {
		return err
	}
	if strings.Contains(body, `"reviews":`) {
		return judge(ctx, out, tools)
	}
	steps, err := stepsOf(body, os.Getenv("ANDON_ATTEMPT"))
	if err != nil {
		return err
	}
	last := "I am done."
	for _, s := range steps {
		switch s.action {
		case "write":
			path, _ := s.args["path"].(string)
			text, _ := s.args["text"].(string)
			out.called("Write", path)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				return err
			}
			out.got("written")
		case "limit":
			seconds, _ := s.args["seconds"].(float64)
			out.end("usage limit", int(seconds))
			return errLimit
		case "say":
			last, _ = s.args["text"].(string)
		default:
			if _, err := call(ctx, out, tools, s.action, s.args); err != nil {
				return err
			}
		}
	}
	out.end(last, 0)
	return nil
}

// judge gives a verdict on what another run handed in: a file with a TODO in it
// is not done.
func judge(ctx context.Context, out speaker, tools *mcp.ClientSession) error {
	verdict := map[string]any{"verdict": "approve"}
	files, err := filepath.Glob("*.*")
	if err != nil {
		return err
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if strings.Contains(string(text), "TODO") {
			verdict = map[string]any{"verdict": "request_changes", "comment": name + " has a TODO"}
		}
	}
	if _, err := call(ctx, out, tools, "verdict", verdict); err != nil {
		return err
	}
	out.end("I have judged.", 0)
	return nil
}

// call asks for a tool and shows both in the stream; the answer of a tool that
// refuses is what the program would read, too.
func call(ctx context.Context, out speaker, tools *mcp.ClientSession, name string, args map[string]any) (string, error) {
	raw, err := json.Marshal(args)
	if err != nil {
		return "", err
	}
	out.called("mcp__andon__"+name, string(raw))
	answer, err := tools.CallTool(ctx, &mcp.CallToolParams{Name: name, Arguments: args})
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for _, c := range answer.Content {
		if t, ok := c.(*mcp.TextContent); ok {
			text.WriteString(t.Text + "\n")
		}
	}
	out.got(text.String())
	return text.String(), nil
}

// step is one line of a body.
type step struct {
	action string
	args   map[string]any
}

// stepsOf finds the steps of an attempt in what a tool said of a task: a JSON
// object with the body in it, somewhere.
func stepsOf(text, attempt string) (steps []step, err error) {
	for line := range strings.Lines(bodyIn(text)) {
		words := strings.SplitN(strings.TrimSpace(line), " ", 3)
		when, marked := strings.CutPrefix(words[0], "@")
		if !marked || when != attempt && when != "*" || len(words) < 2 {
			continue
		}
		s := step{action: words[1], args: map[string]any{}}
		if len(words) == 3 {
			if err := json.Unmarshal([]byte(words[2]), &s.args); err != nil {
				return nil, fmt.Errorf("%s: %w", line, err)
			}
		}
		steps = append(steps, s)
	}
	if len(steps) == 0 {
		return nil, fmt.Errorf("nothing to do in attempt %s: %s", attempt, text)
	}
	return steps, nil
}

func bodyIn(text string) string {
	decoder := json.NewDecoder(strings.NewReader(text))
	for decoder.More() {
		var v any
		if decoder.Decode(&v) != nil {
			break
		}
		if body := search(v); body != "" {
			return body
		}
	}
	return ""
}

// search looks for the first key "body" that holds steps.
func search(v any) string {
	switch v := v.(type) {
	case map[string]any:
		if body, ok := v["body"].(string); ok && strings.Contains(body, "@") {
			return body
		}
		for _, inner := range v {
			if body := search(inner); body != "" {
				return body
			}
		}
	case []any:
		for _, inner := range v {
			if body := search(inner); body != "" {
				return body
			}
		}
	}
	return ""
}
