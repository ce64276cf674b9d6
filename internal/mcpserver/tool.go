package mcpserver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

// Tool is one tool, as a client sees it and as it is carried out.
type Tool struct {
	Name        string
	Title       string
	Description string
	Example     string // arguments, as JSON
	ReadOnly    bool
	Again       bool // calling it again changes nothing more
	Input       *jsonschema.Schema

	check *jsonschema.Resolved
	do    func(ctx context.Context, s *session, args json.RawMessage) (answer, error)
}

// answer is what a tool returns: texts for the model, none of which repeats
// another. All but the last are JSON.
type answer []string

// tool makes a tool whose arguments are the fields of A.
func tool[A any](t Tool, do func(ctx context.Context, s *session, a A) (answer, error)) Tool {
	t.Input = schemaOf[A]()
	var example any
	if err := json.Unmarshal([]byte(t.Example), &example); err != nil {
		panic("the example of " + t.Name + ": " + err.Error())
	}
	t.Input.Examples = []any{example}
	check, err := t.Input.Resolve(nil)
	if err != nil {
		panic("the schema of " + t.Name + ": " + err.Error())
	}
	t.check = check
	t.do = func(ctx context.Context, s *session, args json.RawMessage) (answer, error) {
		var a A
		if err := json.Unmarshal(args, &a); err != nil {
			return nil, kanban.Errorf(kanban.Invalid, "the arguments of %s: %s", t.Name, kanban.Misfit(err)).Hint("%s takes %s", t.Name, t.takes())
		}
		return do(ctx, s, a)
	}
	return t
}

// described is the tool in the protocol's terms.
func (t Tool) described() *mcp.Tool {
	no := false
	return &mcp.Tool{
		Name: t.Name, Title: t.Title, Description: t.Description, InputSchema: t.Input,
		Annotations: &mcp.ToolAnnotations{ReadOnlyHint: t.ReadOnly, IdempotentHint: t.Again, DestructiveHint: &no, OpenWorldHint: &no},
	}
}

// takes lists the arguments in words.
func (t Tool) takes() string {
	var words []string
	for _, name := range t.Input.PropertyOrder {
		if slices.Contains(t.Input.Required, name) {
			name += " (required)"
		}
		words = append(words, name)
	}
	if len(words) == 0 {
		return "no arguments"
	}
	return strings.Join(words, ", ")
}

// call carries the tool out. What goes wrong is a result that the model reads.
func (t Tool) call(ctx context.Context, s *session, args json.RawMessage) *mcp.CallToolResult {
	out, err := t.try(ctx, s, args)
	if err != nil {
		return &mcp.CallToolResult{IsError: true, Content: []mcp.Content{&mcp.TextContent{Text: compact(map[string]Refusal{"error": refusal(err)})}}}
	}
	r := &mcp.CallToolResult{Content: []mcp.Content{}}
	for _, text := range out {
		r.Content = append(r.Content, &mcp.TextContent{Text: text})
	}
	return r
}

func (t Tool) try(ctx context.Context, s *session, args json.RawMessage) (answer, error) {
	given := map[string]any{}
	if len(bytes.TrimSpace(args)) > 0 {
		d := json.NewDecoder(bytes.NewReader(args))
		d.UseNumber()
		if err := d.Decode(&given); err != nil || given == nil {
			return nil, kanban.Errorf(kanban.Invalid, "the arguments of %s are no JSON object", t.Name).Hint("for example %s", t.Example)
		}
	}
	for name, value := range given {
		if value == nil {
			delete(given, name) // some models send null for what they leave out
		} else if schema := t.Input.Properties[name]; schema != nil {
			given[name] = coerced(schema, value)
		}
	}
	raw, err := json.Marshal(given)
	if err != nil {
		return nil, err
	}
	var plain any // the checker knows no json.Number
	if err := json.Unmarshal(raw, &plain); err != nil {
		return nil, err
	}
	if err := t.check.Validate(plain); err != nil {
		return nil, kanban.Errorf(kanban.Invalid, "the arguments of %s: %s", t.Name, unfit(err)).Hint("%s takes %s; for example %s", t.Name, t.takes(), t.Example)
	}
	return t.do(ctx, s, raw)
}

// places are how the checker writes them, and how docs/mcp.md does.
var places = strings.NewReplacer("/properties/", ".", "/items", "[]")

// unfit is what the checker says: at which argument, and of its value no more
// than is needed to know it again.
func unfit(err error) string {
	text := strings.TrimPrefix(err.Error(), "validating root: ")
	if at := strings.LastIndex(text, "validating /"); at >= 0 {
		place, why, _ := strings.Cut(strings.TrimPrefix(text[at:], "validating "), ": ")
		_, why, _ = strings.Cut(why, ": ") // the checker's word for the rule
		text = strings.TrimPrefix(places.Replace(place), ".") + ": " + why
	}
	const head, tail = 100, 100
	if r := []rune(text); len(r) > head+tail {
		text = string(r[:head]) + " ... " + string(r[len(r)-tail:])
	}
	return text
}

// Refusal is how a failed call is told to a model. Its form is a contract.
type Refusal struct {
	Code         string `json:"code"`
	Message      string `json:"message"`
	Retryable    bool   `json:"retryable"`
	CurrentState string `json:"current_state,omitempty"`
	Suggestion   string `json:"suggestion,omitempty"`
}

// waysOut are for refusals that name none.
var waysOut = map[kanban.Code]string{
	kanban.NotFound: "use ids as show, create or list return them",
	kanban.Internal: "tell your user; the gateway's log has more",
}

// refusal puts an error into words. It maps the codes once for all tools.
func refusal(err error) Refusal {
	r := describe(err)
	r.Suggestion = orElse(r.Suggestion, waysOut[kanban.Code(r.Code)])
	return r
}

func describe(err error) Refusal {
	var remote *client.Error
	var local *kanban.Error
	switch {
	case errors.As(err, &remote):
		away := remote.Code == string(kanban.Unavailable) // what is exhausted is not refilled by asking again
		return Refusal{remote.Code, remote.Message, away, remote.State, remote.Hint}
	case errors.As(err, &local):
		return Refusal{string(local.Code), local.Error(), local.Code == kanban.Unavailable, local.State, local.Way}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return Refusal{Code: string(kanban.Unavailable), Message: "the call was given up", Retryable: true, Suggestion: "call show to see what was done"}
	case errors.Is(err, client.ErrNoGateway):
		return Refusal{Code: string(kanban.Unavailable), Message: client.ErrNoGateway.Error(), Retryable: true, Suggestion: "nothing was changed; try again, and if it stays so tell your user to run: andon gateway start"}
	case errors.Is(err, client.ErrLost), errors.Is(err, client.ErrSilent):
		return Refusal{Code: string(kanban.Unavailable), Message: err.Error(), Retryable: true, Suggestion: "it is not known whether anything was changed: call show before you try again"}
	}
	return Refusal{Code: string(kanban.Internal), Message: err.Error()}
}

// compact is JSON as a model reads it best: in one line, nothing escaped that
// need not be.
func compact(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil { // only types of this package, which all encode
		return `{"error":{"code":"internal","message":"the answer does not encode","retryable":false}}`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// say is an answer of one JSON document.
func say(v any, err error) (answer, error) {
	if err != nil {
		return nil, err
	}
	return answer{compact(v)}, nil
}
