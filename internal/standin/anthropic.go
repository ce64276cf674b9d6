package standin

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Anthropic answers as the Messages API does, for Claude Code with
// ANTHROPIC_BASE_URL. Requests that offer no tools are the program's own
// business, such as titles, and get a short text without asking the script.
//
// The API: https://docs.anthropic.com/en/api/messages and /en/api/messages-streaming.
func Anthropic(script Script) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/messages", func(w http.ResponseWriter, r *http.Request) { messages(w, r, script) })
	mux.HandleFunc("POST /v1/messages/count_tokens", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]any{"input_tokens": 100})
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, map[string]any{}) })
	return mux
}

type messagesBody struct {
	Model    string `json:"model"`
	Stream   bool   `json:"stream"`
	Messages []struct {
		Role    string          `json:"role"`
		Content json.RawMessage `json:"content"`
	} `json:"messages"`
	Tools []struct {
		Name string `json:"name"`
	} `json:"tools"`
}

type block struct {
	Type    string          `json:"type"`
	Text    string          `json:"text"`
	Content json.RawMessage `json:"content"`
}

func (b messagesBody) request() Request {
	r := Request{Model: b.Model}
	for _, t := range b.Tools {
		r.Tools = append(r.Tools, t.Name)
	}
	for _, m := range b.Messages {
		if m.Role != "user" {
			continue
		}
		var blocks []block
		if json.Unmarshal(m.Content, &blocks) != nil {
			blocks = []block{{Type: "text", Text: text(m.Content)}}
		}
		said := ""
		for _, c := range blocks {
			switch c.Type {
			case "text":
				if !strings.HasPrefix(c.Text, "<system-reminder>") { // the program's own, beside whatever comes
					said += c.Text
				}
			case "tool_result":
				r.Results = append(r.Results, text(c.Content))
				r.Calls++
			}
		}
		if strings.TrimSpace(said) != "" { // also beside the result of a tool, in a session that was broken off
			r.Prompts, r.Results = append(r.Prompts, said), nil
		}
	}
	return r
}

func messages(w http.ResponseWriter, r *http.Request, script Script) {
	var body messagesBody
	if !decode(w, r, &body) {
		return
	}
	turn := Turn{Text: "ok"}
	if len(body.Tools) > 0 {
		turn = script(body.request())
	}
	switch {
	case !turn.await(r):
	case turn.Status != 0:
		refuse(w, turn)
	case body.Stream:
		streamMessage(newStream(w), body.Model, turn)
	default:
		reply(w, http.StatusOK, message(body.Model, turn, []any{content(turn, true)}))
	}
}

// kinds are the provider's names of its refusals.
var kinds = map[int]string{
	http.StatusTooManyRequests: "rate_limit_error", http.StatusUnauthorized: "authentication_error",
	http.StatusForbidden: "permission_error", http.StatusBadRequest: "invalid_request_error",
}

func refuse(w http.ResponseWriter, t Turn) {
	if !t.Until.IsZero() {
		seconds := max(1, int(time.Until(t.Until).Seconds()))
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		w.Header().Set("Anthropic-Ratelimit-Unified-Status", "rejected")
		w.Header().Set("Anthropic-Ratelimit-Unified-Reset", strconv.FormatInt(t.Until.Unix(), 10))
		w.Header().Set("X-Should-Retry", "false")
	}
	kind := t.Kind
	if kind == "" {
		kind = kinds[t.Status]
	}
	if kind == "" {
		kind = "api_error"
	}
	reply(w, t.Status, map[string]any{"type": "error", "error": map[string]any{"type": kind, "message": t.Message}})
}

func message(model string, t Turn, content []any) map[string]any {
	stop := "end_turn"
	if t.Tool != "" {
		stop = "tool_use"
	}
	return map[string]any{
		"id": "msg_standin", "type": "message", "role": "assistant", "model": model, "content": content,
		"stop_reason": stop, "stop_sequence": nil,
		"usage": map[string]any{"input_tokens": t.input(), "output_tokens": t.output()},
	}
}

func content(t Turn, whole bool) any {
	if t.Tool == "" {
		said := ""
		if whole {
			said = t.Text
		}
		return map[string]any{"type": "text", "text": said}
	}
	input := any(map[string]any{})
	if whole && t.Input != nil {
		input = t.Input
	}
	return map[string]any{"type": "tool_use", "id": "toolu_" + strconv.FormatInt(time.Now().UnixNano(), 36), "name": t.Tool, "input": input}
}

func streamMessage(s stream, model string, t Turn) {
	begun := message(model, t, []any{})
	begun["stop_reason"] = nil
	delta := map[string]any{"type": "text_delta", "text": t.Text}
	stop := "end_turn"
	if t.Tool != "" {
		delta = map[string]any{"type": "input_json_delta", "partial_json": t.arguments()}
		stop = "tool_use"
	}
	for _, e := range []map[string]any{
		{"type": "message_start", "message": begun},
		{"type": "content_block_start", "index": 0, "content_block": content(t, false)},
		{"type": "content_block_delta", "index": 0, "delta": delta},
		{"type": "content_block_stop", "index": 0},
		{"type": "message_delta", "delta": map[string]any{"stop_reason": stop, "stop_sequence": nil}, "usage": map[string]any{"output_tokens": t.output()}},
		{"type": "message_stop"},
	} {
		s.send(e["type"].(string), e)
	}
}
