package policy

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/andon-dev/andon/internal/kanban"
)

func usd(n int64) kanban.Budget { return kanban.Budget{Cost: n} }

func TestAllow(t *testing.T) {
	day := func(limit, used, reserved int64) Scope {
		return Scope{Name: "board", Limits: Limits{Day: usd(limit)}, Spend: Spend{Used: usd(used), Reserved: usd(reserved)}}
	}
	run := func(limit int64) Scope { return Scope{Name: "lane", Limits: Limits{Run: usd(limit)}} }
	task := func(limit int64) Scope { return Scope{Name: "home", Limits: Limits{Task: usd(limit)}} }
	cases := []struct {
		name  string
		ask   Ask
		limit kanban.Budget
		short []ShortOf
	}{
		{"nothing is limited", Ask{Metered: true}, usd(0), nil},
		{"nothing is limited, nothing metered", Ask{}, usd(0), nil},
		{"the tightest limit of a run", Ask{Metered: true, Scopes: []Scope{run(5), run(2), run(3)}}, usd(2), nil},
		{"what is left of the task", Ask{Metered: true, Used: usd(9), Scopes: []Scope{run(5), task(10)}}, usd(1), nil},
		{"the task's own budget replaces what is set", Ask{Metered: true, Own: usd(20), Used: usd(12), Scopes: []Scope{run(5), task(10)}}, usd(5), nil},
		{"the task has used all", Ask{Metered: true, Used: usd(10), Scopes: []Scope{task(10)}}, usd(0), []ShortOf{ShortOfTask}},
		{"it fits exactly into the day", Ask{Metered: true, Scopes: []Scope{run(2), day(10, 5, 3)}}, usd(2), nil},
		{"one too many", Ask{Metered: true, Scopes: []Scope{run(2), day(10, 5, 4)}}, usd(2), []ShortOf{ShortOfDay}},
		{"without a limit it gets the rest", Ask{Metered: true, Scopes: []Scope{day(10, 5, 3)}}, usd(2), nil},
		{"and the smaller rest", Ask{Metered: true, Used: usd(7), Scopes: []Scope{day(10, 5, 3), task(8)}}, usd(1), nil},
		{"no rest", Ask{Metered: true, Scopes: []Scope{day(10, 7, 3)}}, usd(0), []ShortOf{ShortOfDay}},
		{"overdrawn", Ask{Metered: true, Scopes: []Scope{day(10, 17, 0)}}, usd(0), []ShortOf{ShortOfDay}},
		{"a limit above the day's", Ask{Metered: true, Scopes: []Scope{run(20), day(10, 0, 0)}}, usd(10), nil},
		{"all that are short are named", Ask{Metered: true, Used: usd(9), Scopes: []Scope{run(2), task(9), day(3, 2, 0), day(1, 1, 0)}}, usd(1), []ShortOf{ShortOfTask, ShortOfDay}},
		{"unmetered", Ask{Scopes: []Scope{run(2)}}, usd(2), []ShortOf{ShortOfMeter}},
		{"unmetered under the task's own budget", Ask{Own: usd(2)}, usd(2), []ShortOf{ShortOfMeter}},
		{"money, told in tokens only", Ask{Metered: true, Unpriced: true, Scopes: []Scope{day(10, 0, 0)}}, usd(10), []ShortOf{ShortOfMeter}},
		{"tokens, told in tokens only", Ask{Metered: true, Unpriced: true, Own: kanban.Budget{Tokens: 9}}, kanban.Budget{Tokens: 9}, nil},
		{"money, told in tokens only, with a declared cost", Ask{Metered: true, Unpriced: true, Declared: 2, Own: usd(10)}, usd(2), nil},
		{"declared", Ask{Declared: 1, Scopes: []Scope{run(2), day(10, 9, 0)}}, usd(1), nil},
		{"declared without a limit", Ask{Declared: 1}, usd(1), nil},
		{"declared above a run's limit", Ask{Declared: 3, Scopes: []Scope{run(2)}}, usd(3), []ShortOf{ShortOfRun}},
		{"declared above what is left of the task", Ask{Declared: 3, Used: usd(8), Scopes: []Scope{task(10)}}, usd(3), []ShortOf{ShortOfTask}},
		{"declared above what is left of the day", Ask{Declared: 3, Scopes: []Scope{day(10, 8, 0)}}, usd(3), []ShortOf{ShortOfDay}},
		{"tokens beside money", Ask{Metered: true, Scopes: []Scope{{Name: "lane", Limits: Limits{
			Run: kanban.Budget{Cost: 2, Tokens: 100}, Day: kanban.Budget{Tokens: 120},
		}, Spend: Spend{Used: kanban.Budget{Tokens: 50}}}}}, kanban.Budget{Cost: 2, Tokens: 100}, []ShortOf{ShortOfDay}},
	}
	for _, c := range cases {
		limit, shorts := Allow(c.ask)
		var short []ShortOf
		for _, s := range shorts {
			short = append(short, s.What)
		}
		if len(short) == 0 && limit != c.limit || !slices.Equal(slices.Compact(short), c.short) {
			t.Errorf("%s: %v, short of %v; want %v, %v", c.name, limit, short, c.limit, c.short)
		}
	}
}

// TestG16_NoDayIsOverdrawn: whatever the limits are, in whatever order runs begin
// and end, what is used and reserved never exceeds the limit of a day, as long as
// no run uses more than it may.
func TestG16_NoDayIsOverdrawn(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		limits := func(name string) Scope {
			at := rapid.SampledFrom([]int64{0, 0, 3, 10, 50})
			return Scope{Name: name, Limits: Limits{
				Run:  kanban.Budget{Cost: at.Draw(rt, "run"), Tokens: at.Draw(rt, "tokens of a run")},
				Task: kanban.Budget{Cost: at.Draw(rt, "task")},
				Day:  kanban.Budget{Cost: at.Draw(rt, "day"), Tokens: at.Draw(rt, "tokens of a day")},
			}}
		}
		scopes := []Scope{limits("home"), limits("board")}
		var live []kanban.Budget
		begin := func(rt *rapid.T) {
			limit, shorts := Allow(Ask{Metered: true, Scopes: scopes})
			if len(shorts) > 0 {
				return
			}
			live = append(live, limit)
			for i := range scopes {
				scopes[i].Reserved = scopes[i].Reserved.Plus(limit)
			}
		}
		end := func(rt *rapid.T) {
			if len(live) == 0 {
				return
			}
			had := live[0]
			live = live[1:]
			used := kanban.Budget{Cost: rapid.Int64Range(0, had.Cost).Draw(rt, "used"), Tokens: rapid.Int64Range(0, had.Tokens).Draw(rt, "tokens")}
			for i := range scopes {
				s := &scopes[i].Spend
				s.Reserved = s.Reserved.Plus(kanban.Budget{Cost: -had.Cost, Tokens: -had.Tokens})
				s.Used = s.Used.Plus(used)
			}
		}
		rt.Repeat(map[string]func(*rapid.T){"begin": begin, "end": end, "": func(rt *rapid.T) {
			for _, s := range scopes {
				all := s.Used.Plus(s.Reserved)
				if Over(s.Day, all) {
					rt.Fatalf("%s has %v used and %v reserved of %v", s.Name, s.Used, s.Reserved, s.Day)
				}
			}
		}})
	})
}
