package config_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
)

// A value changes where it stands, or comes where a person would write it, and
// nothing else moves.
func TestSet(t *testing.T) {
	const lane = "lanes: {a: {command: [x]}}\n"
	for name, c := range map[string]struct{ before, key, val, after string }{
		"no file":             {"", "dispatch.max_parallel", "4", "dispatch:\n  max_parallel: 4\n"},
		"a value in a block":  {"dispatch: # how much\n  # workers\n  max_parallel: 8 # at once\n", "dispatch.max_parallel", "4", "dispatch: # how much\n  # workers\n  max_parallel: 4 # at once\n"},
		"a value in a line":   {"dispatch: {max_parallel: 8, max_attempts: 2}", "dispatch.max_parallel", "12", "dispatch: {max_parallel: 12, max_attempts: 2}"},
		"a value in quotes":   {"dispatch: {max_parallel: '8', max_attempts: 2}", "dispatch.max_parallel", "12", "dispatch: {max_parallel: 12, max_attempts: 2}"},
		"all in a line":       {"{dispatch: {max_parallel: 8}}", "dispatch.max_attempts", "3", "{dispatch: {max_parallel: 8, max_attempts: 3}}"},
		"a key in a line":     {lane, "lanes.a.max_parallel", "2", "lanes: {a: {command: [x], max_parallel: 2}}\n"},
		"a section":           {lane + "\n# the end\n", "budget.day", "5USD", lane + "\n# the end\nbudget:\n  day: 5USD\n"},
		"commented out":       {"dispatch:\n#  max_parallel: 8\n" + lane, "dispatch.max_parallel", "4", "dispatch:\n  max_parallel: 4\n#  max_parallel: 8\n" + lane},
		"two sections":        {"boards:\n  a: {}\n" + lane, "boards.b.max_parallel", "1", "boards:\n  a: {}\n  b:\n    max_parallel: 1\n" + lane},
		"an empty section":    {"boards:\n  a: {}\n", "boards.a.max_parallel", "1", "boards:\n  a: {max_parallel: 1}\n"},
		"a key taken out":     {"dispatch:\n  max_parallel: 8 # at once\n  lease: 1m\n", "dispatch.max_parallel", "", "dispatch:\n  lease: 1m\n"},
		"the first in a line": {"budget: {day: 5USD, run: 1USD}", "budget.day", "", "budget: {run: 1USD}"},
		"the last in a line":  {"budget: {run: 1USD, day: 5USD }", "budget.day", "", "budget: {run: 1USD}"},
		"the only in a line":  {"budget: {day: 5USD}", "budget.day", "", "budget: {}"},
		"one in between":      {"dispatch: {lease: 1m, max_parallel: 8, max_attempts: 2}", "dispatch.max_parallel", "", "dispatch: {lease: 1m, max_attempts: 2}"},
		"as it is":            {"dispatch: {max_parallel: '8'}", "dispatch.max_parallel", "8", "dispatch: {max_parallel: '8'}"},
		"not there anyway":    {lane, "budget.day", "", lane},
		"the next lane's comment": {
			"lanes:\n  a:\n    command: [x]\n\n  # about b\n  b: {command: [y]}\n", "lanes.a.max_parallel", "2",
			"lanes:\n  a:\n    command: [x]\n    max_parallel: 2\n\n  # about b\n  b: {command: [y]}\n",
		},
		"line ends": {"dispatch:\r\n  lease: 1m\r\n", "dispatch.max_parallel", "4", "dispatch:\r\n  lease: 1m\r\n  max_parallel: 4\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := config.Set([]byte(c.before), map[string]string{c.key: c.val})
			if diff := cmp.Diff(c.after, string(got)); err != nil || diff != "" {
				t.Errorf("%v (-want +got)\n%s", err, diff)
			}
		})
	}
}

// What is not to be changed here, or not so, is refused in one sentence with its way
// out, and the file is as it was.
func TestSetRefuses(t *testing.T) {
	const before = "lanes:\n  a: {command: [x], account: me}\naccounts: {me: {max_parallel: 1}}\n"
	for name, c := range map[string]struct {
		before, key, val string
		code             kanban.Code
		says, hints      string
	}{
		"a command":            {before, "lanes.a.command", "[rm]", kanban.Invalid, `"lanes.a.command" is not among the settings`, "changed in andon.yaml"},
		"a secret's place":     {before, "notify.sinks.a.url", "x", kanban.Invalid, "not among", ""},
		"a section":            {before, "dispatch", "{}", kanban.Invalid, "not among", ""},
		"a lane not there":     {before, "lanes.b.max_parallel", "1", kanban.NotFound, `there is no "b" in lanes`, "andon config show"},
		"an account not there": {before, "accounts.you.max_parallel", "1", kanban.NotFound, `there is no "you" in accounts`, ""},
		"no board's name":      {before, "boards.Two Words.max_parallel", "1", kanban.Invalid, "cannot be the name of a board", "1 to 64"},
		"a word for a number":  {before, "dispatch.max_parallel", "many", kanban.Invalid, `dispatch.max_parallel cannot be "many"`, "a whole number from 0 to 10000"},
		"too much":             {before, "dispatch.max_attempts", "0", kanban.Invalid, `cannot be "0"`, "from 1 to 100"},
		"more than it says":    {before, "dispatch.max_parallel", "1, lease: 1s", kanban.Invalid, "cannot be", "a whole number"},
		"lines of its own":     {before, "lanes.a.max_parallel", "1\nlanes: {a: {command: [rm]}}", kanban.Invalid, "cannot be", "a whole number"},
		"nobody to plan":       {before, "planner.auto", "specify", kanban.Invalid, "planner has neither a url nor a lane", "lane: NAME"},
		"less than a run":      {before + "budget: {run: 5USD}\n", "budget.day", "1USD", kanban.Invalid, "run is more than day", ""},
		"a file that is wrong": {"lanes: {a: {comand: [x]}}", "dispatch.max_parallel", "1", kanban.Invalid, "comand", ""},
		"a section in a line":  {"{budget: , lanes: {}}", "budget.day", "1USD", kanban.Conflict, "written like this", "by hand"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.Set([]byte(c.before), map[string]string{c.key: c.val})
			if kanban.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) || !strings.Contains(hintOf(err), c.hints) {
				t.Errorf("%v, %s (%s)", err, hintOf(err), kanban.CodeOf(err))
			}
		})
	}
}

// Whatever is set one after another, in whatever style the file was begun, every
// other value stays, and so does each comment.
func TestSetKeepsTheRest(t *testing.T) {
	begun := rapid.SampledFrom([]string{
		"", "# nothing yet\n",
		"# mine\nlanes: # all\n  a: {command: [x], env: {TOKEN: 'a # b'}} # first\n  # second\n  b:\n    command: [y] # why\n\n# money\nbudget: {run: 1USD}\n",
		"dispatch: {lease: 1m}\nlanes:\n    a:\n        command: [x]\n\n    b: {command: [y]}\nplanner: {lane: a, auto: \"off\"}\naccounts:\n  c:\n",
	})
	rapid.Check(t, func(t *rapid.T) {
		data := []byte(begun.Draw(t, "begun"))
		comments := strings.Count(string(data), "#")
		c, err := config.Parse("andon.yaml", data)
		if err != nil {
			t.Fatal(err)
		}
		set := map[string]string{}
		for _, s := range c.Settings([]string{"main", "side"}) {
			set[s.Key] = s.Value
		}
		for range rapid.IntRange(1, 8).Draw(t, "times") {
			keys := slices.Sorted(maps.Keys(set))
			key := rapid.SampledFrom(keys).Draw(t, "key")
			val := map[string][]string{"budget.day": {"", "5.00USD", "2.50USD"}, "planner.auto": {"off", "specify"}}[key]
			if val == nil {
				val = []string{"1", "2", "30"}
			}
			set[key] = rapid.SampledFrom(val).Draw(t, "value")
			if data, err = config.Set(data, map[string]string{key: set[key]}); err != nil {
				t.Fatalf("%s=%s: %v", key, set[key], err)
			}
		}
		if c, err = config.Parse("andon.yaml", data); err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
		got := map[string]string{}
		for _, s := range c.Settings([]string{"main", "side"}) {
			got[s.Key] = s.Value
		}
		if !maps.Equal(got, set) {
			t.Fatalf("%s\n%s", cmp.Diff(set, got), data)
		}
		if n := strings.Count(string(data), "#"); n != comments {
			t.Fatalf("%d comments of %d\n%s", n, comments, data)
		}
	})
}

func hintOf(err error) string {
	var refused *kanban.Error
	errors.As(err, &refused)
	return refused.Way
}
