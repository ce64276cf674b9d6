package board_test

import (
	"testing"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

// TestG15_WhatTheOldLaneAsksGoesAlong: nobody leads a task around what its lane
// asks without saying so, and no agent at all.
func TestG15_WhatTheOldLaneAsksGoesAlong(t *testing.T) {
	lint, test, none := []string{"make", "lint"}, []string{"make", "test"}, [][]string{}
	agent := kanban.Actor{Kind: kanban.Human, Name: "ann's agent", Agent: true}
	for name, c := range map[string]struct {
		by       kanban.Actor
		old, new board.Lane
		task     board.NewTask
		to       board.Assignment
		verify   [][]string
		reviewer string
		rounds   int
	}{
		"the new lane asks nothing": {
			by: ann, old: board.Lane{Verify: [][]string{test}, Reviewer: "critic", MaxRounds: 2},
			verify: [][]string{test}, reviewer: "critic", rounds: 2,
		},
		"it asks something else": {
			by: ann, old: board.Lane{Verify: [][]string{test}, Reviewer: "critic"}, new: board.Lane{Verify: [][]string{lint, test}, Reviewer: "human", MaxRounds: 7},
			verify: [][]string{lint, test}, reviewer: "critic", rounds: 3,
		},
		"both are run": {
			by: ann, old: board.Lane{Verify: [][]string{test}}, new: board.Lane{Verify: [][]string{lint}, Reviewer: "human"},
			verify: [][]string{test, lint}, reviewer: "human",
		},
		"a human says otherwise": {
			by: ann, old: board.Lane{Verify: [][]string{test}, Reviewer: "critic"}, new: board.Lane{Verify: [][]string{lint}},
			to: board.Assignment{LaneVerify: true, LaneReview: true}, verify: [][]string{lint},
		},
		"a human said otherwise before": {
			by: ann, old: board.Lane{Verify: [][]string{test}, Reviewer: "critic"}, new: board.Lane{Verify: [][]string{lint}},
			task: board.NewTask{Verify: none, Reviewer: "human", MaxRounds: 4}, reviewer: "human", rounds: 4,
		},
		"what the task says goes along": {
			by: ann, old: board.Lane{Verify: [][]string{{"true"}}}, new: board.Lane{Verify: [][]string{lint}},
			task: board.NewTask{Verify: [][]string{test}}, verify: [][]string{test, lint},
		},
		"an agent ends a human's nothing": {
			by: agent, old: board.Lane{}, new: board.Lane{Verify: [][]string{lint}},
			task: board.NewTask{Verify: none}, verify: [][]string{lint},
		},
		"an agent adds only": {
			by: agent, old: board.Lane{}, new: board.Lane{Verify: [][]string{lint}},
			task: board.NewTask{Verify: [][]string{test}}, verify: [][]string{test, lint},
		},
		"an agent keeps both": {
			by: agent, old: board.Lane{Verify: [][]string{test}, Reviewer: "critic"}, new: board.Lane{Verify: [][]string{lint}},
			verify: [][]string{test, lint}, reviewer: "critic", rounds: 3,
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.settings.Lanes["builder"], h.settings.Lanes["echo"] = c.old, c.new
			c.task.Title, c.task.Assignee = "work", "builder"
			task := must(h.Create(bg, ann, c.task))(t).Task
			c.to.Lane = "echo"
			got := must(h.Assign(bg, c.by, task.ID, c.to))(t)
			same(t, "the answer's commands", got.Verify, c.verify)
			same(t, "the answer's reviewer", got.Reviewer, c.reviewer)
			same(t, "rounds", got.Task.MaxRounds, c.rounds)
			w := h.start(t, got.Task)
			if handed := h.handIn(t, w, kanban.Handoff{}); (handed.Status == kanban.Running) != (len(c.verify) > 0) {
				t.Errorf("handed in as %s", handed.Status)
			}
		})
	}
}

// An agent takes no gate away by saying so.
func TestG15_AnAgentTakesNoGateAway(t *testing.T) {
	h := newHouse(t)
	h.settings.Lanes["builder"] = board.Lane{Verify: makeTest, Reviewer: "critic"}
	task := h.add(t, "work")
	before := h.all(t)
	for _, to := range []board.Assignment{{Lane: "tester", LaneVerify: true}, {Lane: "tester", LaneReview: true}} {
		_, err := h.Assign(bg, kanban.Actor{Kind: kanban.Human, Name: "ann's agent", Agent: true}, task.ID, to)
		refused(t, err, kanban.Unauthorized)
	}
	same(t, "board", h.all(t), before)
}
