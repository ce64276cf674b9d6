package mcpserver

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// schemaOf derives the schema of a tool's arguments. Beside json and jsonschema
// (the description), fields may say what is allowed:
//
//	enum:"a,b"   one of these words
//	max:"500"    characters of a text, entries of a list, the largest number
//	min:"1"      likewise
//	each:"200"   characters of each entry of a list of texts
//
// A field without omitempty is required.
func schemaOf[A any]() *jsonschema.Schema {
	s, err := jsonschema.For[A](nil)
	if err != nil {
		panic(err) // a type of this package that no schema can describe
	}
	limit(s, reflect.TypeFor[A]())
	return s
}

func limit(s *jsonschema.Schema, t reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			limit(s, f.Type)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		p := s.Properties[name]
		if p == nil {
			continue
		}
		for _, word := range words(f.Tag.Get("enum")) {
			p.Enum = append(p.Enum, word)
		}
		bound(p, f.Tag.Get("max"), &p.MaxLength, &p.MaxItems, &p.Maximum)
		bound(p, f.Tag.Get("min"), &p.MinLength, &p.MinItems, &p.Minimum)
		p.Types, p.Type = nil, typeOf(f.Type)
		if p.Items == nil {
			continue
		}
		bound(p.Items, f.Tag.Get("each"), &p.Items.MaxLength, &p.Items.MaxItems, &p.Items.Maximum)
		if elem := f.Type.Elem(); elem.Kind() == reflect.Struct {
			limit(p.Items, elem)
		}
	}
}

// typeOf leaves out the null that a Go slice or map could be: nobody sends it.
func typeOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int64:
		return "integer"
	case reflect.Slice:
		return "array"
	}
	return "object"
}

func words(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

func bound(p *jsonschema.Schema, s string, length, items **int, number **float64) {
	n, err := strconv.Atoi(s)
	if err != nil {
		return // no such tag
	}
	switch {
	case p.Items != nil:
		*items = &n
	case p.Type == "string":
		*length = &n
	default:
		f := float64(n)
		*number = &f
	}
}

// coerced forgives what models get wrong and what cannot be misread: a single
// text where a list is wanted, a number or truth value in quotes, an object or
// a list as JSON in a text.
func coerced(s *jsonschema.Schema, value any) any {
	text, isText := value.(string)
	if !isText || s.Type == "string" {
		return value
	}
	var parsed any
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		parsed = nil
	}
	switch parsed.(type) {
	case float64:
		if s.Type == "integer" {
			return json.Number(strings.TrimSpace(text))
		}
	case bool:
		if s.Type == "boolean" {
			return parsed
		}
	case []any:
		if s.Type == "array" {
			return parsed
		}
	case map[string]any:
		if s.Type == "object" {
			return parsed
		}
	}
	if s.Type == "array" && s.Items != nil && s.Items.Type == "string" {
		return []any{value}
	}
	return value
}
