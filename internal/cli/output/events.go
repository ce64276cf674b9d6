package output

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

// telling is the key of a payload that says most of what happened, per kind.
var telling = map[kanban.EventKind]string{
	kanban.EvCreated:           "assignee",
	kanban.EvAssigned:          "assignee",
	kanban.EvSpawned:           "pid",
	kanban.EvHeartbeat:         "note",
	kanban.EvCompleted:         "summary",
	kanban.EvReview:            "summary",
	kanban.EvPhantomCards:      "phantom_cards",
	kanban.EvPhantomReferences: "phantom_refs",
	kanban.EvEdited:            "fields",
	kanban.EvRefsMoved:         "refs",
	kanban.EvReprioritized:     "priority",
	kanban.EvCommented:         "author",
	kanban.EvUnblocked:         "status",
	kanban.EvUnarchived:        "status",
	kanban.EvReopened:          "status",
	kanban.EvWoken:             "status",
	kanban.EvDemoted:           "parent",
	kanban.EvDeleted:           "title",
	kanban.EvLinked:            "parent",
	kanban.EvUnlinked:          "parent",
}

// before is what stands before that value.
var before = map[kanban.EventKind]string{
	kanban.EvCreated:           "for ",
	kanban.EvAssigned:          "to ",
	kanban.EvSpawned:           "pid ",
	kanban.EvPhantomCards:      "no such tasks: ",
	kanban.EvPhantomReferences: "no such tasks: ",
	kanban.EvReprioritized:     "to ",
	kanban.EvUnblocked:         "now ",
	kanban.EvUnarchived:        "now ",
	kanban.EvReopened:          "now ",
	kanban.EvWoken:             "now ",
	kanban.EvDemoted:           "waits for ",
	kanban.EvLinked:            "waits for ",
	kanban.EvUnlinked:          "no longer waits for ",
}

// Words says in one line what an event tells beyond its kind.
func Words(e client.Event) string {
	kind := kanban.EventKind(e.Kind)
	key, known := telling[kind]
	for _, k := range []string{"reason", "error"} {
		if _, ok := e.Payload[k]; ok && !known {
			key = k
		}
	}
	var parts []string
	if text := value(e.Payload[key]); text != "" {
		parts = append(parts, before[kind]+text)
	}
	if len(parts) == 0 && !slices.Contains(kanban.EventKinds, kind) {
		parts = append(parts, pairs(e.Payload))
	}
	if by := value(e.Payload["by"]); by != "" && by != kanban.System.Name {
		parts = append(parts, "by "+by)
	}
	return Inline(strings.Join(parts, ", "))
}

// pairs shows the payload of a kind that a newer Andon, or another program,
// made.
func pairs(payload map[string]any) string {
	var words []string
	for k, v := range payload {
		words = append(words, k+"="+value(v))
	}
	sort.Strings(words)
	return strings.Join(words, " ")
}

func value(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case []any:
		words := make([]string, len(v))
		for i, one := range v {
			words[i] = value(one)
		}
		return strings.Join(words, ", ")
	case float64:
		return fmt.Sprintf("%.10g", v)
	}
	return fmt.Sprint(v)
}

// EventLine is one event as a line; task is left out where all lines are of one.
func (p *Printer) EventLine(e client.Event, task bool) string {
	cells := []string{p.Dim(p.Stamp(e.At))}
	if task {
		cells = append(cells, fmt.Sprintf("%-10s", e.Task))
	}
	if e.Run != 0 {
		cells = append(cells, fmt.Sprintf("run %-3d", e.Run))
	} else {
		cells = append(cells, "       ")
	}
	words := Words(e)
	if words == "" {
		return p.fit(strings.Join(append(cells, p.kind(e.Kind, 0)), gap), p.Width)
	}
	return p.fit(strings.Join(append(cells, p.kind(e.Kind, 12), words), gap), p.Width)
}

func (p *Printer) kind(kind string, columns int) string {
	return p.Status(kind) + strings.Repeat(" ", max(columns-len(kind), 0))
}
