package config

import (
	"cmp"
	"maps"
	"net/url"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
)

// hidden stands where a secret would.
const hidden = "***"

// Redacted returns the configuration in the shape and with the keys of
// andon.yaml, ready to be printed as JSON or YAML. Secrets are replaced: values
// of a lane's env whose name or form says secret, and of a sink's URL all but
// the host, since many services put their key into the path.
func (c Config) Redacted() map[string]any {
	return map[string]any{
		"dispatch": map[string]any{
			"max_parallel": c.Dispatch.MaxParallel,
			"max_attempts": c.Dispatch.MaxAttempts,
			"lease":        formatDuration(c.Dispatch.Lease),
			"backoff": map[string]any{
				"initial": formatDuration(c.Dispatch.Backoff.Initial),
				"max":     formatDuration(c.Dispatch.Backoff.Max),
			},
			"stop_grace":   formatDuration(c.Dispatch.StopGrace),
			"pause_after":  c.Dispatch.PauseAfter,
			"max_cooldown": formatDuration(c.Dispatch.MaxCooldown),
			"min_free":     formatSize(c.Dispatch.MinFree),
			"max_children": c.Dispatch.MaxChildren,
		},
		"accounts": each(c.Accounts, func(a Account) any {
			return without(map[string]any{"max_parallel": a.MaxParallel, "budget": a.Budget.show()})
		}),
		"boards": each(c.Boards, Board.show),
		"lanes":  each(c.Lanes, Lane.show),
		"budget": c.Budget.show(),
		"notify": without(map[string]any{"link": c.Notify.Link, "sinks": each(c.Notify.Sinks, Sink.show)}),
		"retention": map[string]any{
			"logs":      formatDuration(c.Retention.Logs),
			"log_size":  formatSize(c.Retention.LogSize),
			"events":    formatDuration(c.Retention.Events),
			"scratch":   formatDuration(c.Retention.Scratch),
			"artifacts": formatDuration(c.Retention.Artifacts),
		},
		"backup": without(map[string]any{
			"every": formatDuration(c.Backup.Every),
			"keep":  c.Backup.Keep,
			"to":    c.Backup.To,
		}),
		"planner": c.Planner.show(),
		"api":     c.API.show(),
	}
}

func (b Board) show() any {
	shown := without(map[string]any{"max_parallel": b.MaxParallel, "budget": b.Budget.show()})
	shown["tenants"] = each(b.Tenants, func(t Tenant) any {
		return without(map[string]any{"max_parallel": t.MaxParallel, "budget": t.Budget.show()})
	})
	return shown
}

func (b Budget) show() map[string]any {
	shown := map[string]any{}
	for key, of := range map[string]kanban.Budget{"run": b.Run, "task": b.Task, "day": b.Day} {
		if of.Cost > 0 {
			shown[key] = kanban.FormatCost(of.Cost)
		}
		if of.Tokens > 0 {
			shown["tokens_"+key] = kanban.FormatTokens(of.Tokens)
		}
	}
	return shown
}

func (l Lane) show() any {
	env := map[string]any{}
	for name, val := range l.Env {
		if isSecret(name, val) {
			val = hidden
		}
		env[name] = val
	}
	cost := ""
	if l.Cost > 0 {
		cost = kanban.FormatCost(l.Cost)
	}
	return without(map[string]any{
		"budget":         l.Budget.show(),
		"cost":           cost,
		"metered":        l.Metered,
		"description":    l.Description,
		"preset":         l.Preset,
		"command":        l.Command,
		"args":           l.Args,
		"model":          l.Model,
		"permission":     string(l.Permission),
		"account":        l.Account,
		"done_when":      string(l.DoneWhen),
		"on_silent_exit": string(l.OnSilentExit),
		"on_retry":       l.OnRetry,
		"env":            env,
		"pass_env":       l.PassEnv,
		"max_parallel":   l.MaxParallel,
		"run_timeout":    formatDuration(l.RunTimeout),
		"stall_timeout":  formatDuration(l.StallTimeout),
		"sandbox":        l.Sandbox.show(),
		"workspace":      l.Workspace,
		"verify":         l.Verify,
		"verify_timeout": formatDuration(l.VerifyTimeout),
		"review":         l.Review.show(),
		"hooks": without(map[string]any{
			"after_create":  l.Hooks.AfterCreate,
			"before_run":    l.Hooks.BeforeRun,
			"after_run":     l.Hooks.AfterRun,
			"before_remove": l.Hooks.BeforeRemove,
		}),
	})
}

func (s Sandbox) show() any {
	limits := map[string]any{}
	if s.Memory > 0 {
		limits["memory"] = formatSize(s.Memory)
	}
	if s.PIDs > 0 {
		limits["pids"] = s.PIDs
	}
	if s.CPUs > 0 {
		limits["cpus"] = s.CPUs
	}
	if !s.On() && len(limits) == 0 {
		return SandboxOff
	}
	all := without(map[string]any{"mode": cmp.Or(s.Mode, SandboxOff), "network": s.Network, "allow": s.Allow, "write": s.Write, "read": s.Read})
	maps.Copy(all, limits)
	return all
}

func (r Review) show() map[string]any {
	m := map[string]any{"by": r.By}
	if r.MaxRounds > 0 {
		m["max_rounds"] = r.MaxRounds
	}
	return without(m)
}

// hostOf hides what may be a key: the path of an address.
func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" && u.Scheme+"://"+u.Host != address {
		return u.Scheme + "://" + u.Host + "/" + hidden
	}
	return address
}

func each[V any](m map[string]V, show func(V) any) map[string]any {
	shown := make(map[string]any, len(m))
	for name, v := range m {
		shown[name] = show(v)
	}
	return shown
}

// without drops the keys that say nothing.
func without(m map[string]any) map[string]any {
	for key, val := range m {
		switch v := val.(type) {
		case string:
			if v == "" {
				delete(m, key)
			}
		case bool:
			if !v {
				delete(m, key)
			}
		case [][]string:
			if len(v) == 0 {
				delete(m, key)
			}
		case []string:
			if len(v) == 0 {
				delete(m, key)
			}
		case map[string]any:
			if len(v) == 0 {
				delete(m, key)
			}
		}
	}
	return m
}

var secretWords = []string{"TOKEN", "SECRET", "PASS", "KEY", "CREDENTIAL", "AUTH", "COOKIE", "DSN", "PRIVATE"}

func isSecret(name, val string) bool {
	name = strings.ToUpper(name)
	for _, w := range secretWords {
		if strings.Contains(name, w) {
			return true
		}
	}
	u, err := url.Parse(val)
	return err == nil && u.User != nil
}
