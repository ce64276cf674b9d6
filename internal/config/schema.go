package config

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker/preset"
)

const maxParallel = 10_000

func (r *reader) config(c *Config) read {
	return r.section(map[string]read{
		"dispatch":  r.dispatch(&c.Dispatch),
		"accounts":  named(r, &c.Accounts, checkSlug, r.account),
		"boards":    named(r, &c.Boards, checkSlug, r.board),
		"lanes":     named(r, &c.Lanes, checkLane, func(name string, at value, l *Lane) read { return r.lane(name, at, l, c) }),
		"budget":    r.budget(&c.Budget),
		"notify":    r.section(map[string]read{"sinks": named(r, &c.Notify.Sinks, checkSlug, r.sink)}),
		"retention": r.retention(&c.Retention),
		"backup":    r.backup(&c.Backup),
		"planner":   r.planner(&c.Planner, c),
		"api":       r.section(map[string]read{"listen": r.listen}),
	})
}

func (r *reader) dispatch(c *Dispatch) read {
	return r.section(map[string]read{
		"max_parallel": r.number(&c.MaxParallel, 0, maxParallel),
		"max_attempts": r.number(&c.MaxAttempts, 1, 100),
		"lease":        r.duration(&c.Lease, 100*time.Millisecond, 7*day),
		"backoff":      r.backoff(&c.Backoff),
		"stop_grace":   r.optionalDuration(&c.StopGrace, time.Millisecond, time.Hour),
		"pause_after":  r.number(&c.PauseAfter, 0, 1000),
		"max_cooldown": r.optionalDuration(&c.MaxCooldown, time.Second, 365*day),
		"min_free":     r.size(&c.MinFree, 0, 1<<50),
		"max_children": r.number(&c.MaxChildren, 0, 100_000),
	})
}

func (r *reader) backoff(b *Backoff) read {
	section := r.section(map[string]read{
		"initial": r.duration(&b.Initial, time.Millisecond, 7*day),
		"max":     r.duration(&b.Max, time.Millisecond, 7*day),
	})
	return func(v value) {
		section(v)
		if b.Initial > b.Max {
			r.refuse(v.place(), "raise max", "%s: initial %s is longer than max %s",
				v.path, formatDuration(b.Initial), formatDuration(b.Max))
		}
	}
}

func (r *reader) account(_ string, _ value, a *Account) read {
	return r.section(map[string]read{
		"max_parallel": r.number(&a.MaxParallel, 0, maxParallel),
		"budget":       r.budget(&a.Budget),
	})
}

func (r *reader) board(_ string, _ value, b *Board) read {
	return r.section(map[string]read{
		"max_parallel": r.number(&b.MaxParallel, 0, maxParallel),
		"budget":       r.budget(&b.Budget),
		"tenants":      named(r, &b.Tenants, checkTenant, r.tenant),
	})
}

func (r *reader) tenant(_ string, _ value, t *Tenant) read {
	return r.section(map[string]read{
		"max_parallel": r.number(&t.MaxParallel, 0, maxParallel),
		"budget":       r.budget(&t.Budget),
	})
}

// budget refuses what can never be used: a run that may use more than its task
// or its day.
func (r *reader) budget(b *Budget) read {
	section := r.section(map[string]read{
		"run": r.amount(&b.Run.Cost, kanban.ParseCost), "tokens_run": r.amount(&b.Run.Tokens, kanban.ParseTokens),
		"task": r.amount(&b.Task.Cost, kanban.ParseCost), "tokens_task": r.amount(&b.Task.Tokens, kanban.ParseTokens),
		"day": r.amount(&b.Day.Cost, kanban.ParseCost), "tokens_day": r.amount(&b.Day.Tokens, kanban.ParseTokens),
	})
	return func(v value) {
		section(v)
		for _, c := range []struct {
			what       string
			run, other int64
		}{
			{"run is more than task", b.Run.Cost, b.Task.Cost},
			{"run is more than day", b.Run.Cost, b.Day.Cost},
			{"tokens_run is more than tokens_task", b.Run.Tokens, b.Task.Tokens},
			{"tokens_run is more than tokens_day", b.Run.Tokens, b.Day.Tokens},
		} {
			if c.other > 0 && c.run > c.other {
				r.refuse(v.place(), "a run counts in both", "%s: %s", v.path, c.what)
			}
		}
	}
}

// amount reads money or tokens; the error of parse carries how to write it.
func (r *reader) amount(into *int64, parse func(string) (int64, error)) read {
	return func(v value) {
		s, ok := r.scalar(v)
		if !ok {
			return
		}
		n, err := parse(s)
		if refused := (*kanban.Error)(nil); errors.As(err, &refused) {
			r.refuse(v.place(), refused.Way, "%s cannot be %q", v.path, s)
			return
		}
		*into = n
	}
}

func (r *reader) yes(into *bool) read {
	return r.text(func(s string) error {
		if s != "true" && s != "false" {
			return errors.New("true or false")
		}
		*into = s == "true"
		return nil
	})
}

func (r *reader) retention(c *Retention) read {
	return r.section(map[string]read{
		"logs":      r.duration(&c.Logs, time.Second, forever),
		"log_size":  r.size(&c.LogSize, 4<<10, 1<<40),
		"events":    r.duration(&c.Events, time.Second, forever),
		"scratch":   r.duration(&c.Scratch, time.Second, forever),
		"artifacts": r.duration(&c.Artifacts, time.Second, forever),
	})
}

func (r *reader) backup(c *Backup) read {
	return r.section(map[string]read{
		"every": r.optionalDuration(&c.Every, time.Second, 365*day),
		"keep":  r.number(&c.Keep, 1, 1000),
		"to": r.text(func(p string) error {
			if c.To = p; p == "" {
				return nil
			}
			return checkPath(p)
		}),
	})
}

// listen refuses every address, but a malformed one for what it is.
func (r *reader) listen(v value) {
	s, ok := r.scalar(v)
	if !ok {
		return
	}
	_, port, err := net.SplitHostPort(s)
	if n, atoi := strconv.Atoi(port); err != nil || atoi != nil || n < 0 || n > 65535 {
		r.refuse(v.place(), "HOST:PORT, such as 127.0.0.1:8420", "api.listen cannot be %q", s)
		return
	}
	r.refuse(v.place(), "leave api.listen away and use the unix socket andon.sock beside andon.yaml",
		"api.listen is refused until there is authentication")
}

func (r *reader) lane(name string, at value, l *Lane, c *Config) read {
	*l = Lane{Name: name, Preset: PresetCommand, OnRetry: kanban.Continue}
	section := r.section(map[string]read{
		"description":    r.text(func(s string) error { l.Description = s; return nil }),
		"preset":         r.preset(&l.Preset),
		"command":        r.list(&l.Command, `argv as a list, such as ["./work.sh", "{{.TaskID}}"]; there is no shell`, checkTemplate),
		"args":           r.list(&l.Args, `a list, such as ["--effort", "high"]`, checkTemplate),
		"model":          r.text(func(s string) error { l.Model = s; return checkModel(s) }),
		"permission":     word(r, &l.Permission, preset.Read, preset.Edit, preset.Full),
		"account":        r.accountOf(l, c),
		"done_when":      word(r, &l.DoneWhen, DoneOnExit, DoneOnReported),
		"on_silent_exit": word(r, &l.OnSilentExit, SilentBlocks, SilentReviews),
		"on_retry":       word(r, &l.OnRetry, kanban.Continue, kanban.Fresh),
		"env":            r.env(&l.Env),
		"pass_env":       r.list(&l.PassEnv, "names of variables, such as [GITHUB_TOKEN]", checkEnvName),
		"max_parallel":   r.number(&l.MaxParallel, 0, maxParallel),
		"run_timeout":    r.optionalDuration(&l.RunTimeout, 10*time.Millisecond, 365*day),
		"stall_timeout":  r.optionalDuration(&l.StallTimeout, 10*time.Millisecond, 365*day),
		"hooks":          r.hooks(&l.Hooks),
		"sandbox":        r.sandbox(&l.Sandbox),
		"workspace":      word(r, &l.Workspace, "worktree", "clone"),
		"budget":         r.budget(&l.Budget),
		"cost":           r.amount(&l.Cost, kanban.ParseCost),
		"metered":        r.yes(&l.Metered),
		"verify":         r.commands(&l.Verify),
		"verify_timeout": r.optionalDuration(&l.VerifyTimeout, 10*time.Millisecond, 365*day),
		"review":         r.review(l, c),
	})
	return func(v value) {
		before := len(r.problems)
		section(v)
		if len(r.problems) == before { // a command that was refused is not also missing
			r.settleLane(at, l)
		}
	}
}

// KnowsPreset reports whether a lane may name the preset.
func KnowsPreset(name string) bool {
	_, agent := preset.Named(name)
	return agent || name == PresetCommand || name == PresetExternal || name == preset.Hermes
}

// settleLane checks what depends on the preset, and fills in its defaults.
func (r *reader) settleLane(at value, l *Lane) {
	_, agent := l.Agent()
	switch {
	case l.External() && len(l.Command) > 0:
		r.refuse(at.key, "andon run --lane "+l.Name+" -- COMMAND  starts its workers", "%s is external and has a command", at.path)
	case l.External() && (l.Model != "" || l.Permission != "" || len(l.Args) > 0):
		r.refuse(at.key, "leave them away", "%s is external: model, permission and args are of agent presets", at.path)
	case l.External() && l.Sandbox.given():
		r.refuse(at.key, "leave sandbox away, and put the walls around what starts its workers",
			"%s is external: Andon does not start its workers, and builds no walls around them", at.path)
	case l.External():
	case !agent && !l.Hermes() && len(l.Command) == 0:
		r.refuse(at.key, `command: ["./work.sh", "{{.TaskID}}"], or a preset: `+strings.Join(preset.Names(), ", "), "%s has no command", at.path)
	case !agent && (l.Model != "" || l.Permission != "" || len(l.Args) > 0):
		r.refuse(at.key, "write them into its command, or choose a preset: "+strings.Join(preset.Names(), ", "),
			"%s is a plain command: model, permission and args are of agent presets", at.path)
	case len(l.Command) > 0 && (l.Command[0] == "" || strings.Contains(l.Command[0], "{{")):
		r.refuse(at.key, "fields belong into its arguments", "%s.command must begin with the name of one program", at.path)
	}
	if l.Metered && l.Cost > 0 {
		r.refuse(at.key, "metered if its worker tells what it uses; cost if nothing does", "%s has both metered and cost", at.path)
	}
	done, silent := DoneOnExit, SilentBlocks
	if l.Hermes() { // it says so in the board's file
		done = DoneOnReported
	}
	if agent {
		done, silent = DoneOnReported, SilentReviews
		l.Permission, l.Workspace = cmp.Or(l.Permission, preset.Edit), cmp.Or(l.Workspace, kanban.Clone)
	}
	l.DoneWhen, l.OnSilentExit = cmp.Or(l.DoneWhen, done), cmp.Or(l.OnSilentExit, silent)
}

// laterPresets are promised, so that a user learns more than "unknown".
var laterPresets = []string{"shell"}

func (r *reader) preset(into *string) read {
	return func(v value) {
		s, ok := r.scalar(v)
		if !ok {
			return
		}
		known := append([]string{PresetCommand, PresetExternal, preset.Hermes}, preset.Names()...)
		switch {
		case KnowsPreset(s):
			*into = s
		case slices.Contains(laterPresets, s):
			r.refuse(v.place(), "use preset: command with the program's own command line", "preset %q comes later", s)
		case kanban.Nearest(s, known) != "":
			r.refuse(v.place(), fmt.Sprintf("did you mean %q?", kanban.Nearest(s, known)), "%s cannot be %q", v.path, s)
		default:
			r.refuse(v.place(), "one of "+strings.Join(known, ", "), "%s cannot be %q", v.path, s)
		}
	}
}

func (r *reader) accountOf(l *Lane, c *Config) read {
	return func(v value) {
		s, ok := r.scalar(v)
		if !ok {
			return
		}
		l.Account = s
		r.later = append(r.later, func() {
			if _, known := c.Accounts[s]; known {
				return
			}
			hint := fmt.Sprintf("add it: accounts: {%s: {max_parallel: 1}}", s)
			if near := kanban.Nearest(s, keysOf(c.Accounts)); near != "" {
				hint = fmt.Sprintf("did you mean %q?", near)
			}
			r.refuse(v.place(), hint, "there is no account %q", s)
		})
	}
}

func (r *reader) env(into *map[string]string) read {
	return func(v value) {
		env := map[string]string{}
		for _, entry := range r.entries(v) {
			name := entry.key.GetToken().Value
			if err := checkEnvName(name); err != nil {
				r.refuse(entry.key, err.Error(), "%q cannot be set%s", name, inside(v.path))
				continue
			}
			r.private(func(s string) error {
				env[name] = s
				return checkNUL(s)
			})(entry)
		}
		if len(env) > 0 {
			*into = env
		}
	}
}

func (r *reader) hooks(h *Hooks) read {
	hook := func(into *[]string) read {
		list := r.list(into, `argv as a list, such as ["make", "setup"]; there is no shell`, checkNUL)
		return func(v value) {
			list(v)
			if len(*into) > 0 && (*into)[0] == "" {
				r.refuse(v.place(), "", "%s must begin with the name of a program", v.path)
			}
		}
	}
	return r.section(map[string]read{
		"after_create":  hook(&h.AfterCreate),
		"before_run":    hook(&h.BeforeRun),
		"after_run":     hook(&h.AfterRun),
		"before_remove": hook(&h.BeforeRemove),
	})
}

func (r *reader) sink(name string, at value, s *Sink) read {
	s.Name = name
	section := r.section(map[string]read{
		"type":        word(r, &s.Type, SinkWebhook, SinkFile),
		"url":         r.private(func(u string) error { s.URL = u; return checkURL(u) }),
		"secret_file": r.text(func(f string) error { s.SecretFile = f; return checkNUL(f) }),
		"secret_env":  r.text(func(n string) error { s.SecretEnv = n; return checkEnvName(n) }),
		"path":        r.text(func(p string) error { s.Path = p; return checkPath(p) }),
	})
	return func(v value) {
		before := len(r.problems)
		section(v)
		if len(r.problems) > before {
			return
		}
		switch {
		case s.Type == "":
			r.refuse(at.key, "type: webhook or type: file", "%s has no type", at.path)
		case s.Type == SinkWebhook && s.URL == "":
			r.refuse(at.key, "url: https://...", "%s has no url", at.path)
		case s.Type == SinkWebhook && s.Path != "":
			r.refuse(at.key, "type: file writes to a path", "%s is a webhook and has a path", at.path)
		case s.Type == SinkFile && s.Path == "":
			r.refuse(at.key, "path: an absolute path", "%s has no path", at.path)
		case s.Type == SinkFile && (s.URL != "" || s.SecretFile != "" || s.SecretEnv != ""):
			r.refuse(at.key, "type: webhook posts to a url", "%s is a file and has a url or a secret", at.path)
		case s.SecretFile != "" && s.SecretEnv != "":
			r.refuse(at.key, "keep one of them", "%s has both secret_file and secret_env", at.path)
		}
	}
}

func checkSlug(s string) error {
	slug, err := kanban.Slug(s)
	if err != nil {
		return errors.New("1 to 64 of a-z, 0-9, - and _, starting with a letter or a digit")
	}
	if slug != s {
		return fmt.Errorf("write %q", slug)
	}
	return nil
}

// checkLane leaves out the words that mean no lane where one is asked for.
func checkLane(s string) error {
	if slices.Contains([]string{kanban.ReviewedByHuman, "none", "null"}, s) {
		return errors.New("another name: this word stands for no lane where one is named")
	}
	return checkSlug(s)
}

func checkTenant(s string) error {
	if s == "" || len(s) > 128 || s != strings.TrimSpace(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return errors.New("1 to 128 bytes without control characters or spaces around")
	}
	return nil
}

var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func checkEnvName(s string) error {
	switch {
	case !envName.MatchString(s):
		return errors.New("a name of letters, digits and _, not starting with a digit")
	case strings.HasPrefix(s, "ANDON_"), strings.HasPrefix(s, "HERMES_KANBAN_"):
		return errors.New("names starting with ANDON_ or HERMES_KANBAN_ are set by Andon")
	}
	return nil
}

func checkModel(s string) error {
	if !preset.Argument(s) {
		return errors.New("a name without spaces, not starting with -")
	}
	return nil
}

func checkNUL(s string) error {
	if strings.ContainsRune(s, 0) {
		return errors.New("no NUL characters")
	}
	return nil
}

func checkPath(s string) error {
	if !filepath.IsAbs(s) || checkNUL(s) != nil {
		return errors.New("an absolute path")
	}
	return nil
}

// checkURL keeps credentials out: errors and logs name a sink's URL.
func checkURL(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "":
		return errors.New("an absolute https or http URL")
	case u.User != nil:
		return errors.New("a URL without user and password; sign with secret_file or secret_env instead")
	}
	return nil
}
