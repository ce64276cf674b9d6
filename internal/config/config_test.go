package config

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/andon-dev/andon/internal/kanban"
)

//go:generate go test -run TestRefused -update .

var update = flag.Bool("update", false, "rewrite golden files")

// contract is the file that contracts.md fixes.
const contract = `
dispatch:
  max_parallel: 6
  max_attempts: 3
  lease: 20m
  backoff: {initial: 1s, max: 5m}
  stop_grace: 20s
  pause_after: 5
  max_cooldown: 2d
  min_free: 1GiB
  max_children: 7
accounts:
  claude-max: {max_parallel: 4, budget: {day: 100USD}}
boards:
  default: {max_parallel: 4, budget: {tokens_day: 20M}, tenants: {Acme GmbH: {max_parallel: 1, budget: {day: 5USD}}}}
lanes:
  builder:
    description: builds and tests Go code   # people and planners read this
    preset: command
    command: ["./work.sh", "{{.TaskID}}", "--run={{.RunID}}"]
    account: claude-max
    done_when: reported
    on_silent_exit: review
    on_retry: fresh
    env: {GOFLAGS: "-mod=mod", LEVEL: 010, CI: true}
    pass_env: [GITHUB_TOKEN]
    max_parallel: 2
    run_timeout: 30m
    stall_timeout: 5m
    budget: {run: 2USD, task: 10.50USD, tokens_run: 500k, tokens_task: 1500000}
    cost: 0.25USD
    hooks: {after_create: [make, setup], before_run: [git, fetch], after_run: ["true"], before_remove: [./pack.sh]}
    workspace: clone
    sandbox: {mode: bwrap, network: off, write: [~/.cache], read: [/srv/data], memory: 2GiB, pids: 512, cpus: 1.5}
  plain:
    sandbox: landlock
    metered: true
    command:
      - sh
      - -c
      - |
        echo one
        exit 3
budget: {day: 200USD}
notify:
  sinks:
    ops: {type: webhook, url: "https://hooks.example.org/andon", secret_file: ops.secret}
    log: {type: file, path: /var/log/andon.jsonl}
    phone: {type: ntfy, topic: andon-4711, token_env: NTFY_TOKEN, digest: 0}
    mail: {type: command, command: [/opt/mail.sh, ops], env: [MAIL_HOST], timeout: 5s, templates: {completed: "{{.Task.Title}} is done"}}
    team: {type: shoutrrr, url_file: team.url}
    chat: {type: telegram, token_file: chat.token, chat: "-100500", listen: true, attach: 1MiB, attach_types: [text/*, image/png]}
    room: {type: slack, token_env: SLACK_TOKEN, channel: C0OPS}
  link: https://andon.example.org/
retention: {logs: 1d12h, log_size: 8MiB, events: 60d, scratch: 12h, artifacts: 365d}
backup: {every: 12h, keep: 3, to: /mnt/backups}
api: {listen: 0.0.0.0:8420, tls: {cert: /etc/andon/cert.pem, key: key.pem}, behind_proxy: true, hosts: [andon.example.org]}
`

func TestEveryKeyIsRead(t *testing.T) {
	got, err := Parse("andon.yaml", []byte(contract))
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Dispatch: Dispatch{
			MaxParallel: 6, MaxAttempts: 3, Lease: 20 * time.Minute,
			Backoff: Backoff{Initial: time.Second, Max: 5 * time.Minute}, StopGrace: 20 * time.Second, PauseAfter: 5, MaxCooldown: 2 * day, MinFree: 1 << 30, MaxChildren: 7,
		},
		Accounts: map[string]Account{"claude-max": {MaxParallel: 4, Budget: Budget{Day: kanban.Budget{Cost: 100 * kanban.Dollar}}}},
		Boards: map[string]Board{"default": {
			MaxParallel: 4, Budget: Budget{Day: kanban.Budget{Tokens: 20_000_000}},
			Tenants: map[string]Tenant{"Acme GmbH": {MaxParallel: 1, Budget: Budget{Day: kanban.Budget{Cost: 5 * kanban.Dollar}}}},
		}},
		Budget: Budget{Day: kanban.Budget{Cost: 200 * kanban.Dollar}},
		Lanes: map[string]Lane{
			"builder": {
				Name: "builder", Description: "builds and tests Go code", Preset: "command",
				Command: []string{"./work.sh", "{{.TaskID}}", "--run={{.RunID}}"}, Account: "claude-max",
				DoneWhen: DoneOnReported, OnSilentExit: SilentReviews, OnRetry: kanban.Fresh,
				Env: map[string]string{"GOFLAGS": "-mod=mod", "LEVEL": "010", "CI": "true"}, PassEnv: []string{"GITHUB_TOKEN"},
				Budget: Budget{
					Run: kanban.Budget{Cost: 2 * kanban.Dollar, Tokens: 500_000}, Task: kanban.Budget{Cost: 10_500_000, Tokens: 1_500_000},
				},
				Cost:        250_000,
				MaxParallel: 2, RunTimeout: 30 * time.Minute, StallTimeout: 5 * time.Minute,
				Hooks: Hooks{
					AfterCreate: []string{"make", "setup"}, BeforeRun: []string{"git", "fetch"},
					AfterRun: []string{"true"}, BeforeRemove: []string{"./pack.sh"},
				},
				Workspace: "clone",
				Sandbox:   Sandbox{Mode: SandboxBwrap, Network: NetworkOff, Write: []string{"~/.cache"}, Read: []string{"/srv/data"}, Memory: 2 << 30, PIDs: 512, CPUs: 1.5},
			},
			"plain": {
				Name: "plain", Preset: "command", Command: []string{"sh", "-c", "echo one\nexit 3\n"},
				DoneWhen: DoneOnExit, OnSilentExit: SilentBlocks, OnRetry: kanban.Continue, Metered: true,
				Sandbox: Sandbox{Mode: SandboxLandlock, Network: NetworkOn},
			},
		},
		Notify: Notify{Sinks: map[string]Sink{
			"ops":   {Name: "ops", Type: SinkWebhook, URL: "https://hooks.example.org/andon", SecretFile: "ops.secret"},
			"log":   {Name: "log", Type: SinkFile, Path: "/var/log/andon.jsonl"},
			"phone": {Name: "phone", Type: SinkNtfy, URL: "https://ntfy.sh", Chat: "andon-4711", SecretEnv: "NTFY_TOKEN"},
			"mail": {
				Name: "mail", Type: SinkCommand, Command: []string{"/opt/mail.sh", "ops"}, Env: []string{"MAIL_HOST"}, Timeout: 5 * time.Second,
				Templates: map[string]string{"completed": "{{.Task.Title}} is done"},
			},
			"team": {Name: "team", Type: SinkShoutrrr, SecretFile: "team.url", Digest: 5},
			"chat": {
				Name: "chat", Type: SinkTelegram, SecretFile: "chat.token", Chat: "-100500", Listen: true, Digest: 5,
				Attach: 1 << 20, AttachTypes: []string{"text/*", "image/png"},
			},
			"room": {Name: "room", Type: SinkSlack, SecretEnv: "SLACK_TOKEN", Chat: "C0OPS", Digest: 5, Attach: 10 << 20},
		}, Link: "https://andon.example.org/"},
		Retention: Retention{
			Logs: 36 * time.Hour, LogSize: 8 << 20, Events: 60 * day, Scratch: 12 * time.Hour, Artifacts: 365 * day,
		},
		Backup:  Backup{Every: 12 * time.Hour, Keep: 3, To: "/mnt/backups"},
		Planner: Defaults().Planner,
		API:     API{Listen: "0.0.0.0:8420", Cert: "/etc/andon/cert.pem", Key: "key.pem", BehindProxy: true, Hosts: []string{"andon.example.org"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestSilentFileIsDefaults(t *testing.T) {
	for _, data := range []string{"", "# nothing\n", "---\n", "dispatch:\nlanes:\n", "{}"} {
		got, err := Parse("andon.yaml", []byte(data))
		if err != nil {
			t.Errorf("%q: %v", data, err)
			continue
		}
		if diff := cmp.Diff(Defaults(), got); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", data, diff)
		}
	}
}

// TestRefused holds every way in which a file is refused, with its exact words:
// testdata/refused.txtar has pairs of NAME.yaml and NAME.error.
func TestRefused(t *testing.T) {
	const golden = "testdata/refused.txtar"
	archive, err := txtar.ParseFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, f := range archive.Files {
		want[f.Name] = string(f.Data)
	}
	var now []txtar.File
	for _, f := range archive.Files {
		name, isInput := strings.CutSuffix(f.Name, ".yaml")
		if !isInput {
			continue
		}
		_, err := Parse("andon.yaml", f.Data)
		got := told(err)
		if kanban.CodeOf(err) != kanban.Invalid {
			t.Errorf("%s: code %q, want invalid", f.Name, kanban.CodeOf(err))
		}
		if diff := cmp.Diff(want[name+".error"], got); diff != "" && !*update {
			t.Errorf("%s: (-want +got)\n%s", f.Name, diff)
		}
		now = append(now, f, txtar.File{Name: name + ".error", Data: []byte(got)})
	}
	if *update {
		archive.Files = now
		if err := os.WriteFile(golden, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// told prints an error as the CLI does.
func told(err error) string {
	var e *kanban.Error
	if !errors.As(err, &e) {
		return "no error\n"
	}
	if e.Way == "" {
		return "error: " + e.Message + "\n"
	}
	return "error: " + e.Message + "\nhint: " + e.Way + "\n"
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "andon.yaml")

	got, err := Load(path)
	if err != nil {
		t.Fatal("missing file:", err)
	}
	want := Defaults()
	want.Version = Version(nil)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("missing file: (-want +got)\n%s", diff)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("Load left %v", entries)
	}

	write(t, path, "notify: {sinks: {a: {type: webhook, url: 'http://localhost:1', secret_file: a.secret}}}")
	got, err = Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if f := got.Notify.Sinks["a"].SecretFile; f != filepath.Join(dir, "a.secret") {
		t.Errorf("secret file is %s, want it beside andon.yaml", f)
	}

	write(t, path, "lanes: {a: {}}")
	if _, err = Load(path); err == nil || !strings.HasPrefix(err.Error(), path+":1:9: ") {
		t.Errorf("%v does not begin with the file's place", err)
	}

	if _, err = Load(dir); kanban.CodeOf(err) != kanban.Unavailable {
		t.Errorf("a folder instead of a file: %v, want unavailable", err)
	}
}

func write(t *testing.T, path, data string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestG32_RedactedHidesSecrets(t *testing.T) {
	c, err := Parse("andon.yaml", []byte(`
lanes:
  a:
    command: [make]
    env: {GITHUB_TOKEN: hunter2, DB: "postgres://u:hunter2@host/db", LEVEL: debug}
notify:
  sinks:
    chat: {type: webhook, url: "https://chat.example.org/hunter2?key=hunter2"}
    phone: {type: ntfy, topic: hunter2}
`))
	if err != nil {
		t.Fatal(err)
	}
	shown, err := yaml.Marshal(c.Redacted())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(shown), "hunter2") {
		t.Errorf("a secret is shown:\n%s", shown)
	}
	for _, want := range []string{"LEVEL: debug", "https://chat.example.org/***"} {
		if !strings.Contains(string(shown), want) {
			t.Errorf("%q is not shown:\n%s", want, shown)
		}
	}
}

// What `andon config show` prints is itself an andon.yaml.
func TestRedactedIsReadBack(t *testing.T) {
	plain := strings.NewReplacer("/andon\"", "\"", "andon-4711", "hidden").Replace(contract)
	want, err := Parse("andon.yaml", []byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	shown, err := yaml.Marshal(want.Redacted())
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse("shown", shown)
	if err != nil {
		t.Fatalf("%v\n%s", err, shown)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// FuzzParse: whatever is accepted keeps the ranges of the schema, renders its
// commands, and survives being shown and read again.
func FuzzParse(f *testing.F) {
	f.Add([]byte(contract))
	archive, err := txtar.ParseFile("testdata/refused.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range archive.Files {
		if strings.HasSuffix(file.Name, ".yaml") {
			f.Add(file.Data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse("andon.yaml", data)
		if err != nil {
			if kanban.CodeOf(err) != kanban.Invalid || !strings.Contains(err.Error(), "andon.yaml") {
				t.Fatalf("not an error of the file: %v", err)
			}
			return
		}
		if c.Dispatch.MaxAttempts < 1 || c.Dispatch.Lease <= 0 || c.Dispatch.Backoff.Initial <= 0 ||
			c.API.Listen != "" && c.API.Listen != ListenOff && !local(c.API.Listen) && c.API.Cert == "" && !c.API.BehindProxy {
			t.Fatalf("out of range: %+v", c)
		}
		for _, l := range c.Lanes {
			if argv, err := l.Argv(Fields{}); err != nil || argv[0] == "" {
				t.Fatalf("lane %q is accepted and cannot start: %q, %v", l.Name, argv, err)
			}
		}
		shown, err := yaml.Marshal(c.Redacted())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse("shown", shown); err != nil {
			t.Fatalf("%v\n%s", err, shown)
		}
	})
}

// TestHermesLanes: workers of the reference system need no command, and say
// themselves how they end.
func TestHermesLanes(t *testing.T) {
	c, err := Parse("andon.yaml", []byte("lanes:\n  builder: {preset: hermes}\n  own: {preset: hermes, command: [uv, run, hermes], done_when: exit}\n"+
		"  led: {preset: hermes, model: m-1, args: [--toolsets, web]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if l := c.Lanes["builder"]; !l.Hermes() || l.DoneWhen != DoneOnReported || l.OnSilentExit != SilentBlocks || len(l.Command) > 0 {
		t.Errorf("builder is %+v", l)
	}
	if l := c.Lanes["led"]; l.Model != "m-1" || len(l.Args) != 2 {
		t.Errorf("led is %+v", l)
	}
	if l := c.Lanes["own"]; !l.Hermes() || l.DoneWhen != DoneOnExit || len(l.Command) != 3 {
		t.Errorf("own is %+v", l)
	}
}

// TestG30_OthersReachItThroughTLSOnly, or through a proxy that speaks it.
func TestG30_OthersReachItThroughTLSOnly(t *testing.T) {
	for text, allowed := range map[string]bool{
		"{listen: 127.0.0.1:8420}":                                         true,
		"{listen: 'localhost:8420'}":                                       true,
		"{listen: '[::1]:8420'}":                                           true,
		"{listen: 0.0.0.0:8420}":                                           false,
		"{listen: ':8420', hosts: [a.example.org]}":                        false,
		"{listen: '[::]:8420'}":                                            false,
		"{listen: 192.0.2.1:8420, behind_proxy: false}":                    false,
		"{listen: 192.0.2.1:8420, behind_proxy: true}":                     false, // under which name?
		"{listen: 192.0.2.1:8420, behind_proxy: true, hosts: [a.example]}": true,
		"{listen: ':8420', tls: {cert: cert.pem, key: key.pem}}":           true,
		"{listen: ':8420', tls: {cert: cert.pem}}":                         false,
		"{listen: 127.0.0.1:8420, auth: off}":                              false,
	} {
		if _, err := Parse("andon.yaml", []byte("api: "+text)); (err == nil) != allowed {
			t.Errorf("%s: %v", text, err)
		}
	}
}
