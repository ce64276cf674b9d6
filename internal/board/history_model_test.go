package board_test

import (
	"fmt"
	"slices"

	"github.com/anishathalye/porcupine"

	"github.com/andon-dev/andon/internal/kanban"
)

// call is one request of a history.
type call struct {
	Verb     string
	Key      string // the idempotency key it is about; its own lane has the same name
	Task     string // "" for create and take
	Run      int64  // of a worker's lease, or to be extended
	Token    string
	Progress int // of extend, in seconds
}

// reply is what came back. What a verb does not answer is zero.
type reply struct {
	Code     kanban.Code // of the refusal; "" = it was done
	Task     string
	Status   kanban.Status
	Run      int64
	Token    string
	Attempts int
	Progress int
	Created  bool
}

// slot is the sequential model of what may happen under one key: the task that
// has it now, as if everything happened one after another. Tasks that had the
// key before are archived for good.
type slot struct {
	Task     string
	Status   kanban.Status
	Run      int64 // the open one, 0 = none
	Token    string
	Attempts int
	Progress int
	LastRun  int64 // ids grow
}

// rules say of each verb who is refused and with what code, and what it does.
var rules = map[string]struct {
	refusal func(slot, call) kanban.Code
	do      func(slot, call, reply) slot
}{
	"create":    {nobody, func(s slot, _ call, r reply) slot { return s.create(r) }},
	"claim":     {unlessReady, func(s slot, _ call, r reply) slot { return s.open(r) }},
	"take":      {nobody, func(s slot, _ call, r reply) slot { return s.take(r) }}, // the dispatcher: what is next
	"heartbeat": {unlessOwner, func(s slot, _ call, _ reply) slot { return s }},
	"extend":    {nobody, func(s slot, c call, _ reply) slot { return s.extend(c) }},
	"complete":  {unlessOwner, to(kanban.Done)},
	"block":     {unlessOwner, to(kanban.Blocked)},
	"hold":      {unless(kanban.Ready, kanban.Running), func(s slot, _ call, _ reply) slot { return s.hold() }}, // a human's block
	"unblock":   {unless(kanban.Blocked), to(kanban.Ready)},
	"reclaim":   {unless(kanban.Running), to(kanban.Ready)},
	"cancel":    {unless(kanban.Ready, kanban.Running, kanban.Blocked), to(kanban.Archived)},
	"archive":   {unless(kanban.Ready, kanban.Running, kanban.Blocked, kanban.Done), to(kanban.Archived)},
	"read":      {nobody, func(s slot, _ call, _ reply) slot { return s }},
}

func nobody(slot, call) kanban.Code { return "" }

func unlessOwner(s slot, c call) kanban.Code {
	if s.Run != 0 && s.Run == c.Run && s.Token == c.Token {
		return ""
	}
	return kanban.Stale
}

func unlessReady(s slot, _ call) kanban.Code {
	switch s.Status {
	case kanban.Ready:
		return ""
	case kanban.Running:
		return kanban.Conflict
	}
	return kanban.Gated
}

func unless(able ...kanban.Status) func(slot, call) kanban.Code {
	return func(s slot, _ call) kanban.Code {
		if slices.Contains(able, s.Status) {
			return ""
		}
		return kanban.Conflict
	}
}

func to(status kanban.Status) func(slot, call, reply) slot {
	return func(s slot, _ call, _ reply) slot { return s.close(status) }
}

func (s slot) create(r reply) slot {
	if s.Task != "" && s.Status != kanban.Archived {
		return s
	}
	return slot{Task: r.Task, Status: kanban.Ready, LastRun: s.LastRun}
}

func (s slot) take(r reply) slot {
	if s.Status != kanban.Ready {
		return s
	}
	return s.open(r)
}

func (s slot) open(r reply) slot {
	s.Status, s.Run, s.LastRun, s.Token, s.Progress = kanban.Running, r.Run, r.Run, r.Token, 0
	s.Attempts++
	return s
}

func (s slot) extend(c call) slot {
	if s.Run != 0 && s.Run == c.Run {
		s.Progress = max(s.Progress, c.Progress)
	}
	return s
}

// hold ends the open run; without one, an instant run keeps the reason.
func (s slot) hold() slot {
	if s.Run == 0 {
		s.Attempts++
	}
	return s.close(kanban.Blocked)
}

func (s slot) close(status kanban.Status) slot {
	s.Status, s.Run, s.Token, s.Progress = status, 0, "", 0
	return s
}

// step says whether a reply may come in this state, and which state follows.
func (s slot) step(c call, r reply) (bool, slot) {
	if c.Task != "" && c.Task != s.Task {
		right, _ := slot{Task: c.Task, Status: kanban.Archived}.step(c, r)
		return right, s
	}
	refusal := rules[c.Verb].refusal(s, c)
	if refusal != "" || r.Code != "" {
		return r.Code == refusal, s
	}
	next := rules[c.Verb].do(s, c, r)
	return next.shows(s, c, r), next
}

// shows reports whether the answer to what was done tells of this state.
func (s slot) shows(before slot, c call, r reply) bool {
	switch c.Verb {
	case "create":
		return r.Task != "" && r.Task == s.Task && r.Status == s.Status && r.Created == (s.Task != before.Task)
	case "claim", "take":
		if s == before {
			return r.Run == 0
		}
		return r.Task == s.Task && r.Run > before.LastRun && r.Token != "" && r.Attempts == s.Attempts
	case "read":
		known := s.Status != kanban.Archived // of those before, the model has forgotten the rest
		return r.Status == s.Status && r.Run == s.Run && (!known || r.Attempts == s.Attempts && r.Progress == s.Progress)
	case "heartbeat", "extend":
		return true
	}
	return r.Status == s.Status
}

// linear is the model as porcupine asks for it, a part for each key.
var linear = porcupine.Model{
	Init: func() any { return slot{} },
	Step: func(state, input, output any) (bool, any) { return state.(slot).step(input.(call), output.(reply)) },
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		var keys []string
		parts := map[string][]porcupine.Operation{}
		for _, o := range history {
			key := o.Input.(call).Key
			if parts[key] == nil {
				keys = append(keys, key)
			}
			parts[key] = append(parts[key], o)
		}
		out := make([][]porcupine.Operation, len(keys))
		for i, key := range keys {
			out[i] = parts[key]
		}
		return out
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v -> %+v", input, output) },
	DescribeState:     func(state any) string { return fmt.Sprintf("%+v", state) },
}
