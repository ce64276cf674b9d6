package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker/preset"
)

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
		"sandbox":        r.sandbox(l),
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
	case l.Hermes() && l.Permission != "":
		r.refuse(at.key, "leave it away: the lane's profile says what its worker may do", "%s has the preset hermes, which knows no permission", at.path)
	case !agent && !l.Hermes() && (l.Model != "" || l.Permission != "" || len(l.Args) > 0):
		r.refuse(at.key, "write them into its command, or choose a preset: "+strings.Join(preset.Names(), ", "),
			"%s is a plain command: model, permission and args are of agent presets", at.path)
	case len(l.Command) > 0 && (l.Command[0] == "" || strings.Contains(l.Command[0], "{{")):
		r.refuse(at.key, "fields belong into its arguments", "%s.command must begin with the name of one program", at.path)
	}
	if l.Metered && l.Cost > 0 {
		r.refuse(at.key, "metered if its worker tells what it uses; cost if nothing does", "%s has both metered and cost", at.path)
	}
	for _, limit := range []struct {
		name string
		cost int64
	}{{"run", l.Budget.Run.Cost}, {"task", l.Budget.Task.Cost}, {"day", l.Budget.Day.Cost}} {
		if limit.cost > 0 && l.Cost > limit.cost {
			r.refuse(at.key, "raise budget."+limit.name+", or lower cost", "%s could never start: its cost is %s, and budget.%s is %s",
				at.path, kanban.FormatCost(l.Cost), limit.name, kanban.FormatCost(limit.cost))
		}
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
