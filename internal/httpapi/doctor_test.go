package httpapi_test

import (
	"testing"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

func tourDoctor(t *testing.T, c *client.Client) {
	if found := must(c.Checkup(t.Context(), "9.9"))(t); found.Version != "9.9" || found.Findings == nil {
		t.Errorf("found %+v", found)
	}
	if done := must(c.Repair(t.Context(), "permissions", true))(t); done.Name != "permissions" || !done.DryRun || done.Done == nil {
		t.Errorf("done %+v", done)
	}
}

// TestG15_NoWorkerExaminesOrRepairs: what concerns the whole home is for people.
func TestG15_NoWorkerExaminesOrRepairs(t *testing.T) {
	h := newHome(t)
	h.actor = kanban.Actor{Kind: kanban.Worker, Name: "builder", Board: "default", Task: "t_1", Run: 1}
	_, err := h.client().Checkup(t.Context(), "")
	refusal(t, err, kanban.Unauthorized)
	_, err = h.client().Repair(t.Context(), "permissions", false)
	refusal(t, err, kanban.Unauthorized)
}
