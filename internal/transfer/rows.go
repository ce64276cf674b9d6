package transfer

import (
	"encoding/json"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// The name and the version of the format. Version 1, which knew no destinations,
// is read, too.
const (
	Format  = "andon-export"
	Version = 2
)

// record is one line: an object with one key.
type record struct {
	Header       *Header          `json:"header,omitempty"`
	Meta         *metaRow         `json:"meta,omitempty"`
	Task         *taskRow         `json:"task,omitempty"`
	Link         *linkRow         `json:"link,omitempty"`
	Key          *keyRow          `json:"key,omitempty"`
	Run          *runRow          `json:"run,omitempty"`
	Comment      *commentRow      `json:"comment,omitempty"`
	Event        *eventRow        `json:"event,omitempty"`
	Artifact     *artifactRow     `json:"artifact,omitempty"`
	Content      *contentRow      `json:"content,omitempty"`
	Destination  *destinationRow  `json:"destination,omitempty"`
	Subscription *subscriptionRow `json:"subscription,omitempty"`
	Mute         *muteRow         `json:"mute,omitempty"`
	Post         *postRow         `json:"post,omitempty"`
	Delivery     *deliveryRow     `json:"delivery,omitempty"`
	Trailer      *trailer         `json:"trailer,omitempty"`
}

// kinds are the keys of a line, in the order in which they follow one another.
var kinds = []string{
	"header", "meta", "task", "link", "key", "run", "comment", "event", "artifact", "content",
	"destination", "subscription", "mute", "post", "delivery", "trailer",
}

// kind is the place in kinds of a line that holds exactly one thing, else -1.
func (r record) kind() int {
	found := -1
	for i, set := range []bool{
		r.Header != nil, r.Meta != nil, r.Task != nil, r.Link != nil, r.Key != nil, r.Run != nil, r.Comment != nil, r.Event != nil,
		r.Artifact != nil, r.Content != nil, r.Destination != nil, r.Subscription != nil, r.Mute != nil, r.Post != nil,
		r.Delivery != nil, r.Trailer != nil,
	} {
		if !set {
			continue
		}
		if found >= 0 {
			return -1
		}
		found = i
	}
	return found
}

// Header is the first line.
type Header struct {
	Format     string    `json:"format"`
	Version    int       `json:"version"`
	ExportedAt time.Time `json:"exported_at"`
	Andon      string    `json:"andon,omitempty"` // the version that wrote it
	Board      Board     `json:"board"`
}

// Board is what a board is called.
type Board struct {
	Slug        string    `json:"slug"`
	Name        string    `json:"name,omitempty"`
	Description string    `json:"description,omitempty"`
	Icon        string    `json:"icon,omitempty"`
	Color       string    `json:"color,omitempty"`
	WorkDir     string    `json:"work_dir,omitempty"`
	CreatedAt   time.Time `json:"created_at,omitzero"`
}

// Counts are the lines of each kind between the first and the last.
type Counts map[string]int

// trailer is the last line.
type trailer struct {
	Counts  Counts        `json:"counts"`
	LastIDs store.LastIDs `json:"last_ids"`
	SHA256  string        `json:"sha256"` // of all bytes before this line
}

type metaRow struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

type keyRow struct {
	Key  string `json:"key"`
	Task string `json:"task"`
}

// contentRow is a piece of a kept file. Pieces of a file follow one another.
type contentRow struct {
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"` // of the whole file
	Data   []byte `json:"data"` // base64
}

// taskRow is kanban.Task. Durations are in nanoseconds.
type taskRow struct {
	ID             string           `json:"id"`
	Title          string           `json:"title"`
	Body           string           `json:"body,omitempty"`
	Assignee       string           `json:"assignee,omitempty"`
	Status         kanban.Status    `json:"status"`
	Priority       int              `json:"priority,omitempty"`
	Tenant         string           `json:"tenant,omitempty"`
	Labels         []string         `json:"labels,omitempty"`
	CreatedBy      string           `json:"created_by,omitempty"`
	Origin         string           `json:"origin,omitempty"`
	CreatedAt      time.Time        `json:"created_at,omitzero"`
	StartedAt      time.Time        `json:"started_at,omitzero"`
	CompletedAt    time.Time        `json:"completed_at,omitzero"`
	UpdatedAt      time.Time        `json:"updated_at,omitzero"`
	Version        int64            `json:"version"`
	Workspace      kanban.Workspace `json:"workspace"`
	Result         string           `json:"result,omitempty"`
	IdempotencyKey string           `json:"idempotency_key,omitempty"`
	MaxRuntime     time.Duration    `json:"max_runtime,omitempty"`
	MaxAttempts    int              `json:"max_attempts,omitempty"`
	Skills         []string         `json:"skills,omitzero"`
	Model          string           `json:"model,omitempty"`
	SessionID      string           `json:"session_id,omitempty"`
	NotBefore      time.Time        `json:"not_before,omitzero"`
	BlockKind      kanban.BlockKind `json:"block_kind,omitempty"`
	BlockReason    string           `json:"block_reason,omitempty"`
	BlockedAt      time.Time        `json:"blocked_at,omitzero"`
	Closed         string           `json:"closed,omitempty"`
	Failures       int              `json:"failures,omitempty"`
	LastError      string           `json:"last_error,omitempty"`
	Losses         int              `json:"losses,omitempty"`
	ReviewRounds   int              `json:"review_rounds,omitempty"`
	Verify         [][]string       `json:"verify,omitzero"`
	Reviewer       string           `json:"reviewer,omitempty"`
	MaxRounds      int              `json:"max_rounds,omitempty"`
	Reviews        string           `json:"reviews,omitempty"`
	Revision       string           `json:"revision,omitempty"`
	OnRetry        string           `json:"on_retry,omitempty"`
	Budget         kanban.Budget    `json:"budget,omitzero"`
	CurrentRun     int64            `json:"current_run,omitempty"`
	LiveRun        int64            `json:"live_run,omitempty"`
	ClaimLock      string           `json:"-"` // it fences workers of the reference
	ClaimEnds      time.Time        `json:"claim_ends,omitzero"`
	WorkerPID      int              `json:"worker_pid,omitempty"`
	Heartbeat      time.Time        `json:"heartbeat,omitzero"`
}

type linkRow struct {
	Parent       string `json:"parent"`
	Child        string `json:"child"`
	Waived       bool   `json:"waived,omitempty"`
	WaivedBy     string `json:"waived_by,omitempty"`
	WaivedReason string `json:"waived_reason,omitempty"`

	When kanban.When `json:"when,omitempty"`
}

type runRow struct {
	ID         int64           `json:"id"`
	Task       string          `json:"task"`
	Lane       string          `json:"lane,omitempty"`
	Attempt    int             `json:"attempt"`
	Outcome    kanban.Outcome  `json:"outcome,omitempty"`
	StartedAt  time.Time       `json:"started_at,omitzero"`
	EndedAt    time.Time       `json:"ended_at,omitzero"`
	Heartbeat  time.Time       `json:"heartbeat,omitzero"`
	Progress   time.Time       `json:"progress,omitzero"`
	MaxRuntime time.Duration   `json:"max_runtime,omitempty"`
	Summary    string          `json:"summary,omitempty"`
	Metadata   json.RawMessage `json:"metadata,omitempty"`
	Error      string          `json:"error,omitempty"`
	ClaimLock  string          `json:"-"`
	ClaimEnds  time.Time       `json:"claim_ends,omitzero"`
	TokenHash  string          `json:"-"`
	WorkerPID  int             `json:"worker_pid,omitempty"`
	Supervisor kanban.Process  `json:"supervisor,omitzero"`
	Live       bool            `json:"live,omitempty"`
	Started    bool            `json:"started,omitempty"`
	ExitCode   *int            `json:"exit_code,omitempty"`
	Signal     string          `json:"signal,omitempty"`
	Workspace  string          `json:"workspace,omitempty"`
	Branch     string          `json:"branch,omitempty"`
	Base       string          `json:"base,omitempty"`
	Snapshot   string          `json:"snapshot,omitempty"`
	Revision   string          `json:"revision,omitempty"`
	Account    string          `json:"account,omitempty"`
	Model      string          `json:"model,omitempty"`
	Session    string          `json:"session,omitempty"`
	Usage      kanban.Usage    `json:"usage,omitzero"`
	Reserved   kanban.Budget   `json:"reserved,omitzero"`
	Pending    json.RawMessage `json:"pending,omitempty"`
}

type commentRow struct {
	ID     int64     `json:"id"`
	Task   string    `json:"task"`
	Author string    `json:"author"`
	Body   string    `json:"body"`
	At     time.Time `json:"at,omitzero"`
}

type eventRow struct {
	ID      int64            `json:"id"`
	Task    string           `json:"task"`
	Run     int64            `json:"run,omitempty"`
	Kind    kanban.EventKind `json:"kind"`
	Payload map[string]any   `json:"payload,omitempty"`
	At      time.Time        `json:"at,omitzero"`
	Foreign bool             `json:"foreign,omitempty"`
}

type artifactRow struct {
	Task   string `json:"task"`
	Run    int64  `json:"run"`
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
	Type   string `json:"type,omitempty"`
}

type destinationRow struct {
	ID     int64     `json:"id"`
	Sink   string    `json:"sink"`
	Target string    `json:"target,omitempty"`
	Thread string    `json:"thread,omitempty"`
	Until  time.Time `json:"until,omitzero"`
}

type subscriptionRow struct {
	ID          int64              `json:"id"`
	Task        string             `json:"task,omitempty"`
	Lane        string             `json:"lane,omitempty"`
	Tenant      string             `json:"tenant,omitempty"`
	Creator     string             `json:"creator,omitempty"`
	Labels      []string           `json:"labels,omitempty"`
	Alone       bool               `json:"alone,omitempty"`
	Kinds       []kanban.EventKind `json:"kinds,omitempty"`
	Destination int64              `json:"destination,omitempty"`
	Sink        string             `json:"sink"` // what follows is that of the destination
	Target      string             `json:"target,omitempty"`
	Thread      string             `json:"thread,omitempty"`
	CreatedBy   string             `json:"created_by,omitempty"`
	CreatedAt   time.Time          `json:"created_at,omitzero"`
	Foreign     bool               `json:"-"` // those of other programs are theirs
}

type muteRow struct {
	Destination int64     `json:"destination"`
	Task        string    `json:"task,omitempty"`
	Until       time.Time `json:"until,omitzero"`
	By          string    `json:"by,omitempty"`
	At          time.Time `json:"at,omitzero"`
}

type postRow struct {
	Destination int64     `json:"destination"`
	Task        string    `json:"task"`
	Ref         string    `json:"ref"`
	At          time.Time `json:"at,omitzero"`
}

// deliveryRow is store.Delivery, which holds its event whole.
type deliveryRow struct {
	ID           int64               `json:"id"`
	Destination  int64               `json:"destination,omitempty"` // 0 = nobody knows
	Subscription int64               `json:"subscription"`
	Event        int64               `json:"event"`
	State        store.DeliveryState `json:"state"`
	Attempts     int                 `json:"attempts,omitempty"`
	NextAt       time.Time           `json:"next_at,omitzero"`
	Error        string              `json:"error,omitempty"`
	DoneAt       time.Time           `json:"done_at,omitzero"`
	Batch        int64               `json:"batch,omitempty"`
}

func deliveryRowOf(d store.Delivery) deliveryRow {
	return deliveryRow{d.ID, d.Destination, d.Subscription, d.Event.ID, d.State, d.Attempts, d.NextAt, d.Error, d.DoneAt, d.Batch}
}

func (d deliveryRow) delivery() store.Delivery {
	return store.Delivery{
		ID: d.ID, Destination: d.Destination, Subscription: d.Subscription, Event: kanban.Event{ID: d.Event}, State: d.State,
		Attempts: d.Attempts, NextAt: d.NextAt, Error: d.Error, DoneAt: d.DoneAt, Batch: d.Batch,
	}
}
