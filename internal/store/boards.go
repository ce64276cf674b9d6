package store

import (
	"context"
	"time"
)

// Boards keeps a home's boards and what spans them.
type Boards interface {
	// List returns all boards, default first, then by slug. Archived ones
	// follow if asked for.
	List(ctx context.Context, archived bool) ([]BoardInfo, error)
	Info(ctx context.Context, slug string) (BoardInfo, error)
	// Open returns the one handle of a board in this process.
	//
	// Errors: not_found; unavailable if its file is missing, empty, newer
	// than this program or in another journal mode.
	Open(ctx context.Context, slug string) (Store, error)
	// Create returns conflict if the slug is taken.
	Create(ctx context.Context, b BoardInfo) error
	// CreateFilled is Create of a board that is seen only once fill has put
	// its rows on it; if fill fails, there is none. CreatedAt of b is kept.
	// While fill runs no board is made, moved or opened. The board is held from
	// the start unless hold is zero; its scope is set. A hold that was there
	// before stays in any case.
	CreateFilled(ctx context.Context, b BoardInfo, hold Hold, fill func(Filler) error) error
	// Save changes name, description, icon, color and work dir.
	Save(ctx context.Context, b BoardInfo) error
	// Archive moves a board out of sight, Restore brings it back. Both
	// close its handle. default cannot be archived.
	Archive(ctx context.Context, slug string) error
	Restore(ctx context.Context, slug string) error
	// Delete removes an archived board for good.
	Delete(ctx context.Context, slug string) error
	// Reopen closes a board and opens what stands in its place now, which
	// ends a latch. "" is what spans boards: the holds.
	//
	// Errors: not_found; unavailable, with the latch as it was, if that is
	// not sound or cannot be written.
	Reopen(ctx context.Context, slug string) error
	// Current is the selected board; SetCurrent selects.
	Current(ctx context.Context) (string, error)
	SetCurrent(ctx context.Context, slug string) error
	// Dir is where the board's workspaces and logs stand.
	Dir(slug string) string

	// Holds are what keeps work from starting on several boards.
	Holds(ctx context.Context) ([]Hold, error)
	PutHold(ctx context.Context, h Hold) error
	// RemoveHold is a no-op if there is none.
	RemoveHold(ctx context.Context, scope string, kind HoldKind) error
	// Latched tells why holds stopped being written, or nil.
	Latched() error

	Close() error
}

// BoardInfo describes a board.
type BoardInfo struct {
	Slug        string
	ID          string // made with the board, stands in its file and in board.json
	Name        string
	Description string
	Icon        string
	Color       string
	WorkDir     string // default source or folder of dir and worktree tasks
	CreatedAt   time.Time
	Archived    bool
}

// HoldKind says why nothing starts.
type HoldKind string

// The kinds of hold.
const (
	Pulled   HoldKind = "pulled"   // the cord: until somebody resumes
	Cooldown HoldKind = "cooldown" // a rate limit: until a time
	Paused   HoldKind = "paused"   // alike failures in a row: until somebody resumes
	Trial    HoldKind = "trial"    // one run tries it after a pause; never stored
)

// Hold keeps a scope from starting work.
type Hold struct {
	Scope  string // "all", "board:SLUG", "lane:NAME", "account:NAME" or "repo:PATH"
	Kind   HoldKind
	Reason string
	By     string
	Since  time.Time
	Until  time.Time // zero = until resumed
	Tasks  []TaskRef // a pause: whose runs failed; a trial: whose run tries
}

// TaskRef names a task of a home.
type TaskRef struct {
	Board string `json:"board"`
	Task  string `json:"task"`
}
