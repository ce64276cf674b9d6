package httpapi_test

import (
	"context"
	"slices"
	"testing"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

// TestBulk: each task is told of for itself, and what was done under one id is
// done once.
func TestBulk(t *testing.T) {
	h := newHome(t)
	c, ctx := h.client(), t.Context()
	var ids []string
	for range 20 {
		ids = append(ids, add(t, c, "one of many").ID)
	}
	high := 7
	for _, r := range []struct {
		client.BulkRequest
		fits func(*client.Card) bool
	}{
		{client.BulkRequest{Action: "priority", Priority: &high}, func(c *client.Card) bool { return c.Priority == 7 }},
		{client.BulkRequest{Action: "assign", Lane: "tester"}, func(c *client.Card) bool { return c.Lane == "tester" }},
		{client.BulkRequest{Action: "comment", Comment: "all of you"}, func(c *client.Card) bool { return c.Comments == 1 }},
		{client.BulkRequest{Action: "move", To: "blocked", Reason: "wait"}, func(c *client.Card) bool { return c.Reason == "wait" }},
		{client.BulkRequest{Action: "retry"}, func(c *client.Card) bool { return c.Status == "ready" }},
		{client.BulkRequest{Action: "archive"}, func(c *client.Card) bool { return c.Status == "archived" }},
		{client.BulkRequest{Action: "delete"}, func(c *client.Card) bool { return c == nil }},
	} {
		r.IDs = ids
		for i, got := range must(c.Bulk(ctx, "default", r.BulkRequest))(t).Results {
			if got.ID != ids[i] || !got.OK || got.Problem != nil || !r.fits(got.Card) {
				t.Errorf("%s: %+v %+v", r.Action, got, got.Problem)
			}
		}
	}

	one, two := add(t, c, "one").ID, add(t, c, "two").ID
	must(c.Block(ctx, "default", two, client.BlockRequest{Reason: "hm"}))(t)
	once := client.WithOperation(ctx, "op-1")
	for range 2 {
		got := must(c.Bulk(once, "default", client.BulkRequest{Action: "comment", Comment: "once", IDs: []string{one, "t_0000dead"}}))(t).Results
		if !got[0].OK || got[0].Card.Comments != 1 || got[1].OK || got[1].Problem == nil || got[1].Problem.Code != "not_found" {
			t.Errorf("got %+v", got)
		}
	}
	got := must(c.Bulk(ctx, "default", client.BulkRequest{Action: "stop", IDs: []string{one}}))(t).Results
	if got[0].OK || got[0].Problem.Code != "conflict" || got[0].Problem.Hint == "" {
		t.Errorf("stopped what does not run: %+v", got[0])
	}
	for _, bad := range []client.BulkRequest{
		{Action: "paint", IDs: ids},
		{Action: "move", To: "limbo", IDs: ids},
		{Action: "priority", IDs: ids},
		{Action: "archive"},
		{Action: "archive", IDs: slices.Repeat(ids, 30)},
	} {
		_, err := c.Bulk(ctx, "default", bad)
		refusal(t, err, kanban.Invalid)
	}
}

// TestWayBackOfWhatRan: a move, a stop or an archive that ends a run is taken back
// by letting the task run again, also once its processes are gone, which is no
// change of the task.
func TestWayBackOfWhatRan(t *testing.T) {
	for name, end := range map[string]func(ctx context.Context, c *client.Client, id string) (*client.MoveRequest, error){
		"move to done":       moved("done"),
		"move to blocked":    moved("blocked"),
		"move to scheduled":  moved("scheduled"),
		"move of several":    several(client.BulkRequest{Action: "move", To: "blocked"}),
		"stop of several":    several(client.BulkRequest{Action: "stop"}),
		"archive of several": several(client.BulkRequest{Action: "archive"}),
	} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			c, ctx := h.client(), t.Context()
			id := add(t, c, "at work").ID
			claim := must(c.Claim(ctx, "default", id, client.ClaimRequest{}))(t)
			back := must(end(ctx, c, id))(t)
			if back == nil || back.To != "ready" {
				t.Fatalf("the way back is %+v", back)
			}
			ok(t, must(h.boards.Board(ctx, "default"))(t).Settle(ctx, claim.Run, ""))
			if got := must(c.Move(ctx, "default", id, *back))(t); got.Status != "ready" {
				t.Errorf("it is %s", got.Status)
			}
		})
	}
}

func moved(to string) func(context.Context, *client.Client, string) (*client.MoveRequest, error) {
	return func(ctx context.Context, c *client.Client, id string) (*client.MoveRequest, error) {
		m, err := c.Move(ctx, "default", id, client.MoveRequest{To: to})
		return m.Undo, err
	}
}

func several(r client.BulkRequest) func(context.Context, *client.Client, string) (*client.MoveRequest, error) {
	return func(ctx context.Context, c *client.Client, id string) (*client.MoveRequest, error) {
		r.IDs = []string{id}
		reply, err := c.Bulk(ctx, "default", r)
		if err != nil {
			return nil, err
		}
		return reply.Results[0].Undo, nil
	}
}
