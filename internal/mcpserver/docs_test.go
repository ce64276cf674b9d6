package mcpserver_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/mcpserver"
)

var update = flag.Bool("update", false, "write docs/mcp.md anew")

const (
	doc   = "../../docs/mcp.md"
	begin = "<!-- tools: written by go generate -->\n"
)

// TestDocsListEveryTool, with the arguments that its schema has.
func TestDocsListEveryTool(t *testing.T) {
	text := string(must(os.ReadFile(doc))(t))
	head, have, found := strings.Cut(text, begin)
	if !found {
		t.Fatalf("%s has no line %q", doc, begin)
	}
	want := describe(mcpserver.Worker, "worker") + describe(mcpserver.Orchestrator, "orchestrator")
	if *update {
		ok(t, os.WriteFile(doc, []byte(head+begin+want), 0o644))
		return
	}
	if diff := cmp.Diff(have, want); diff != "" {
		t.Errorf("go generate ./internal/mcpserver writes it anew\n%s", diff)
	}
}

func describe(r mcpserver.Role, name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n## Tools of the %s\n", name)
	for _, tool := range mcpserver.Tools(r) {
		fmt.Fprintf(&b, "\n### %s\n%s\n\n", tool.Name, tool.Description)
		if len(tool.Input.PropertyOrder) > 0 {
			b.WriteString("| argument | type | |\n| --- | --- | --- |\n")
			rows(&b, "", tool.Input)
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "```json\n%s\n```\n", tool.Example)
	}
	return b.String()
}

func rows(b *strings.Builder, path string, s *jsonschema.Schema) {
	for _, name := range s.PropertyOrder {
		p := s.Properties[name]
		fmt.Fprintf(b, "| `%s%s` | %s | %s |\n", path, name, kind(p), strings.Join(slices.DeleteFunc([]string{
			map[bool]string{true: "required"}[slices.Contains(s.Required, name)], p.Description,
		}, func(s string) bool { return s == "" }), "; "))
		if p.Items != nil && p.Items.Properties != nil {
			rows(b, path+name+"[].", p.Items)
		}
	}
}

func kind(p *jsonschema.Schema) string {
	var limits []string
	switch {
	case p.Enum != nil:
		words, _ := json.Marshal(p.Enum) // of strings: always encodes
		return strings.NewReplacer(`"`, "", "[", "", "]", "", ",", ", ").Replace(string(words))
	case p.MaxLength != nil:
		limits = append(limits, fmt.Sprintf("at most %d characters", *p.MaxLength))
	case p.MaxItems != nil:
		limits = append(limits, fmt.Sprintf("at most %d", *p.MaxItems))
	case p.Maximum != nil && p.Minimum != nil:
		limits = append(limits, fmt.Sprintf("%v to %v", *p.Minimum, *p.Maximum))
	}
	return strings.Join(append([]string{p.Type}, limits...), ", ")
}

// Each example of a worker's tool, and of an orchestrator's, fits its schema.
func TestExamplesFit(t *testing.T) {
	for _, role := range []mcpserver.Role{mcpserver.Worker, mcpserver.Orchestrator} {
		for _, tool := range mcpserver.Tools(role) {
			check := must(tool.Input.Resolve(nil))(t)
			var example any
			ok(t, json.Unmarshal([]byte(tool.Example), &example))
			if err := check.Validate(example); err != nil {
				t.Errorf("%s: %v", tool.Name, err)
			}
			if len(tool.Description) < 40 || len(tool.Description) > 400 || tool.Title == "" {
				t.Errorf("%s is described in %d characters, with the title %q", tool.Name, len(tool.Description), tool.Title)
			}
			for name, p := range tool.Input.Properties {
				if p.Description == "" {
					t.Errorf("%s.%s is not described", tool.Name, name)
				}
			}
		}
	}
}

var examples = regexp.MustCompile("(?s)\n### (\\w+)\n.*?\n```json\n(.*?)\n```\n")

// TestDocsExamplesWork calls every tool with its example of docs/mcp.md: only the
// ids in it are exchanged for those of tasks that there are.
func TestDocsExamplesWork(t *testing.T) {
	_, tools, _ := strings.Cut(string(must(os.ReadFile(doc))(t)), begin)
	ofWorkers, ofOrchestrators, found := strings.Cut(tools, "\n## Tools of the orchestrator\n")
	if !found {
		t.Fatal("docs/mcp.md has another form")
	}
	for _, e := range examples.FindAllStringSubmatch(ofWorkers, -1) {
		t.Run("worker/"+e[1], func(t *testing.T) {
			h := newHouse(t)
			parent := h.add("find the cause").ID
			h.claim(parent).does("complete", args{"summary": "found"})
			w := h.claim(h.add("fix it", parent).ID)
			for _, name := range []string{"report.md", "diff.patch"} {
				ok(t, os.WriteFile(filepath.Join(w.place, name), []byte("x"), 0o600))
			}
			made, _ := w.does("create", args{"title": "tell of it"})["task"].(string)
			a := json.RawMessage(strings.NewReplacer("t_1f3a9c20", parent, "t_77d0be11", made).Replace(e[2]))
			if e[1] == "verdict" {
				w.refused(kanban.Conflict, e[1], a, "not the review") // and only for that
				return
			}
			w.does(e[1], a)
		})
	}
	for _, e := range examples.FindAllStringSubmatch(ofOrchestrators, -1) {
		t.Run("orchestrator/"+e[1], func(t *testing.T) {
			h := newHouse(t)
			waits, ended := h.add("waits").ID, h.add("ended").ID
			h.claim(waits).does("block", args{"question": "The registry is down.", "kind": "transient"})
			if e[1] == "wait" {
				h.claim(ended).does("complete", args{"summary": "done"})
			}
			o := h.agent(mcpserver.Options{Client: h.as(client.Options{Role: client.Orchestrator}), Board: "default", Role: mcpserver.Orchestrator})
			o.does(e[1], json.RawMessage(strings.NewReplacer("t_1f3a9c20", waits, "t_77d0be11", ended).Replace(e[2])))
		})
	}
	if n := len(examples.FindAllString(tools, -1)); n != len(mcpserver.Tools(mcpserver.Worker))+len(mcpserver.Tools(mcpserver.Orchestrator)) {
		t.Errorf("%d examples", n)
	}
}
