package config

import (
	"errors"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

const maxParallel = 10_000

func (r *reader) config(c *Config) read {
	return r.section(map[string]read{
		"dispatch":  r.dispatch(&c.Dispatch),
		"accounts":  named(r, &c.Accounts, checkSlug, r.account),
		"boards":    named(r, &c.Boards, checkSlug, r.board),
		"lanes":     named(r, &c.Lanes, checkLane, func(name string, at value, l *Lane) read { return r.lane(name, at, l, c) }),
		"budget":    r.budget(&c.Budget),
		"notify":    r.notify(&c.Notify),
		"retention": r.retention(&c.Retention),
		"backup":    r.backup(&c.Backup),
		"planner":   r.planner(&c.Planner, c),
		"api":       r.api(&c.API),
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
