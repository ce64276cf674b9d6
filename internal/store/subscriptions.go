package store

import (
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// Subscription is somebody's wish to hear of events: those that fit all that it
// names.
type Subscription struct {
	ID          int64
	Task        string // "" = the whole board
	Lane        string // as the task stands when it happens; "" = any, like what follows
	Tenant      string
	Creator     string
	Labels      []string           // all of them; sorted
	Alone       bool               // of Task itself, not of what its runs created
	Kinds       []kanban.EventKind // empty = kanban.Noteworthy
	Destination int64              // its id, and what it is
	Sink        string
	Target      string
	Thread      string
	CreatedBy   string
	CreatedAt   time.Time
	Foreign     bool // a row of the reference system, shown and left alone
}

// Place is where it goes.
func (s Subscription) Place() Destination {
	return Destination{ID: s.Destination, Sink: s.Sink, Target: s.Target, Thread: s.Thread}
}

// Mute keeps a destination from hearing of a task, and of what its runs create.
type Mute struct {
	Destination int64
	Task        string    // "" = of anything
	Until       time.Time // zero = until it is ended
	By          string
	At          time.Time
}

// SubscriptionReader finds who wants to hear of what.
type SubscriptionReader interface {
	// Subscriptions lists those that hear of a task, as Listeners does, then
	// the task's foreign ones; task "" lists all there are, foreign ones
	// last. Foreign ones have negative ids.
	Subscriptions(task string) ([]Subscription, error)
	// Subscription returns not_found also for a foreign one.
	Subscription(id int64) (Subscription, error)
	// Listeners lists the subscriptions to a task, to the tasks in whose runs
	// it was created unless they are alone, and to the board, by id. With task
	// "" it lists those to the board.
	Listeners(task string) ([]Subscription, error)
	// Mutes lists all, by destination and task.
	Mutes() ([]Mute, error)
	// Muted reports whether a destination hears nothing of a task at a time.
	Muted(destination int64, task string, now time.Time) (bool, error)
}

// SubscriptionWriter changes them.
type SubscriptionWriter interface {
	// PutSubscription inserts, or returns the existing one that differs in
	// kinds at most, with created=false.
	PutSubscription(s Subscription) (id int64, created bool, err error)
	// SetKinds changes what a subscription hears of; nil is the noteworthy. It
	// returns not_found, or conflict for a foreign one.
	SetKinds(id int64, kinds []kanban.EventKind) error
	// DeleteSubscription returns not_found, or conflict for a foreign one.
	// What it asked for stays on its way.
	DeleteSubscription(id int64) error
	// EndSubscriptions removes those to a task, and its mutes.
	EndSubscriptions(task string) error
	// PutMute inserts or replaces; DeleteMute returns not_found.
	PutMute(m Mute) error
	DeleteMute(destination int64, task string) error
}
