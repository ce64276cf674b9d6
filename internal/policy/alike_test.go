package policy

import (
	"slices"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
)

func TestG14_WhatIsAlike(t *testing.T) {
	one, two := 1, 2
	cause := func(o kanban.Outcome, exit *int, problem string) string { return Cause(o, exit, "", problem) }
	login := cause(kanban.Crashed, &one, "exit status 1: Invalid API key, request req_91ac in 31 ms")
	for name, c := range map[string]struct {
		other string
		alike bool
	}{
		"other numbers, ids and space":  {cause(kanban.Crashed, &one, "exit status 1:  invalid API key, request req_77f0 in 4 ms\nmore"), true},
		"other words":                   {cause(kanban.Crashed, &one, "exit status 1: no such file"), false},
		"another exit status":           {cause(kanban.Crashed, &two, "exit status 2: Invalid API key, request req_91ac in 31 ms"), false},
		"another ending":                {cause(kanban.TimedOut, &one, "exit status 1: Invalid API key, request req_91ac in 31 ms"), false},
		"what costs nothing is no case": {cause(kanban.RateLimited, &one, "exit status 1: Invalid API key, request req_91ac in 31 ms"), false},
	} {
		if (c.other == login) != c.alike {
			t.Errorf("%s: %q and %q", name, c.other, login)
		}
	}
}

func TestG14_AStreak(t *testing.T) {
	code := 3
	failed := func(line string) kanban.Run {
		return kanban.Run{Lane: "builder", Outcome: kanban.Crashed, ExitCode: &code, Error: line, Started: true}
	}
	gaveUp := failed("no login")
	gaveUp.Outcome, gaveUp.Metadata = kanban.GaveUp, []byte(`{"trigger_outcome":"crashed"}`)
	ended := func(o kanban.Outcome, started bool) kanban.Run {
		return kanban.Run{Lane: "builder", Outcome: o, Started: started}
	}
	type run struct {
		task string
		kanban.Run
	}
	for name, c := range map[string]struct {
		runs []run
		want []string
	}{
		"one task counts once, and its last try too":  {[]run{{"a", gaveUp}, {"a", failed("no login")}, {"b", failed("no login")}}, []string{"a", "b"}},
		"a success ends it":                           {[]run{{"a", failed("no login")}, {"b", ended(kanban.Completed, true)}, {"c", failed("no login")}}, []string{"a"}},
		"a question, too: its worker was able to ask": {[]run{{"a", failed("no login")}, {"b", ended(kanban.BlockedOut, true)}, {"c", failed("no login")}}, []string{"a"}},
		"what was done by hand says nothing":          {[]run{{"a", failed("no login")}, {"b", ended(kanban.Completed, false)}, {"c", failed("no login")}}, []string{"a", "c"}},
		"nor what was nobody's fault":                 {[]run{{"a", failed("no login")}, {"b", ended(kanban.Lost, true)}, {"c", failed("no login")}}, []string{"a", "c"}},
		"another failure ends it":                     {[]run{{"a", failed("no login")}, {"b", failed("no space")}, {"c", failed("no login")}}, []string{"a"}},
	} {
		s := Streak{Cause: Cause(kanban.Crashed, &code, "", "no login")}
		for _, r := range c.runs {
			s.Add(r.task, r.Run)
		}
		if !slices.Equal(s.Tasks, c.want) {
			t.Errorf("%s: %v, want %v", name, s.Tasks, c.want)
		}
	}
}
