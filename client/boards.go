package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Selected stands for the selected board, wherever a call takes a board to look
// at or to work on.
const Selected = "@current"

// Board describes a board.
type Board struct {
	Slug        string         `json:"slug"`
	Name        string         `json:"name"`
	Description string         `json:"description,omitempty"`
	Icon        string         `json:"icon,omitempty"`
	Color       string         `json:"color,omitempty"`
	WorkDir     string         `json:"default_workdir,omitempty"`
	CreatedAt   *time.Time     `json:"created_at,omitempty"`
	Archived    bool           `json:"archived,omitempty"`
	Current     bool           `json:"current"`
	Counts      map[string]int `json:"counts" doc:"tasks by status; those of an archived board are not counted"`
	Problem     string         `json:"problem,omitempty" doc:"why it cannot be read or written"`
	Hint        string         `json:"hint,omitempty" doc:"the way out of the problem"`
	Latched     bool           `json:"latched,omitempty" doc:"it stopped writing at the first sign of damage, until it is reopened"`
	Created     bool           `json:"created,omitempty"`
	Tenants     []string       `json:"tenants,omitempty" doc:"those of its tasks, and those that andon.yaml names, for people; of one board only, not in lists"`
	Labels      []string       `json:"labels,omitempty" doc:"those of its tasks, told as tenants are"`
}

// BoardCreate asks for a new board.
type BoardCreate struct {
	Slug string `json:"slug" doc:"any spelling"`
	BoardChange
}

// BoardChange creates or changes a board; absent fields stay.
type BoardChange struct {
	Name        *string `json:"name,omitempty"`
	Description *string `json:"description,omitempty"`
	Icon        *string `json:"icon,omitempty"`
	Color       *string `json:"color,omitempty"`
	WorkDir     *string `json:"default_workdir,omitempty"`
}

// CurrentBoard selects a board.
type CurrentBoard struct {
	Board string `json:"board"`
}

// Stats are a board's counts.
type Stats struct {
	ByStatus         map[string]int            `json:"by_status"`
	ByAssignee       map[string]map[string]int `json:"by_assignee"`
	OldestReadyAge   float64                   `json:"oldest_ready_age_seconds"`
	Now              time.Time                 `json:"now"`
	RunsInProgress   int                       `json:"runs_in_progress"`
	ParkedDeliveries int                       `json:"parked_deliveries"`
}

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
