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

// told is the agent as mcpagent: it calls the tools of its arguments one after
// the other and prints what each answered.
func told(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("mcpagent", flag.ExitOnError)
	role := flags.String("role", "", "of andon mcp")
	overHTTP := flags.Bool("http", false, "speak to $ANDON_SERVER over HTTP")
	if err := flags.Parse(args); err != nil {
		return err
	}
	transport := stdio(*role)
	if *overHTTP {
		transport = socket(*role)
	}
	session, err := connect(ctx, transport)
	if err != nil {
		return err
	}
	known := map[string]string{}
	for _, call := range flags.Args() {
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
