package output

import (
	"strconv"

	"github.com/andon-dev/andon/client"
)

// Runs draws attempts as a table, each with its summary and error below.
func (p *Printer) Runs(runs []client.Run) {
	t := p.Table("RUN", "ATTEMPT", "OUTCOME", "LANE", "STARTED", "TOOK")
	for _, r := range runs {
		started := r.StartedAt
		t.Row(strconv.FormatInt(r.ID, 10), strconv.Itoa(r.Attempt), p.Status(outcome(r)), Or(r.Lane), p.Time(&started), p.took(r))
		if line := Inline(r.Summary); line != "" {
			t.Note(p.Arrow() + " " + line)
		}
		if line := Inline(r.Error); line != "" {
			t.Note("! " + line)
		}
	}
	t.Flush()
}

func outcome(r client.Run) string {
	if r.Outcome == "" {
		return "running"
	}
	return r.Outcome
}

// took is how long a run lasted, or has lasted; clocks that were set back make
// it nothing, never less.
func (p *Printer) took(r client.Run) string {
	end := p.Now()
	if r.EndedAt != nil {
		end = *r.EndedAt
	}
	return Span(max(end.Sub(r.StartedAt), 0))
}
