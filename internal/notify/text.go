package notify

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
)

const (
	maxTitle  = 120 // runes
	maxDetail = 300
)

// line is how one kind of event is told: what happened to the task, the field
// of the payload that says more, and what to do next. ANDON stands for the
// command with its board, ID for the task, SCOPE for what is held, and RESUME for
// the command that ends that.
type line struct{ what, detail, next string }

// lines has an entry for each kind of event, and for the variants that ask for
// something else to be done.
var lines = map[string]line{
	"completed":          {"is done", "summary", "See it: ANDON show ID"},
	"completed/approved": {"was approved and is done", "", "See it: ANDON show ID"},
	"review":             {"waits for your review", "summary", "See it: ANDON show ID. Then: ANDON approve ID, or ANDON reject ID REASON"},
	"approved":           {"was approved", "", ""},
	"rejected":           {"was sent back from review", "reason", ""},

	"blocked":             {"is blocked", "reason", "Answer it: ANDON answer ID TEXT. Or let it go on: ANDON unblock ID"},
	"blocked/needs_input": {"asks", "reason", "Answer it: ANDON answer ID TEXT"},
	"blocked/capability":  {"needs what its worker cannot do", "reason", "Help, then: ANDON unblock ID"},
	"blocked/transient":   {"waits for something outside", "reason", "Once that is back: ANDON unblock ID"},
	"blocked/dependency":  {"waits for other work", "reason", "Once that is done: ANDON unblock ID"},
	"blocked/breaker":     {"failed too often and is held", "reason", "See why: ANDON logs ID. Let it run again: ANDON unblock ID"},
	"blocked/conflict":    {"waits: the branches of its parents do not merge", "reason", "Merge them by hand, then: ANDON unblock ID"},
	"blocked/budget":      {"has used all that it may", "reason", "Let it use more: ANDON budget raise ID AMOUNT"},
	"blocked/operator":    {"is held", "reason", "Let it go on: ANDON unblock ID"},
	"unblocked":           {"was let go on", "", ""},
	"unblocked/answered":  {"was answered", "comment", ""},
	"paused":              {"failed like others before it, and SCOPE is paused", "reason", "Once the cause is mended: RESUME"},
	"paused/refused":      {"was refused by its provider, and SCOPE is paused", "reason", "Once the cause is mended: RESUME"},
	"cooling_down":        {"was told to slow down", "reason", "It goes on by itself"},
	"budget_reached":      {"waits, since a budget of the day is used up", "reason", "It goes on tomorrow, or once that budget is raised in andon.yaml"},
	"latched":             {"takes no more writes", "reason", "Once its file is sound: andon boards reopen BOARD"},

	"gave_up/protocol_violation": {"ended without saying how, and is held", "error", "See why: ANDON logs ID. Let it run again: ANDON unblock ID"},
	"gave_up":                    {"failed too often and is held", "error", "See why: ANDON logs ID. Let it run again: ANDON unblock ID"},

	"crashed":            {"crashed", "error", "It is tried again after a pause. See why: ANDON logs ID"},
	"timed_out":          {"took too long and was ended", "error", "It is tried again after a pause. See why: ANDON logs ID"},
	"stale":              {"gave no sign of life and was ended", "error", "It is tried again after a pause. See why: ANDON logs ID"},
	"spawn_failed":       {"could not be started", "error", "It is tried again after a pause. See why: ANDON runs ID"},
	"protocol_violation": {"ended without saying how", "error", "See why: ANDON logs ID. Let it run again: ANDON unblock ID"},
	"rate_limited":       {"was told to slow down", "error", "It goes on by itself"},
	"lost":               {"lost its worker", "error", "It is tried again by itself"},
	"reclaimed":          {"was taken from its worker", "reason", "It is tried again by itself"},
	"stopped":            {"was stopped", "reason", "Let it go on: ANDON unblock ID"},

	"cancelled":  {"was cancelled", "reason", ""},
	"archived":   {"was archived", "reason", ""},
	"unarchived": {"was brought back", "", ""},
	"reopened":   {"is to be done again", "", ""},
	"deleted":    {"was deleted", "", ""},

	"created":         {"was put on the board", "", ""},
	"edited":          {"was edited", "", ""},
	"assigned":        {"was assigned to another lane", "assignee", ""},
	"linked":          {"got another parent", "parent", ""},
	"unlinked":        {"lost a parent", "parent", ""},
	"commented":       {"has a new comment", "", "Read it: ANDON show ID"},
	"reprioritized":   {"has another priority", "", ""},
	"promoted":        {"is ready to run", "", ""},
	"promoted_manual": {"was made ready by hand", "reason", ""},
	"demoted":         {"waits for a parent again", "parent", ""},
	"scheduled":       {"was put off", "reason", "Wake it: ANDON unblock ID"},
	"refs_moved":      {"may have moved refs that are not its own", "", "See them: ANDON diagnostics ID"},
	"woken":           {"has waited long enough", "", ""},
	"verifying":       {"was handed in and is being verified", "", ""},
	"verify_failed":   {"was handed in, but its verification failed", "error", "It is tried again after a pause. See why: ANDON logs ID"},
	"over_budget":     {"used more than it may, which was known too late to end it", "reason", "It counts. See it: ANDON runs ID"},
	"plan_asked":      {"is being planned", "", ""},
	"plan_failed":     {"could not be planned", "error", "See why: ANDON plan show ID"},
	"plan_proposed":   {"has a plan that waits for you", "", "See it: ANDON plan show ID. Then: ANDON plan approve ID, or ANDON plan reject ID REASON"},
	"plan_rejected":   {"had its plan rejected", "reason", ""},
	"specified":       {"was written out", "", "See it: ANDON show ID"},
	"decomposed":      {"was split into tasks", "", "See them: ANDON show ID"},
	"claimed":         {"was taken up", "", ""},
	"spawned":         {"is being worked on", "", ""},
	"heartbeat":       {"reports", "note", ""},

	"completion_blocked_hallucination":  {"was not accepted as done: it names tasks that it did not make", "", "See them: ANDON show ID"},
	"suspected_hallucinated_references": {"names tasks that do not exist", "", "See them: ANDON show ID"},
}

// describe tells in words what happened, and what can be done about it.
func (m *Message) describe() {
	key := variant(m.Event)
	l, known := lines[key]
	if !known {
		l = line{what: "reports " + plain(string(m.Event.Kind), maxTitle)}
	}
	scope := strings.Replace(field(m.Event, "scope", "its lane or repository"), ":", " ", 1)
	l.what = strings.ReplaceAll(l.what, "SCOPE", scope)
	m.Head = subject(m.Task) + " " + l.what
	if m.Task.ID == "" {
		m.Head = "Board " + m.Board + " " + l.what
	}
	if who := decider(m.Event); who != "" {
		m.Head += ", by " + who
	}
	m.Detail = plain(detail(m.Event, l.detail), maxDetail)
	if l.next != "" {
		andon := "andon"
		if m.Board != kanban.DefaultBoard {
			andon += " --board " + m.Board
		}
		resume := field(m.Event, "command", andon+" inbox")
		m.Next = strings.NewReplacer("ANDON", andon, "BOARD", m.Board, "ID", m.Task.ID, "RESUME", resume).Replace(l.next)
	}
	m.Text = m.sentences()
	m.Attention, m.Acts = calls(key)
}

// field is a text of an event's payload, or other if there is none.
func field(e Event, name, other string) string {
	text, _ := e.Payload[name].(string)
	if text = plain(text, maxTitle); text == "" {
		return other
	}
	return text
}

// decider is who decided something about a task, "" if no human did.
func decider(e Event) string {
	if _, run := e.Payload["by_run"]; run || !kanban.Settles(e.Kind) || e.Payload["by"] == kanban.System.Name {
		return ""
	}
	return field(e, "by", "")
}

// detail is what an event says more: a field of its payload, or a plan in short.
func detail(e Event, name string) string {
	if e.Kind != kanban.EvPlanProposed {
		text, _ := e.Payload[name].(string)
		return text
	}
	var plan kanban.Plan
	raw, err := json.Marshal(e.Payload["plan"])
	if err != nil || json.Unmarshal(raw, &plan) != nil {
		return ""
	}
	if len(plan.Children) == 0 {
		return plan.Title
	}
	titles := make([]string, len(plan.Children))
	for i, child := range plan.Children {
		titles[i] = plain(child.Title, maxTitle)
	}
	return fmt.Sprintf("%d tasks: %s", len(titles), strings.Join(titles, ", "))
}

// sentences joins the parts of a message to one or two plain sentences.
func (m *Message) sentences() string {
	said := m.Head
	if m.Detail != "" {
		said += ": " + m.Detail
	}
	if !strings.HasSuffix(said, ".") && !strings.HasSuffix(said, "?") && !strings.HasSuffix(said, "!") {
		said += "."
	}
	if m.Next == "" {
		return said
	}
	return said + " " + m.Next
}

// variant is the key of an event in lines.
func variant(e Event) string {
	key := string(e.Kind)
	for _, field := range []string{"kind", "trigger_outcome"} {
		more, _ := e.Payload[field].(string)
		if _, known := lines[key+"/"+more]; known {
			return key + "/" + more
		}
	}
	if comment, _ := e.Payload["comment"].(string); comment != "" && key == "unblocked" {
		return "unblocked/answered"
	}
	if approved, _ := e.Payload["approved"].(bool); approved && key == "completed" {
		return "completed/approved"
	}
	return key
}

// subject names the task as people know it.
func subject(t Task) string {
	s := t.ID
	if t.Title != "" {
		s += ` "` + plain(t.Title, maxTitle) + `"`
	} else {
		s += ", a task that is gone,"
	}
	if t.Assignee != "" {
		s += " (" + plain(t.Assignee, maxTitle) + ")"
	}
	return s
}

// plain returns the first line of a text, short and without control characters:
// a message may end in a terminal.
func plain(s string, limit int) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	s = Clean(s)
	if runes := []rune(s); len(runes) > limit {
		s = string(runes[:limit]) + "…"
	}
	return strings.TrimSpace(s)
}
