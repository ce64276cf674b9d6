package board

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
)

// short is a task that does not start for what it would use.
type short struct {
	task kanban.Task
	of   policy.Short
}

// usedUp says that no end of a live run makes room before the day ends.
func (s short) usedUp() bool {
	return s.of.What == policy.ShortOfDay && s.of.Scope.Unknown == "" && s.of.Used+max(s.of.Want, 1) > s.of.Limit
}

const reachedKey = "budgets_reached"

// reached are the budgets of a day that were told.
type reached struct {
	Day    time.Time
	Scopes []string
}

func readReached(r store.Reader, day policy.Day) (told reached, err error) {
	text, err := r.Meta(reachedKey)
	if err != nil || json.Unmarshal([]byte(text), &told) != nil || !told.Day.Equal(day.Start) {
		told = reached{Day: day.Start}
	}
	return told, err
}

// NoteReached tells of the budgets of a day that keep the next tasks of lanes from
// starting: each once a day, with the first task that waits for it. The
// dispatcher's only.
func (b *Board) NoteReached(ctx context.Context, lanes, heldRepos []string, all *Spending) error {
	if !b.settings().dayBudgets() {
		return nil
	}
	fresh := func(r store.Reader) (found []short, told reached, err error) {
		l := b.ledger(r, all)
		full, err := b.fullTenants(r)
		if err != nil || full == nil {
			return nil, told, err
		}
		for _, lane := range lanes {
			if _, _, _, err := l.pick(lane, store.Skip{Tenants: full, Repos: heldRepos}); err != nil {
				return nil, told, err
			}
		}
		if told, err = readReached(r, l.day); err != nil {
			return nil, told, err
		}
		for _, s := range l.shorts {
			if s.usedUp() && !slices.Contains(told.Scopes, s.of.Scope.Name) {
				found, told.Scopes = append(found, s), append(told.Scopes, s.of.Scope.Name)
			}
		}
		return found, told, nil
	}
	found, err := store.View(ctx, b.store, func(r store.Reader) ([]short, error) {
		found, _, err := fresh(r)
		return found, err
	})
	if err != nil || len(found) == 0 {
		return err
	}
	return b.store.Update(ctx, func(tx store.Tx) error {
		found, told, err := fresh(tx)
		if err != nil {
			return err
		}
		for _, s := range found {
			payload := map[string]any{"scope": s.of.Scope.Name, "reason": shortage(s.of, s.task.Assignee), "command": remedy(s.of, s.task)}
			if err := b.record(tx, event(s.task, kanban.EvBudgetReached, payload)); err != nil {
				return err
			}
		}
		text, err := json.Marshal(told)
		if err != nil {
			return err
		}
		return tx.SetMeta(reachedKey, string(text))
	})
}

// dayBudgets reports whether anything is limited by the day.
func (s Settings) dayBudgets() bool {
	limits := []policy.Limits{s.Home, s.Board}
	for _, l := range s.Lanes {
		limits = append(limits, l.Budget)
	}
	for _, more := range []map[string]policy.Limits{s.Accounts, s.Tenants} {
		for _, l := range more {
			limits = append(limits, l)
		}
	}
	return slices.ContainsFunc(limits, func(l policy.Limits) bool { return l.Day != kanban.Budget{} })
}
