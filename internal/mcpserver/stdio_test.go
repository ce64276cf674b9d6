package mcpserver_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/mcpserver"
)

const hello = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
`

// message is a line of the answer.
type message struct {
	ID     any
	Result struct {
		Content []struct{ Text string }
		IsError bool
	}
	Error *struct {
		Code    int
		Message string
	}
}

// stranger pipes lines into a worker's server and closes its end at once.
func stranger(t *testing.T, h *house, w worker, input string) []message {
	t.Helper()
	o := mcpserver.Options{
		Client: h.as(client.Options{Bearer: client.Bearer("default", w.lease)}), Board: "default", Role: mcpserver.Worker,
		Run: mcpserver.Run{Task: w.task, ID: w.lease.Run, Token: w.lease.Token},
	}
	var out bytes.Buffer
	ok(t, mcpserver.Serve(t.Context(), o, strings.NewReader(input), &out))
	var all []message
	for line := range strings.Lines(out.String()) {
		var m message
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("a line that is no message: %q", line)
		}
		all = append(all, m)
	}
	return all
}

func TestStrangerOnStdio(t *testing.T) {
	for name, c := range map[string]struct {
		line string
		code int
	}{
		"no JSON":          {`call the tool please`, -32700},
		"half a message":   {`{"jsonrpc":"2.0","id":2,`, -32700},
		"no object":        {`"tools/list"`, -32600},
		"a batch":          {`[{"jsonrpc":"2.0","id":2,"method":"ping"}]`, -32600},
		"another version":  {`{"jsonrpc":"1.0","id":2,"method":"ping"}`, -32600},
		"no method":        {`{"jsonrpc":"2.0"}`, -32600},
		"an odd id":        {`{"jsonrpc":"2.0","id":{},"method":"ping"}`, -32600},
		"no such method":   {`{"jsonrpc":"2.0","id":2,"method":"tools/steal"}`, -32601},
		"no such tool":     {`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"unblock","arguments":{}}}`, -32602},
		"no params":        {`{"jsonrpc":"2.0","id":2,"method":"tools/call"}`, -32600},
		"params of a list": {`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":[1]}`, -32602},
		"too long":         {`{"jsonrpc":"2.0","id":2,"method":"` + strings.Repeat("x", 5<<20) + `"}`, -32600},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			w := h.claim(h.add("task").ID)
			all := stranger(t, h, w, hello+c.line+"\n\n"+`{"jsonrpc":"2.0","id":"last","method":"ping"}`)
			var codes []int
			answered := false
			for _, m := range all {
				if m.Error != nil {
					codes = append(codes, m.Error.Code)
				}
				answered = answered || m.ID == "last" && m.Error == nil
			}
			if len(codes) != 1 || codes[0] != c.code || !answered {
				t.Errorf("errors %v, want %d; the next message was answered: %v", codes, c.code, answered)
			}
		})
	}
}

// Calls that are piped in at once are carried out in their order, and all are
// answered although nobody holds the other end open.
func TestStdioInTurn(t *testing.T) {
	h := newHouse(t)
	w := h.claim(h.add("task").ID)
	input := hello
	for i := range 20 {
		input += fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"comment","arguments":{"body":"%d"}}}`+"\n", i+2, i)
	}
	input += `{"jsonrpc":"2.0","id":99,"method":"tools/call","params":{"name":"complete","arguments":{"summary":"done"}}}` + "\n"
	all := stranger(t, h, w, input)
	for _, m := range all {
		if m.Error != nil || m.Result.IsError {
			t.Errorf("%+v", m)
		}
	}
	d := must(h.Task(bg, "default", w.task))(t)
	for i, c := range d.Comments {
		if c.Body != fmt.Sprint(i) {
			t.Errorf("comment %d is %s", i, c.Body)
		}
	}
	if len(all) != 22 || len(d.Comments) != 20 || d.Status != "done" {
		t.Errorf("%d answers, %d comments, %s", len(all), len(d.Comments), d.Status)
	}
}
