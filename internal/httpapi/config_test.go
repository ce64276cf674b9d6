package httpapi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

// settings is an andon.yaml of one setting in memory.
type settings struct{ version, value, by string }

func (s *settings) Shown() any { return map[string]string{"max_parallel": s.value} }

func (s *settings) Settings(context.Context) (client.Settings, error) {
	return client.Settings{File: "andon.yaml", Version: s.version, By: s.by, Items: []client.Setting{{Key: "dispatch.max_parallel", Value: s.value, Default: "8"}}}, nil
}

func (s *settings) Set(_ context.Context, by kanban.Actor, version string, values map[string]string) error {
	if version != "" && version != s.version && values["dispatch.max_parallel"] != s.value {
		return kanban.Errorf(kanban.Conflict, "it has changed since").Hint("look again")
	}
	if value := values["dispatch.max_parallel"]; value != s.value {
		s.version, s.value, s.by = s.version+"+", value, by.Name
	}
	return nil
}

// A change of the configuration is of the version that was seen; who made it is told.
func TestConfigIsChangedAsItWasSeen(t *testing.T) {
	h := newHome(t)
	c, ctx := h.client(), t.Context()
	seen := must(c.Settings(ctx))(t)
	edit := func(value string) client.SettingsEdit {
		return client.SettingsEdit{Set: map[string]string{"dispatch.max_parallel": value}}
	}
	if now := must(c.EditConfig(ctx, edit("4"), seen.Version))(t); now.Items[0].Value != "4" || now.Version == seen.Version || now.By != "ann" {
		t.Errorf("it is %+v", now)
	}
	_, err := c.EditConfig(ctx, edit("5"), seen.Version)
	refusal(t, err, kanban.Conflict)
	if now := must(c.EditConfig(ctx, edit("6"), ""))(t); now.Items[0].Value != "6" {
		t.Errorf("it is %+v", now)
	}
	_, err = c.EditConfig(ctx, client.SettingsEdit{}, "")
	refusal(t, err, kanban.Invalid)

	r := httptest.NewRequest(http.MethodPatch, "/api/v1/config", strings.NewReader(`{"set": {"dispatch.max_parallel": "7"}}`))
	r.Header.Set("If-Match", "*")
	w := httptest.NewRecorder()
	h.handler().ServeHTTP(w, r)
	if got := w.Header().Get("ETag"); w.Code != http.StatusOK || got != `"a1+++"` {
		t.Errorf("%d, ETag %s: %s", w.Code, got, w.Body)
	}
	for _, a := range []kanban.Actor{{Kind: kanban.Worker, Board: "default"}, {Kind: kanban.Human, Name: "agent", Agent: true}} {
		h.actor = a
		_, err := h.client().EditConfig(ctx, edit("9"), "")
		refusal(t, err, kanban.Unauthorized)
	}
}
