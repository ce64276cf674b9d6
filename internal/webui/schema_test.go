package webui

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write schema.ts anew")

// schema is what is used of a JSON schema in the description of the API.
type schema struct {
	Type        any                // a word, or several
	Ref         string             `json:"$ref"`
	Properties  map[string]*schema // of an object
	Required    []string
	Items       *schema         // of a list
	Additional  json.RawMessage `json:"additionalProperties"`
	Enum        []string
	Description string
}

// TestSchema keeps the types of the dashboard those of the API.
func TestSchema(t *testing.T) {
	const in, out = "../httpapi/openapi.golden.json", "../../ui/src/lib/schema.ts"
	var api struct {
		Components struct{ Schemas map[string]*schema }
	}
	text, err := os.ReadFile(in)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &api); err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	want.WriteString("// Made from the description of the API: go generate ./internal/httpapi\n")
	for _, name := range slices.Sorted(maps.Keys(api.Components.Schemas)) {
		fmt.Fprintf(&want, "\nexport interface %s %s\n", name, members(api.Components.Schemas[name]))
	}
	if *update {
		if err := os.WriteFile(out, []byte(want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(got), want.String()); diff != "" {
		t.Errorf("the API has changed since; go generate ./internal/httpapi\n(-%s +now)\n%s", out, diff)
	}
}

func members(s *schema) string {
	if len(s.Properties) == 0 {
		return "{}"
	}
	var b strings.Builder
	b.WriteString("{\n")
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p, mark := s.Properties[name], "?"
		if slices.Contains(s.Required, name) {
			mark = ""
		}
		if p.Description != "" {
			fmt.Fprintf(&b, "  /** %s */\n", strings.ReplaceAll(p.Description, "*/", "* /"))
		}
		if strings.HasPrefix(name, "$") {
			name = "'" + name + "'"
		}
		fmt.Fprintf(&b, "  %s%s: %s\n", name, mark, typeOf(p))
	}
	return b.String() + "}"
}

func typeOf(s *schema) string {
	if s.Ref != "" {
		return s.Ref[strings.LastIndex(s.Ref, "/")+1:]
	}
	if len(s.Enum) > 0 {
		return "'" + strings.Join(s.Enum, "' | '") + "'"
	}
	var words []string
	switch t := s.Type.(type) {
	case string:
		words = []string{t}
	case []any:
		for _, w := range t {
			words = append(words, fmt.Sprint(w))
		}
	}
	var all []string
	for _, word := range words {
		all = append(all, one(s, word))
	}
	if len(all) == 0 {
		return "unknown"
	}
	return strings.Join(all, " | ")
}

func one(s *schema, word string) string {
	switch word {
	case "integer":
		return "number"
	case "array":
		of := typeOf(s.Items)
		if strings.Contains(of, " | ") {
			of = "(" + of + ")"
		}
		return of + "[]"
	case "object":
		if len(s.Properties) > 0 {
			return members(s)
		}
		var value schema
		if json.Unmarshal(s.Additional, &value) != nil {
			return "Record<string, unknown>"
		}
		return "Record<string, " + typeOf(&value) + ">"
	}
	return word
}
