package mcpserver_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
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
		"no UTF-8":         {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}", -32700},
		"half a character": {`{"jsonrpc":"2.0","id":1,"method":"\ud800"}`, -32700},
		"half a message":   {`{"jsonrpc":"2.0","id":2,`, -32700},
		"no object":        {`"tools/list"`, -32600},
		"a batch":          {`[{"jsonrpc":"2.0","id":2,"method":"ping"}]`, -32600},
		"another version":  {`{"jsonrpc":"1.0","id":2,"method":"ping"}`, -32600},
		"no method":        {`{"jsonrpc":"2.0"}`, -32600},
		"an odd id":        {`{"jsonrpc":"2.0","id":{},"method":"ping"}`, -32600},
		"half an id":       {`{"jsonrpc":"2.0","id":1.5,"method":"ping"}`, -32600},
		"an id of null":    {`{"jsonrpc":"2.0","id":null,"method":"ping"}`, -32600},
		"null":             {`null`, -32600},
		"a number":         {`5`, -32600},
		"an empty batch":   {`[]`, -32600},
		"a zero byte":      {"\x00", -32700},
		"garbage":          {"\xff\xfe\x80 \x1b[31m", -32700},
		"nested too deep":  {`{"jsonrpc":"2.0","id":2,"method":"ping","params":{"x":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}}`, -32600},
		"an odd method":    {`{"jsonrpc":"2.0","id":2,"method":5}`, -32600},
		"an odd answer":    {`{"jsonrpc":"2.0","id":2,"error":5}`, -32600},
		"a second hello":   {strings.Split(hello, "\n")[0], -32600},
		"an odd name":      {`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":5}}`, -32602},
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
					inWords(t, m.Error.Message)
				}
				answered = answered || m.ID == "last" && m.Error == nil
			}
			if len(codes) != 1 || codes[0] != c.code || !answered {
				t.Errorf("errors %v, want %d; the next message was answered: %v", codes, c.code, answered)
			}
		})
	}
}

// goWords are what only a Go programmer understands.
var goWords = regexp.MustCompile(`unmarshal|Go (value|struct)|\*?\b(mcp|jsonrpc2)\.`)

func inWords(t *testing.T, message string) {
	t.Helper()
	if found := goWords.FindString(message); found != "" {
		t.Errorf("%q says %q", message, found)
	}
}

// Who does not begin with initialize is told to, and may then begin.
func TestStdioBeforeHello(t *testing.T) {
	for name, c := range map[string]struct {
		line string
		code int
	}{
		"a list":             {`{"jsonrpc":"2.0","id":7,"method":"tools/list"}`, -32002},
		"a call":             {`{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"show","arguments":{}}}`, -32002},
		"a hello of nothing": {`{"jsonrpc":"2.0","id":7,"method":"initialize"}`, -32600},
		"an odd hello":       {`{"jsonrpc":"2.0","id":7,"method":"initialize","params":{"protocolVersion":5}}`, -32602},
		"params of null":     {`{"jsonrpc":"2.0","id":7,"method":"initialize","params":null}`, -32602},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			w := h.claim(h.add("task").ID)
			all := stranger(t, h, w, c.line+"\n"+hello+`{"jsonrpc":"2.0","id":"last","method":"tools/list"}`)
			if len(all) != 3 {
				t.Fatalf("%+v", all)
			}
			for _, m := range all {
				if refused := m.ID == 7.0; refused != (m.Error != nil) || refused && m.Error.Code != c.code {
					t.Errorf("%+v, want %d", m, c.code)
				}
				if m.Error != nil {
					inWords(t, m.Error.Message)
				}
			}
		})
	}
}

// A call under the id of one that is under way is refused and holds nobody up.
func TestStdioTakenID(t *testing.T) {
	h := newHouse(t)
	w := h.claim(h.add("task").ID)
	there, in := io.Pipe()
	out, here := io.Pipe()
	served := make(chan error, 1)
	go func() {
		served <- mcpserver.Serve(bg, mcpserver.Options{Client: h.Client, Board: "default", Role: mcpserver.Orchestrator}, there, here)
		_ = here.Close() // never fails
	}()
	_ = must(fmt.Fprint(in, hello+`{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"wait","arguments":{"tasks":["`+w.task+`"],"timeout_seconds":50}}}
{"jsonrpc":"2.0","id":5,"method":"ping"}
`))(t)
	ok(t, in.Close())
	var ids []any
	for answers := bufio.NewScanner(out); answers.Scan(); {
		var m message
		ok(t, json.Unmarshal(answers.Bytes(), &m))
		if ids = append(ids, m.ID); m.Error != nil {
			w.does("complete", args{"summary": "done"}) // ends the wait
		}
	}
	if ok(t, <-served); len(ids) != 3 || ids[2] != 5.0 {
		t.Errorf("answers to %v", ids)
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
