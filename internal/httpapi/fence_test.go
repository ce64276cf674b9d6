package httpapi_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

// TestG15_EveryBoardRouteIsFenced asks every route of a board, as the contract
// lists them, as the worker of another board.
func TestG15_EveryBoardRouteIsFenced(t *testing.T) {
	h := newHome(t)
	h.gateway = &gateway{}
	c := h.client()
	must(c.CreateBoard(t.Context(), client.BoardCreate{Slug: "secret"}))(t)
	secret := must(c.CreateTask(t.Context(), "secret", client.TaskCreate{Title: "known to nobody"}))(t)
	own := add(t, c, "its own")
	claim := must(c.Claim(t.Context(), "default", own.ID, client.ClaimRequest{}))(t)
	h.actor = kanban.Actor{Kind: kanban.Worker, Name: "builder", Board: "default", Task: own.ID, Run: claim.Run}

	var api contract
	ok(t, json.Unmarshal(fetch(t, h.handler(), "/api/v1/openapi.json").Body.Bytes(), &api))
	fill := strings.NewReplacer("{board}", "secret", "{id}", secret.ID, "{run}", "1", "{parent}", secret.ID, "{child}", secret.ID,
		"{sha256}", strings.Repeat("0", 64), "{subscription}", "1", "{delivery}", "1")
	asked := 0
	for path, methods := range api.Paths {
		if !strings.Contains(path, "{board}") {
			continue
		}
		for method, op := range methods {
			t.Run(method+" "+path, func(t *testing.T) {
				asked++
				body := ""
				if op.RequestBody != nil {
					raw, err := json.Marshal(api.sample(op.RequestBody.Content["application/json"].Schema))
					ok(t, err)
					body = string(raw)
				}
				w := send(t, h.handler(), strings.ToUpper(method), fill.Replace(path), body)
				var e client.Error
				if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil || e.Code != string(kanban.Unauthorized) {
					t.Errorf("%s: %d %s", fill.Replace(path), w.Code, w.Body)
				}
			})
		}
	}
	if asked < 20 {
		t.Errorf("the contract lists only %d routes of a board", asked)
	}
}

// contract is what the test needs of the OpenAPI document.
type contract struct {
	Paths map[string]map[string]struct {
		OperationID string `json:"operationId"`
		RequestBody *struct {
			Content map[string]struct{ Schema schema }
		} `json:"requestBody"`
	}
	Components struct{ Schemas map[string]schema }
}

type schema struct {
	Ref        string `json:"$ref"`
	Type       any
	Enum       []any
	Properties map[string]schema
	Required   []string
	Items      *schema
	MinItems   int
}

// sample is the least that fits a schema.
func (c contract) sample(s schema) any {
	if s.Ref != "" {
		s = c.Components.Schemas[s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]]
	}
	if len(s.Enum) > 0 {
		return s.Enum[0]
	}
	switch fmt.Sprint(s.Type) {
	case "string":
		return "x"
	case "integer", "number":
		return 1
	case "boolean":
		return false
	case "array", "[array null]":
		if s.Items != nil && s.MinItems > 0 {
			return []any{c.sample(*s.Items)}
		}
		return []any{}
	}
	object := map[string]any{}
	for _, name := range s.Required {
		object[name] = c.sample(s.Properties[name])
	}
	return object
}
