package client

import (
	"context"
	"net/url"
	"time"
)

// Card is a task with what a board draws of it. What is unset is absent.
type Card struct {
	ID        string     `json:"id"`
	Title     string     `json:"title"`
	Status    string     `json:"status"`
	Lane      string     `json:"lane"`
	Priority  int        `json:"priority"`
	Tenant    string     `json:"tenant,omitempty"`
	Labels    []string   `json:"labels,omitempty"`
	Version   int64      `json:"version"`
	CreatedAt time.Time  `json:"created_at"`
	UpdatedAt *time.Time `json:"updated_at,omitempty"`
	Since     time.Time  `json:"since" doc:"since when it is in its status; for what is done or blocked again, time in the archive counts"`
	Children  *Progress  `json:"children,omitempty" doc:"tasks that wait for it"`
	Parents   int        `json:"parents"`
	Comments  int        `json:"comments"`
	Attempts  int        `json:"attempts"`
	Run       *CardRun   `json:"run,omitempty" doc:"the open one"`
	Gates     []Gate     `json:"gates,omitempty"`
	BlockKind string     `json:"block_kind,omitempty"`
	Reason    string     `json:"reason,omitempty" doc:"of a block; of an archived one how it ended"`
	Reviewer  string     `json:"reviewer,omitempty"`
	Failed    int        `json:"failed,omitempty" doc:"attempts that failed in a row"`
	Moves     []string   `json:"moves" nullable:"false" doc:"statuses to which the caller may move it"`
}

// Progress counts children.
type Progress struct {
	Done  int `json:"done"`
	Total int `json:"total"`
}

// CardRun is what a card shows of its open run.
type CardRun struct {
	ID           int64      `json:"id"`
	StartedAt    time.Time  `json:"started_at"`
	Lane         string     `json:"lane"`
	LastLine     string     `json:"last_line,omitempty" doc:"the last line of its output that says something, at most 200 bytes"`
	LastOutputAt *time.Time `json:"last_output_at,omitempty"`
	CostUSD      float64    `json:"cost_usd,omitempty"`
}

// CardPage is one page of cards. LatestEvent is the event after which it shows
// what is so: a stream that starts there misses nothing.
type CardPage struct {
	Items       []Card         `json:"items" nullable:"false"`
	Next        string         `json:"next" doc:"cursor of the following page, empty at the end"`
	LatestEvent int64          `json:"latest_event"`
	Counts      map[string]int `json:"counts" doc:"cards in each status under the same filter; archived ones only if asked for"`
}

// CardQuery selects cards. The zero value selects all but archived ones.
type CardQuery struct {
	IDs      []string
	Statuses []string
	Lane     string
	Tenant   string
	Labels   []string // all of which it has
	Parent   string   // its children
	Text     string   // words, all of which stand in title or body, in any case
	Sort     string   // as of TaskQuery
	Limit    int      // 1..1000; 0 = 200
	Cursor   string   // Next of the page before
}

func (q CardQuery) values() url.Values {
	v := url.Values{}
	list(v, "id", q.IDs)
	list(v, "status", q.Statuses)
	text(v, "lane", q.Lane)
	text(v, "tenant", q.Tenant)
	list(v, "label", q.Labels)
	text(v, "parent", q.Parent)
	text(v, "text", q.Text)
	text(v, "sort", q.Sort)
	number(v, "limit", int64(q.Limit))
	text(v, "cursor", q.Cursor)
	return v
}

// Cards lists one page of cards.
func (c *Client) Cards(ctx context.Context, board string, q CardQuery) (CardPage, error) {
	return call[CardPage](ctx, c, get("boards", board, "cards").where(q.values()))
}

// Graph is linked tasks of one moment, with what waits for what. A stream that
// starts after LatestEvent misses nothing.
type Graph struct {
	Items       []Card `json:"items" nullable:"false"`
	Links       []Link `json:"links" nullable:"false" doc:"between these tasks"`
	LeftOut     int    `json:"left_out,omitempty" doc:"so many more belong to it than the limit allows"`
	LatestEvent int64  `json:"latest_event"`
}

// GraphQuery selects linked tasks. The zero value selects those that unfinished
// ones are linked with, however far.
type GraphQuery struct {
	Root     string // only what it waits for, and what waits for it
	Finished bool   // also what nothing unfinished is linked with
	Limit    int    // 1..2000; 0 = 500
}

// Graph shows linked tasks.
func (c *Client) Graph(ctx context.Context, board string, q GraphQuery) (Graph, error) {
	v := url.Values{}
	text(v, "root", q.Root)
	flag(v, "finished", q.Finished)
	number(v, "limit", int64(q.Limit))
	return call[Graph](ctx, c, get("boards", board, "graph").where(v))
}

// MoveRequest says where a task goes.
type MoveRequest struct {
	To      string `json:"to" doc:"a status"`
	Reason  string `json:"reason,omitempty" doc:"needed to send back what was submitted, and to start without parents"`
	Summary string `json:"summary,omitempty" doc:"of work that is done"`
	Version int64  `json:"version,omitempty" doc:"conflict if the task has changed since; like If-Match"`
}

// Moved is the card of a task that was moved.
type Moved struct {
	Card
	Undo *MoveRequest `json:"undo" doc:"moves it back, or what ran to where it may run again; null if nothing does"`
}

// Move sends a task to a status, by the verb that leads there.
func (c *Client) Move(ctx context.Context, board, id string, r MoveRequest) (Moved, error) {
	return act[Moved](ctx, c, board, id, "move", r)
}

// BulkRequest does the same to several tasks.
type BulkRequest struct {
	IDs      []string `json:"ids" doc:"1 to 500"`
	Action   string   `json:"action" doc:"move, assign, priority, archive, delete, retry, stop or comment"`
	To       string   `json:"to,omitempty" doc:"of move: a status"`
	Lane     string   `json:"lane,omitempty" doc:"of assign; absent = nobody"`
	Priority *int     `json:"priority,omitempty"`
	Reason   string   `json:"reason,omitempty"`
	Summary  string   `json:"summary,omitempty" doc:"of move: of work that is done"`
	Comment  string   `json:"comment,omitempty"`
	Stop     bool     `json:"stop,omitempty" doc:"of delete and assign: end a run in progress first"`
}

// BulkReply tells of each task, in the order in which they were named.
type BulkReply struct {
	Results []BulkResult `json:"results" nullable:"false"`
}

// BulkResult is what became of one task.
type BulkResult struct {
	ID      string       `json:"id"`
	OK      bool         `json:"ok"`
	Card    *Card        `json:"card,omitempty" doc:"as it is now; absent if it is gone"`
	Undo    *MoveRequest `json:"undo,omitempty" doc:"of move, archive and stop: as of Moved; absent if nothing takes it back"`
	Problem *Error       `json:"problem,omitempty" doc:"why it was refused"`
}

// Bulk does the same to several tasks, each for itself.
func (c *Client) Bulk(ctx context.Context, board string, r BulkRequest) (BulkReply, error) {
	return call[BulkReply](ctx, c, post("boards", board, "bulk").with(r))
}

// Meta is what there is to know before looking at a board.
type Meta struct {
	Version  string         `json:"version"`
	API      string         `json:"api"`
	Statuses []MetaStatus   `json:"statuses" nullable:"false" doc:"in the order of a task's life"`
	Limits   map[string]int `json:"limits" doc:"sizes of texts in bytes, and of lists"`
	Name     string         `json:"name" doc:"who asks, as events tell it"`
	Kind     string         `json:"kind" doc:"human, agent or worker"`
	May      []string       `json:"may" nullable:"false" doc:"the operations that the caller may ask for, as openapi.json names them"`
}

// MetaStatus is a status in words, and where its tasks may go.
type MetaStatus struct {
	Name  string     `json:"name"`
	Words string     `json:"words"`
	Moves []MetaMove `json:"moves" nullable:"false" doc:"for a task that waits for no parent"`
}

// MetaMove is a way to another status.
type MetaMove struct {
	To     string `json:"to"`
	Action string `json:"action"`
	Reason bool   `json:"reason,omitempty" doc:"it has to be said why"`
}

// Meta returns what there is to know before looking at a board.
func (c *Client) Meta(ctx context.Context) (Meta, error) {
	return call[Meta](ctx, c, get("meta"))
}
