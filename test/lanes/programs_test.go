//go:build lanes

package lanes

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/standin"
)

// program is a real agent program, and how it is led to a loopback model.
type program struct {
	preset, npm, bin string
	serve            func(standin.Script) http.Handler
	env              func(url, home string) map[string]string
	args             func(url string) []string
	prepare          func(t *testing.T, home string)
	shell            func(command string) standin.Turn // the call of its shell
	limited          func(until time.Time) standin.Turn
	limitEnv         map[string]string // over env, for an account with a quota
	denied           standin.Turn
	resumes          bool // is tried
}

var programs = []program{
	{
		preset: "claude-code", npm: "@anthropic-ai/claude-code", bin: "claude", serve: standin.Anthropic, resumes: true,
		env: func(url, _ string) map[string]string {
			return map[string]string{
				"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": "dummy", "IS_SANDBOX": "1", "CLAUDE_CODE_MAX_RETRIES": "1",
				"DISABLE_TELEMETRY": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
			}
		},
		shell: func(c string) standin.Turn {
			return standin.Turn{Tool: "Bash", Input: map[string]any{"command": c, "description": "work"}}
		},
		limited: func(until time.Time) standin.Turn {
			return standin.Turn{Status: http.StatusTooManyRequests, Message: "This request would exceed your account's rate limit.", Until: until}
		},
		limitEnv: map[string]string{"ANTHROPIC_API_KEY": "", "CLAUDE_CODE_OAUTH_TOKEN": "sk-ant-oat01-dummy"}, // only subscriptions are told a time
		denied:   standin.Turn{Status: http.StatusUnauthorized, Message: "invalid x-api-key"},
	},
	{
		preset: "codex", npm: "@openai/codex", bin: "codex", serve: standin.OpenAI, resumes: true,
		env: func(_, home string) map[string]string {
			return map[string]string{"OPENAI_API_KEY": "dummy", "TMPDIR": filepath.Join(home, "tmp")} // else it takes its home for a temporary folder
		},
		args: func(url string) []string {
			return []string{"-m", "gpt-5-codex", "-c", `model_provider="standin"`, "-c", `model_providers.standin={name="standin",base_url="` + url +
				`/v1",wire_api="responses",env_key="OPENAI_API_KEY",request_max_retries=1,stream_max_retries=1}`}
		},
		prepare: func(t *testing.T, home string) { mkdir(t, filepath.Join(home, "tmp")) },
		shell: func(c string) standin.Turn {
			return standin.Turn{Tool: "exec_command", Input: map[string]any{"cmd": c}}
		},
		limited: func(until time.Time) standin.Turn {
			return standin.Turn{Status: http.StatusTooManyRequests, Kind: "usage_limit_reached", Message: "The usage limit has been reached", Until: until}
		},
		denied: standin.Turn{Status: http.StatusUnauthorized, Message: "Incorrect API key provided"},
	},
	{
		preset: "gemini", npm: "@google/gemini-cli", bin: "gemini", serve: standin.Gemini, resumes: true,
		env: func(url, _ string) map[string]string {
			return map[string]string{"GEMINI_API_KEY": "dummy", "GOOGLE_GEMINI_BASE_URL": url}
		},
		prepare: func(t *testing.T, home string) {
			mkdir(t, filepath.Join(home, ".gemini"))
			write(t, filepath.Join(home, ".gemini", "settings.json"), `{"security":{"auth":{"selectedType":"gemini-api-key"}}}`)
		},
		shell: func(c string) standin.Turn {
			return standin.Turn{Tool: "run_shell_command", Input: map[string]any{"command": c, "description": "work"}}
		},
		denied: standin.Turn{Status: http.StatusBadRequest, Kind: "INVALID_ARGUMENT", Message: "API key not valid. Please pass a valid API key."},
	},
	{
		preset: "opencode", npm: "opencode-ai", bin: "opencode", serve: standin.OpenAI, resumes: true,
		env: func(url, _ string) map[string]string {
			return map[string]string{"OPENCODE_CONFIG_CONTENT": `{"provider":{"standin":{"npm":"@ai-sdk/openai-compatible","name":"standin",` +
				`"options":{"baseURL":"` + url + `/v1","apiKey":"dummy"},"models":{"m":{"name":"m","limit":{"context":100000,"output":8000}}}}},"model":"standin/m"}`}
		},
		shell: func(c string) standin.Turn {
			return standin.Turn{Tool: "bash", Input: map[string]any{"command": c, "description": "work"}}
		},
		denied: standin.Turn{Status: http.StatusUnauthorized, Message: "Incorrect API key provided"},
	},
}

// named returns the programs to drive.
func named(t *testing.T) []program {
	if *only == "" {
		return programs
	}
	var some []program
	for _, p := range programs {
		if strings.Contains(","+*only+",", ","+p.preset+",") {
			some = append(some, p)
		}
	}
	if len(some) == 0 {
		t.Fatalf("-only=%s names no preset", *only)
	}
	return some
}

func mkdir(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
