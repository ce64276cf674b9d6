package store

import "github.com/andon-dev/andon/internal/kanban"

// WholeReader hands out a board row by row, for those who judge or copy all of
// it. An error of fn ends the walk and is returned.
type WholeReader interface {
	// EachTask goes by insertion. Bodies and results are left out unless full.
	EachTask(full bool, fn func(kanban.Task) error) error
	// EachLink goes by parent, then child. Edges to tasks that do not exist
	// come, too.
	EachLink(fn func(kanban.Link) error) error
	// EachKey goes over the reserved idempotency keys, in order.
	EachKey(fn func(key, task string) error) error
	EachRun(fn func(kanban.Run) error) error         // by id, as all that follow
	EachComment(fn func(kanban.Comment) error) error //
	EachEvent(fn func(kanban.Event) error) error     //
	// EachArtifact goes by insertion.
	EachArtifact(fn func(kanban.Artifact) error) error
	// EachPost goes over the messages that stand for tasks, oldest first.
	EachPost(fn func(Post) error) error
	// EachDelivery knows of a delivery's event only the id.
	EachDelivery(fn func(Delivery) error) error
	// EachMeta goes over the board-wide values by key. The board's own id,
	// which no other board may have, is left out.
	EachMeta(fn func(key, value string) error) error
	// LastIDs are the largest ids ever given.
	LastIDs() (LastIDs, error)
}

// LastIDs are the largest ids that a board ever gave; they are not given again.
type LastIDs struct {
	Run          int64 `json:"run"`
	Comment      int64 `json:"comment"`
	Event        int64 `json:"event"`
	Destination  int64 `json:"destination"`
	Subscription int64 `json:"subscription"`
	Delivery     int64 `json:"delivery"`
}

// Filler puts rows on a new board as they stood on another: with their ids and
// versions, and with who wrote an event. It returns conflict for an id that is
// taken. Links, keys, artifacts, mutes, posts and values come through Tx.
type Filler interface {
	Tx
	PutTask(t kanban.Task) error
	PutRun(r kanban.Run) error
	PutComment(c kanban.Comment) error
	PutEvent(e kanban.Event) error
	PutOldDestination(d Destination) error
	// PutOldSubscription is for those of this system only.
	PutOldSubscription(s Subscription) error
	PutDelivery(d Delivery) error
	// Reserve makes sure that ids up to these are not given again.
	Reserve(ids LastIDs) error
}

// Checker is a Store that can examine its own files.
type Checker interface {
	// Check returns what the engine finds wrong, at most 100 lines; quick
	// leaves out what takes as long as reading every index.
	Check(quick bool) (problems []string, err error)
}
