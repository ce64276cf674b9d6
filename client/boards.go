package client

import (
	"context"
	"net/http"
	"net/url"
)

// Selected stands for the selected board, wherever a call takes a board to look
// at or to work on.
const Selected = "@current"

// Boards lists the boards, archived ones if asked.
func (c *Client) Boards(ctx context.Context, archived bool) ([]Board, error) {
	q := url.Values{}
	flag(q, "archived", archived)
	return items[Board](ctx, c, get("boards").where(q))
}

// Board describes one board.
func (c *Client) Board(ctx context.Context, board string) (Board, error) {
	return call[Board](ctx, c, get("boards", board))
}

// CreateBoard makes a board. If it is there already, it stays as it is and
// Created is false.
func (c *Client) CreateBoard(ctx context.Context, b BoardCreate) (Board, error) {
	return call[Board](ctx, c, post("boards").with(b))
}

// EditBoard changes what change names.
func (c *Client) EditBoard(ctx context.Context, board string, change BoardChange) (Board, error) {
	return call[Board](ctx, c, request{method: http.MethodPatch, path: path("boards", board), body: change})
}

// ArchiveBoard takes a board out of sight with all its files.
func (c *Client) ArchiveBoard(ctx context.Context, board string) error {
	return c.do(ctx, post("boards", board, "archive"))
}

// RestoreBoard brings an archived board back.
func (c *Client) RestoreBoard(ctx context.Context, board string) error {
	return c.do(ctx, post("boards", board, "restore"))
}

// DeleteBoard removes an archived board for good.
func (c *Client) DeleteBoard(ctx context.Context, board string) error {
	return c.do(ctx, del("boards", board))
}

// ReopenBoard ends the latch of a board, once its file is sound, and describes
// it.
func (c *Client) ReopenBoard(ctx context.Context, board string) (Board, error) {
	return call[Board](ctx, c, post("boards", board, "reopen"))
}

// ReopenHome ends the latch of what spans boards, the holds, once its file is
// sound.
func (c *Client) ReopenHome(ctx context.Context) error {
	return c.do(ctx, post("reopen"))
}

// CurrentBoard describes the selected board.
func (c *Client) CurrentBoard(ctx context.Context) (Board, error) {
	return call[Board](ctx, c, get("current-board"))
}

// SwitchBoard selects a board.
func (c *Client) SwitchBoard(ctx context.Context, board string) (Board, error) {
	return call[Board](ctx, c, request{method: http.MethodPut, path: path("current-board"), body: CurrentBoard{Board: board}})
}

// Stats counts what is on a board.
func (c *Client) Stats(ctx context.Context, board string) (Stats, error) {
	return call[Stats](ctx, c, get("boards", board, "stats"))
}

// Report sums what work cost and brought.
func (c *Client) Report(ctx context.Context, q ReportQuery) (Report, error) {
	return call[Report](ctx, c, get("report").where(q.values()))
}

// Lanes lists the configured lanes, and after them the assignees of a board's
// tasks that are no lanes (Known is false).
func (c *Client) Lanes(ctx context.Context, board string) ([]Lane, error) {
	return items[Lane](ctx, c, get("boards", board, "lanes"))
}

// TestLanes looks whether the workers of lanes could start, where the gateway
// runs; none is all lanes.
func (c *Client) TestLanes(ctx context.Context, board string, lanes ...string) ([]LaneTest, error) {
	return items[LaneTest](ctx, c, post("boards", board, "lanes", "test").with(LanesToTest{Lanes: lanes}))
}

// Diagnostics lists the tasks of a board that a person should look at, the
// worst first; with a task, only that one.
func (c *Client) Diagnostics(ctx context.Context, board, task string) ([]Diagnosis, error) {
	q := url.Values{}
	text(q, "task", task)
	return items[Diagnosis](ctx, c, get("boards", board, "diagnostics").where(q))
}
