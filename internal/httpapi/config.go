package httpapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/andon-dev/andon/client"
)

const configPath = "/config"

func (s *server) configRoutes() {
	route(s, http.MethodGet, configPath, "show-config", "Show the configuration in force, without secrets", s.config)
	route(s, http.MethodPatch, configPath, "edit-config", "Change settings of andon.yaml and put them in force", s.editConfig)
	route(s, http.MethodGet, configPath+"/settings", "list-settings", "List what can be changed of the configuration, and which version is in force", s.settings)
}

func (s *server) config(ctx context.Context, _ *nothing) (*message[any], error) {
	if _, err := human(ctx, "reading the configuration"); err != nil {
		return nil, err
	}
	return answer(s.o.Config.Shown(), nil)
}

type settingsReply struct {
	ETag string `header:"ETag"`
	Body client.Settings
}

func (s *server) settings(ctx context.Context, _ *nothing) (*settingsReply, error) {
	if _, err := human(ctx, "reading the configuration"); err != nil {
		return nil, err
	}
	w, err := s.o.Config.Settings(ctx)
	if err != nil {
		return nil, err
	}
	return &settingsReply{`"` + w.Version + `"`, w}, nil
}

type editConfigInput struct {
	Version string `header:"If-Match" doc:"the ETag of the settings that the caller saw; conflict if andon.yaml has changed since"`
	Body    client.SettingsEdit
}

func (s *server) editConfig(ctx context.Context, in *editConfigInput) (*settingsReply, error) {
	a, err := human(ctx, "changing the configuration")
	if err != nil {
		return nil, err
	}
	version := strings.Trim(in.Version, `"`)
	if version == "*" {
		version = ""
	}
	if err := s.o.Config.Set(ctx, a, version, in.Body.Set); err != nil {
		return nil, err
	}
	return s.settings(ctx, nil)
}
