package store

import (
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// Subscription is somebody's wish to hear of events.
type Subscription struct {
	ID        int64
	Task      string             // "" = the whole board
	Sink      string             // name of a sink in andon.yaml
	Target    string             // destination within the sink: chat id, path, ...; may be empty
	Thread    string             // thread of the target, may be empty
	Kinds     []kanban.EventKind // empty = kanban.Noteworthy
	CreatedBy string
	CreatedAt time.Time
	Foreign   bool // a row of the reference system, shown and left alone
}

// Delivery is one event on its way to one subscription.
type Delivery struct {
	ID           int64
	Subscription int64
	Event        kanban.Event
	State        DeliveryState
	Attempts     int
	NextAt       time.Time // not before
	Error        string    // of the last attempt
	DoneAt       time.Time
}

// DeliveryState is where a delivery stands.
type DeliveryState string

// The states of a delivery.
const (
	Pending   DeliveryState = "pending"
	Delivered DeliveryState = "delivered"
	Parked    DeliveryState = "parked" // given up; retry by hand
)

// OutboxReader finds subscriptions and deliveries.
type OutboxReader interface {
	// Subscriptions lists those of one task, then the board's, then the
	// task's foreign ones; task "" lists all there are, foreign ones last.
	// Foreign ones have negative ids.
	Subscriptions(task string) ([]Subscription, error)
	// Pending lists deliveries of one subscription in order of event, due
	// or not; subscription 0 = the first of each subscription that has any.
	Pending(subscription int64, limit int) ([]Delivery, error)
	// Deliveries lists those in a state, newest first.
	Deliveries(state DeliveryState, limit int) ([]Delivery, error)
}

// OutboxWriter changes them.
type OutboxWriter interface {
	// PutSubscription inserts, or returns the existing one of the same task,
	// sink, target and thread, with created=false.
	PutSubscription(s Subscription) (id int64, created bool, err error)
	// SetKinds changes what a subscription hears of; nil is the noteworthy. It
	// returns not_found, or conflict for a foreign one.
	SetKinds(id int64, kinds []kanban.EventKind) error
	// DeleteSubscription removes it and its pending deliveries. It returns
	// not_found, or conflict for a foreign one.
	DeleteSubscription(id int64) error
	AddDelivery(d Delivery) (int64, error)
	UpdateDelivery(d Delivery) error
}
