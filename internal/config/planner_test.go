package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/kanban"
)

func TestPlannerIsRead(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want Planner
	}{
		"empty":       {"planner:", Planner{Timeout: 2 * time.Minute, MaxChildren: 6}},
		"nothing":     {"", Planner{Timeout: 2 * time.Minute, MaxChildren: 6}},
		"an endpoint": {"planner: {url: 'https://api.example.org/v1', model: m-1, key_env: PLAN_KEY, timeout: 30s, auto: decompose, max_children: 9}", Planner{URL: "https://api.example.org/v1", Model: "m-1", KeyEnv: "PLAN_KEY", Timeout: 30 * time.Second, Auto: kanban.Decompose, MaxChildren: 9}},
		"this host":   {"planner: {url: 'http://127.0.0.1:11434/v1', model: m}", Planner{URL: "http://127.0.0.1:11434/v1", Model: "m", Timeout: 2 * time.Minute, MaxChildren: 6}},
		"by name":     {"planner: {url: 'http://localhost:8080/v1', model: m, auto: off}", Planner{URL: "http://localhost:8080/v1", Model: "m", Timeout: 2 * time.Minute, MaxChildren: 6}},
		"a lane":      {"planner: {lane: boss}\nlanes: {boss: {command: [x]}}", Planner{Lane: "boss", Timeout: 2 * time.Minute, MaxChildren: 6}},
	} {
		got, err := Parse("andon.yaml", []byte(tt.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(tt.want, got.Planner); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func TestPlannerIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"{auto: specify}":                                           "neither a url nor a lane",
		"{url: 'https://x.org/v1'}":                                 "no model",
		"{model: m}":                                                "neither",
		"{url: 'http://x.org/v1', model: m}":                        "https, since",
		"{url: 'http://127.0.0.1.evil.org/v1', model: m}":           "https, since",
		"{url: 'https://u:hunter2@x.org/v1', model: m}":             "without user",
		"{url: 'https://x.org/v1?key=hunter2', model: m}":           "query",
		"{url: 'ftp://x.org', model: m}":                            "https URL",
		"{url: 'https://x.org', model: m, key: hunter2}":            `unknown key "key"`,
		"{url: 'https://x.org', model: m, key_env: A, key_file: b}": "both key_file and key_env",
		"{url: 'https://x.org', model: m, lane: boss}":              "both an endpoint and a lane",
		"{lane: bos}": `no lane "bos"`,
		"{url: 'https://x.org', model: m, auto: always}":    "off, specify, decompose",
		"{url: 'https://x.org', model: m, max_children: 0}": "1 to 50",
		"{url: 'https://x.org', model: m, timeout: 0s}":     "1s to 1h",
		"{url: 'https://x.org', model: \"a\\nb\"}":          "without control characters",
	} {
		_, err := Parse("andon.yaml", []byte("lanes: {boss: {command: [x]}}\nplanner: "+text))
		if err == nil || !strings.Contains(said(err), want) || strings.Contains(said(err), "hunter2") {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func said(err error) string {
	way := ""
	if e, ok := err.(*kanban.Error); ok {
		way = e.Way
	}
	return err.Error() + "\n" + way
}

// TestPlannerKey: a key's file stands beside andon.yaml, and its address may be a
// key, too.
func TestPlannerKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "andon.yaml")
	text := "planner: {url: 'https://api.example.org/hidden/v1', model: m, key_file: plan.key}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path)
	if err != nil || c.Planner.KeyFile != filepath.Join(filepath.Dir(path), "plan.key") {
		t.Errorf("key file %q, %v", c.Planner.KeyFile, err)
	}
	shown, _ := c.Redacted()["planner"].(map[string]any)
	if shown["url"] != "https://api.example.org/***" || shown["auto"] != "off" {
		t.Errorf("shown %v", shown)
	}
}
