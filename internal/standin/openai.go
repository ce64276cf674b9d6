package standin

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// OpenAI answers as the Responses API does, for Codex, and as Chat Completions,
// for programs that take any compatible endpoint.
//
// The APIs: https://platform.openai.com/docs/api-reference/responses-streaming
// and https://platform.openai.com/docs/api-reference/chat-streaming.
func OpenAI(script Script) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/responses", func(w http.ResponseWriter, r *http.Request) { responses(w, r, script) })
	mux.HandleFunc("POST /v1/chat/completions", func(w http.ResponseWriter, r *http.Request) { completions(w, r, script) })
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]any{"object": "list", "data": []any{}, "models": []any{}})
	})
	return mux
}

type responsesBody struct {
	Model string          `json:"model"`
	Input json.RawMessage `json:"input"`
	Tools []responsesTool `json:"tools"`
}

type responsesTool struct {
	Name  string          `json:"name"`
	Tools []responsesTool `json:"tools"` // of a namespace
}

// names lists tools; those of a namespace as namespace.name.
func names(tools []responsesTool) (list []string) {
	for _, t := range tools {
		if len(t.Tools) == 0 {
			list = append(list, t.Name)
		}
		for _, inner := range t.Tools {
			list = append(list, t.Name+"."+inner.Name)
		}
	}
	return list
}

func (b responsesBody) request() Request {
	r := Request{Model: b.Model, Tools: names(b.Tools)}
	var items []struct {
		Type    string          `json:"type"`
		Role    string          `json:"role"`
		Content json.RawMessage `json:"content"`
		Output  json.RawMessage `json:"output"`
		Tools   []responsesTool `json:"tools"`
	}
	if json.Unmarshal(b.Input, &items) != nil {
		r.Prompts = []string{text(b.Input)}
		return r
	}
	for _, i := range items {
		switch {
		case i.Type == "additional_tools":
			r.Tools = append(r.Tools, names(i.Tools)...)
		case i.Type == "message" && i.Role == "user":
			r.Prompts, r.Results = append(r.Prompts, text(i.Content)), nil
		case i.Type == "function_call_output" || i.Type == "custom_tool_call_output":
			r.Results = append(r.Results, text(i.Output))
			r.Calls++
		}
	}
	return r
}

func responses(w http.ResponseWriter, r *http.Request, script Script) {
	var body responsesBody
	if !decode(w, r, &body) {
		return
	}
	turn := script(body.request())
	if !turn.await(r) {
		return
	}
	if turn.Status != 0 {
		refuseOpenAI(w, turn)
		return
	}
	id := strconv.FormatInt(time.Now().UnixNano(), 36)
	item := map[string]any{
		"type": "message", "role": "assistant", "id": "msg_" + id, "content": []any{map[string]any{"type": "output_text", "text": turn.Text}},
	}
	if turn.Tool != "" {
		item = map[string]any{"type": "function_call", "id": "fc_" + id, "call_id": "call_" + id, "name": turn.Tool, "arguments": turn.arguments()}
		if space, name, found := strings.Cut(turn.Tool, "."); found {
			item["namespace"], item["name"] = space, name
		}
	}
	s := newStream(w)
	for _, e := range []map[string]any{
		{"type": "response.created", "response": map[string]any{"id": "resp_" + id}},
		{"type": "response.output_item.done", "output_index": 0, "item": item},
		{"type": "response.completed", "response": map[string]any{"id": "resp_" + id, "usage": map[string]any{
			"input_tokens": turn.input(), "input_tokens_details": map[string]any{"cached_tokens": 0},
			"output_tokens": turn.output(), "output_tokens_details": map[string]any{"reasoning_tokens": 0},
			"total_tokens": turn.input() + turn.output(),
		}}},
	} {
		s.send(e["type"].(string), e)
	}
}

func refuseOpenAI(w http.ResponseWriter, t Turn) {
	body := map[string]any{"message": t.Message, "type": t.Kind}
	if !t.Until.IsZero() {
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(time.Until(t.Until).Seconds()))))
		body["resets_at"] = t.Until.Unix()
		body["resets_in_seconds"] = int(time.Until(t.Until).Seconds())
		body["plan_type"] = "plus"
	}
	reply(w, t.Status, map[string]any{"error": body})
}

type chatBody struct {
	Model    string `json:"model"`
	Stream   bool   `json:"stream"`
	Messages []struct {
		Role    string          `json:"role"`
		Content json.RawMessage `json:"content"`
	} `json:"messages"`
	Tools []struct {
		Function struct {
			Name string `json:"name"`
		} `json:"function"`
	} `json:"tools"`
}

func (b chatBody) request() Request {
	r := Request{Model: b.Model}
	for _, t := range b.Tools {
		r.Tools = append(r.Tools, t.Function.Name)
	}
	for _, m := range b.Messages {
		switch m.Role {
		case "user":
			r.Prompts, r.Results = append(r.Prompts, text(m.Content)), nil
		case "tool":
			r.Results = append(r.Results, text(m.Content))
			r.Calls++
		}
	}
	return r
}

func completions(w http.ResponseWriter, r *http.Request, script Script) {
	var body chatBody
	if !decode(w, r, &body) {
		return
	}
	turn := Turn{Text: "ok"}
	if len(body.Tools) > 0 {
		turn = script(body.request())
	}
	if !turn.await(r) {
		return
	}
	if turn.Status != 0 {
		refuseOpenAI(w, turn)
		return
	}
	id := strconv.FormatInt(time.Now().UnixNano(), 36)
	delta, reason := map[string]any{"role": "assistant", "content": turn.Text}, "stop"
	if turn.Tool != "" {
		reason = "tool_calls"
		delta = map[string]any{"role": "assistant", "tool_calls": []any{map[string]any{
			"index": 0, "id": "call_" + id, "type": "function", "function": map[string]any{"name": turn.Tool, "arguments": turn.arguments()},
		}}}
	}
	usage := map[string]any{"prompt_tokens": turn.input(), "completion_tokens": turn.output(), "total_tokens": turn.input() + turn.output()}
	if !body.Stream {
		reply(w, http.StatusOK, map[string]any{
			"id": "chatcmpl-" + id, "object": "chat.completion", "model": body.Model, "usage": usage,
			"choices": []any{map[string]any{"index": 0, "message": delta, "finish_reason": reason}},
		})
		return
	}
	s := newStream(w)
	for _, choice := range []map[string]any{
		{"index": 0, "delta": delta},
		{"index": 0, "delta": map[string]any{}, "finish_reason": reason},
	} {
		s.send("", map[string]any{"id": "chatcmpl-" + id, "object": "chat.completion.chunk", "model": body.Model, "choices": []any{choice}})
	}
	s.send("", map[string]any{"id": "chatcmpl-" + id, "object": "chat.completion.chunk", "model": body.Model, "choices": []any{}, "usage": usage})
	s.done()
}

// done is how Chat Completions end a stream.
func (s stream) done() { _, _ = s.w.Write([]byte("data: [DONE]\n\n")) }
