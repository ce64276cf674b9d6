package standin

import (
	"encoding/json"
	"net/http"
	"strings"
)

// Gemini answers as the Gemini API does, for Gemini CLI with
// GOOGLE_GEMINI_BASE_URL.
//
// The API: https://ai.google.dev/api/generate-content.
func Gemini(script Script) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, method, _ := strings.Cut(r.URL.Path, ":")
		switch method {
		case "generateContent", "streamGenerateContent":
			generate(w, r, script, method == "streamGenerateContent")
		case "countTokens":
			reply(w, http.StatusOK, map[string]any{"totalTokens": 100})
		default:
			reply(w, http.StatusOK, map[string]any{})
		}
	})
}

type generateBody struct {
	Contents []struct {
		Role  string `json:"role"`
		Parts []struct {
			Text     string `json:"text"`
			Response *struct {
				Response json.RawMessage `json:"response"`
			} `json:"functionResponse"`
		} `json:"parts"`
	} `json:"contents"`
	Tools []struct {
		Functions []struct {
			Name string `json:"name"`
		} `json:"functionDeclarations"`
	} `json:"tools"`
}

func (b generateBody) request(model string) Request {
	r := Request{Model: model}
	for _, t := range b.Tools {
		for _, f := range t.Functions {
			r.Tools = append(r.Tools, f.Name)
		}
	}
	for _, c := range b.Contents {
		if c.Role != "user" {
			continue
		}
		said := ""
		for _, p := range c.Parts {
			if p.Response != nil {
				r.Results = append(r.Results, string(p.Response.Response))
				r.Calls++
				continue
			}
			said += p.Text
		}
		if said != "" && len(r.Results) == 0 {
			r.Prompts = append(r.Prompts, said)
		}
	}
	return r
}

func generate(w http.ResponseWriter, r *http.Request, script Script, streamed bool) {
	var body generateBody
	if !decode(w, r, &body) {
		return
	}
	_, model, _ := strings.Cut(r.URL.Path, "models/")
	model, _, _ = strings.Cut(model, ":")
	turn := Turn{Text: "{}"}
	if len(body.Tools) > 0 {
		turn = script(body.request(model))
	}
	if !turn.await(r) {
		return
	}
	if turn.Status != 0 {
		reply(w, turn.Status, map[string]any{"error": map[string]any{"code": turn.Status, "message": turn.Message, "status": turn.Kind}})
		return
	}
	part := map[string]any{"text": turn.Text}
	if turn.Tool != "" {
		part = map[string]any{"functionCall": map[string]any{"name": turn.Tool, "args": turn.Input}}
	}
	answer := map[string]any{
		"candidates": []any{map[string]any{
			"index": 0, "finishReason": "STOP", "content": map[string]any{"role": "model", "parts": []any{part}},
		}},
		"usageMetadata": map[string]any{
			"promptTokenCount": turn.input(), "candidatesTokenCount": turn.output(), "totalTokenCount": turn.input() + turn.output(),
		},
		"modelVersion": model,
	}
	if streamed {
		newStream(w).send("", answer)
		return
	}
	reply(w, http.StatusOK, answer)
}
