// Command mcpagent is a fake agent for the scripts: all it knows of Andon are the
// tools that an MCP server shows it.
//
//	mcpagent 'show {}' 'create {"title":"x","parents":["$ANDON_TASK"]}' 'complete {"summary":"made $task"}'
//
// It calls one tool after the other and prints what each answered. $NAME is
// replaced by a variable of the environment, or by a text of the answers so far:
// $task is the id in the last that had one. "sh" is no tool: its argument is run
// by a shell in between. With -http it speaks to the gateway's socket.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func main() {
	role := flag.String("role", "", "of andon mcp")
	overHTTP := flag.Bool("http", false, "speak to $ANDON_SERVER over HTTP")
	flag.Parse()
	if err := work(context.Background(), *role, *overHTTP, flag.Args()); err != nil {
		fmt.Println("mcpagent:", err)
		os.Exit(1)
	}
}

func work(ctx context.Context, role string, overHTTP bool, calls []string) error {
	transport := stdio(role)
	if overHTTP {
		transport = socket(role)
	}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "fake-agent", Version: "1"}, nil).Connect(ctx, transport, nil)
	if err != nil {
		return err
	}
	known := map[string]string{}
	for _, call := range calls {
		if err := one(ctx, session, call, known); err != nil {
			return err
		}
	}
	return session.Close()
}

func stdio(role string) mcp.Transport {
	cmd := exec.Command("andon", "mcp", "--role", role)
	cmd.Stderr = os.Stderr
	return &mcp.CommandTransport{Command: cmd}
}

// socket shows the credential of the run whose environment this is.
func socket(role string) mcp.Transport {
	path := strings.TrimPrefix(os.Getenv("ANDON_SERVER"), "unix:")
	dial := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}
	return &mcp.StreamableClientTransport{
		Endpoint: "http://andon/mcp?role=" + role, HTTPClient: &http.Client{Transport: bearer{dial}}, DisableStandaloneSSE: true,
	}
}

type bearer struct{ next http.RoundTripper }

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	if token := os.Getenv("ANDON_TOKEN"); token != "" {
		r.Header.Set("Authorization", fmt.Sprintf("Bearer %s.%s.%s", os.Getenv("ANDON_BOARD"), os.Getenv("ANDON_RUN_ID"), token))
	}
	return b.next.RoundTrip(r)
}

func one(ctx context.Context, session *mcp.ClientSession, call string, known map[string]string) error {
	name, args, _ := strings.Cut(call, " ")
	args = os.Expand(args, func(v string) string {
		if value, is := known[v]; is {
			return value
		}
		return os.Getenv(v)
	})
	if name == "sh" {
		out, err := exec.CommandContext(ctx, "sh", "-c", args).CombinedOutput()
		fmt.Print(string(out))
		return err
	}
	if name == "tools" {
		all, err := session.ListTools(ctx, nil)
		if err != nil {
			return err
		}
		for _, t := range all.Tools {
			fmt.Println("tool:", t.Name)
		}
		return nil
	}
	if !json.Valid([]byte(args)) {
		return errors.New("no JSON: " + args)
	}
	r, err := session.CallTool(ctx, &mcp.CallToolParams{Name: name, Arguments: json.RawMessage(args)})
	if err != nil {
		return err
	}
	for _, c := range r.Content {
		text, _ := c.(*mcp.TextContent)
		fmt.Printf("%s: %s\n", name, text.Text)
		note(text.Text, known)
	}
	return nil
}

// note keeps the texts of an answer for later calls.
func note(answer string, known map[string]string) {
	var fields map[string]any
	if json.Unmarshal([]byte(answer), &fields) != nil {
		return
	}
	for name, value := range fields {
		if text, is := value.(string); is {
			known[name] = text
		}
	}
}
