package client

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Settings are what the API changes of andon.yaml, and which version of the file is
// in force.
type Settings struct {
	File    string     `json:"file" doc:"andon.yaml, where it lies"`
	Version string     `json:"version" doc:"of the file in force; also the ETag"`
	Since   *time.Time `json:"since,omitempty" doc:"since when it is"`
	By      string     `json:"by,omitempty" doc:"who changed it over the API; absent if it was changed on disk"`
	Problem string     `json:"problem,omitempty" doc:"what is wrong with the file on disk, which is not in force then"`
	Hint    string     `json:"hint,omitempty" doc:"the way out of the problem"`
	Items   []Setting  `json:"items"`
}

// Setting is one key of andon.yaml that the API changes.
type Setting struct {
	Key     string   `json:"key" doc:"such as lanes.builder.max_parallel"`
	Value   string   `json:"value" doc:"in force; empty if there is no limit of that kind"`
	Default string   `json:"default" doc:"what counts if the file does not say"`
	Choices []string `json:"choices,omitempty" doc:"what may stand there; absent for numbers and amounts"`
}

// SettingsEdit is a change of some settings, all or none.
type SettingsEdit struct {
	Set map[string]string `json:"set" minProperties:"1" doc:"values by key; an empty one takes the key out of the file, so that the default counts"`
}

// Config returns the configuration in force, without secrets.
func (c *Client) Config(ctx context.Context) (json.RawMessage, error) {
	return call[json.RawMessage](ctx, c, get("config"))
}

// Settings tells what can be changed of the configuration.
func (c *Client) Settings(ctx context.Context) (Settings, error) {
	return call[Settings](ctx, c, get("config", "settings"))
}

// EditConfig changes andon.yaml and puts it in force; comments and order stay. With
// a version other than "" it refuses with conflict if the file has another one.
func (c *Client) EditConfig(ctx context.Context, edit SettingsEdit, version string) (Settings, error) {
	r := request{method: http.MethodPatch, path: path("config"), body: edit}
	if version != "" {
		r.etag = `"` + version + `"`
	}
	return call[Settings](ctx, c, r)
}
