package planner

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
)

// answer is what a mind has to say; Schema describes it.
type answer struct {
	Rationale string  `json:"rationale"`
	Title     *string `json:"title"`
	Body      *string `json:"body"`
	Assignee  *string `json:"assignee"`
	Tasks     []part  `json:"tasks"`
}

type part struct {
	Key      string   `json:"key"`
	Title    string   `json:"title"`
	Body     string   `json:"body"`
	Assignee string   `json:"assignee"`
	Parents  []string `json:"parents"`
}

// Parse reads the answer of a mind: one JSON object, and nothing else but a
// fence around it. What it says is checked by whoever keeps it.
//
// Errors: a *Trouble that says what is wrong.
func Parse(kind kanban.PlanKind, text string) (kanban.Plan, error) {
	var a answer
	dec := json.NewDecoder(strings.NewReader(unfenced(text)))
	dec.DisallowUnknownFields()
	switch err := dec.Decode(&a); {
	case errors.Is(err, io.EOF):
		return kanban.Plan{}, troublef(false, "the answer is empty")
	case err != nil:
		return kanban.Plan{}, troublef(false, "the answer is not the JSON that was asked for: %s", kanban.Misfit(err))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return kanban.Plan{}, troublef(false, "the answer goes on after its JSON")
	}
	p := kanban.Plan{
		Title: trimmed(a.Title), Body: trimmed(a.Body), Assignee: trimmed(a.Assignee), Rationale: strings.TrimSpace(a.Rationale),
	}
	if kind == kanban.Specify && len(a.Tasks) > 0 {
		return kanban.Plan{}, troublef(false, "the answer splits a task that was to be specified")
	}
	for _, t := range a.Tasks {
		p.Children = append(p.Children, kanban.PlannedTask{
			Key: strings.TrimSpace(t.Key), Title: strings.TrimSpace(t.Title), Body: strings.TrimSpace(t.Body),
			Assignee: strings.TrimSpace(t.Assignee), Parents: t.Parents,
		})
	}
	return p, nil
}

func trimmed(s *string) string {
	if s == nil {
		return ""
	}
	return strings.TrimSpace(*s)
}

// unfenced takes a Markdown fence away if the whole answer stands in one.
func unfenced(text string) string {
	text = strings.TrimSpace(text)
	inner, ok := strings.CutPrefix(text, "```")
	if !ok {
		return text
	}
	inner, ok = strings.CutSuffix(inner, "```")
	language, inner, more := strings.Cut(inner, "\n")
	if !ok || !more || strings.ContainsAny(language, "{}[]\"") {
		return text
	}
	return inner
}
