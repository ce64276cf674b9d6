package policy

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/andon-dev/andon/internal/kanban"
)

var retry = Retry{MaxAttempts: 3, Initial: 4 * time.Second, Max: 20 * time.Second}

func TestG14_WhatAnOutcomeCosts(t *testing.T) {
	want := map[kanban.Outcome]Cost{
		kanban.SpawnFailed: Attempt, kanban.Crashed: Attempt, kanban.TimedOut: Attempt, kanban.Stalled: Attempt, kanban.VerifyFailed: Attempt,
		kanban.ProtocolViolation: AtOnce,
		kanban.Completed:         Free, kanban.Submitted: Free, kanban.BlockedOut: Free, kanban.ScheduledOut: Free, kanban.RateLimited: Free,
		kanban.Lost: Free, kanban.Stopped: Free, kanban.Reclaimed: Free, kanban.CancelledOut: Free,
	}
	for outcome, cost := range want {
		if got := CostOf(outcome); got != cost {
			t.Errorf("%s costs %d, want %d", outcome, got, cost)
		}
	}
}

func TestJudge(t *testing.T) {
	cases := []struct {
		name    string
		task    kanban.Task
		outcome kanban.Outcome
		want    Verdict
	}{
		{"first failure", kanban.Task{}, kanban.Crashed, Verdict{Failures: 1, Limit: 3, Wait: 2 * time.Second}},
		{"second: twice the wait", kanban.Task{Failures: 1}, kanban.TimedOut, Verdict{Failures: 2, Limit: 3, Wait: 4 * time.Second}},
		{"last: the breaker opens", kanban.Task{Failures: 2}, kanban.Stalled, Verdict{Failures: 3, Limit: 3, Open: true}},
		{"beyond the last", kanban.Task{Failures: 7}, kanban.Crashed, Verdict{Failures: 8, Limit: 3, Open: true}},
		{"the task's own limit", kanban.Task{MaxAttempts: 1}, kanban.SpawnFailed, Verdict{Failures: 1, Limit: 1, Open: true}},
		{"a larger limit of its own", kanban.Task{MaxAttempts: 9, Failures: 4}, kanban.Crashed, Verdict{Failures: 5, Limit: 9, Wait: 10 * time.Second}},
		{"protocol violation", kanban.Task{MaxAttempts: 9}, kanban.ProtocolViolation, Verdict{Failures: 1, Limit: 9, Open: true}},
		{"lost", kanban.Task{Failures: 2}, kanban.Lost, Verdict{Failures: 2, Losses: 1, Limit: 3, Wait: 2 * time.Second}},
		{"rate limited", kanban.Task{Losses: 1}, kanban.RateLimited, Verdict{Losses: 2, Limit: 3, Wait: 4 * time.Second}},
		{"reclaimed by a human: at once", kanban.Task{}, kanban.Reclaimed, Verdict{Losses: 1, Limit: 3}},
		{"lost for ever", kanban.Task{Losses: MaxLosses - 1}, kanban.Lost, Verdict{Losses: MaxLosses, Limit: 3, Open: true}},
	}
	for _, c := range cases {
		if got := Judge(retry, c.task, c.outcome, 0); got != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

// TestG14_NoRunaway: whatever a task's runs end with, in whatever order, the
// breaker opens after so many of them.
func TestG14_NoRunaway(t *testing.T) {
	endings := rapid.SampledFrom([]kanban.Outcome{
		kanban.SpawnFailed, kanban.Crashed, kanban.TimedOut, kanban.Stalled, kanban.ProtocolViolation,
		kanban.RateLimited, kanban.Lost, kanban.Stopped, kanban.Reclaimed,
	})
	rapid.Check(t, func(rt *rapid.T) {
		limits := Retry{MaxAttempts: rapid.IntRange(1, 5).Draw(rt, "limit"), Initial: time.Second, Max: time.Minute}
		task := kanban.Task{}
		for runs := 1; ; runs++ {
			outcome := endings.Draw(rt, "outcome")
			v := Judge(limits, task, outcome, rapid.Float64Range(0, 0.999).Draw(rt, "random"))
			if v.Failures < task.Failures || v.Losses < task.Losses {
				rt.Fatalf("%s reset a counter: %+v", outcome, v)
			}
			if v.Open {
				if v.Wait != 0 {
					rt.Fatalf("waits for time although a human must act: %+v", v)
				}
				return
			}
			if v.Failures >= limits.MaxAttempts || runs >= limits.MaxAttempts+MaxLosses {
				rt.Fatalf("goes on after %d runs: %+v", runs, v)
			}
			task.Failures, task.Losses = v.Failures, v.Losses
		}
	})
}

func TestBackoff(t *testing.T) {
	for failures, full := range map[int]time.Duration{
		1: 4 * time.Second, 2: 8 * time.Second, 3: 16 * time.Second, 4: 20 * time.Second, 1000: 20 * time.Second,
	} {
		if least := retry.delay(failures, 0); least != full/2 {
			t.Errorf("failure %d: at least %v, want %v", failures, least, full/2)
		}
		if most := retry.delay(failures, 0.999999); most >= full || most < full*9/10 {
			t.Errorf("failure %d: at most %v, want just below %v", failures, most, full)
		}
	}
	if wait := (Retry{Initial: time.Hour, Max: time.Minute}).delay(1, 0); wait != 30*time.Second {
		t.Errorf("first wait above the longest: %v", wait)
	}
}

func TestRoom(t *testing.T) {
	for _, c := range []struct {
		limit, running int
		want           bool
	}{{0, 1000, true}, {1, 0, true}, {1, 1, false}, {2, 1, true}, {2, 3, false}} {
		if got := Room(c.limit, c.running); got != c.want {
			t.Errorf("limit %d, running %d: %v", c.limit, c.running, got)
		}
	}
}
