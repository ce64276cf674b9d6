package store

import (
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// Destination is a place that messages go to. Those of one destination stand in
// one queue, whichever subscriptions asked for them.
type Destination struct {
	ID     int64
	Sink   string    // name of a sink in andon.yaml
	Target string    // place within the sink: chat id, path, ...; may be empty
	Thread string    // thread of the target, may be empty
	Until  time.Time // it asked to be sent nothing before; zero = it did not
}

// Delivery is one event on its way to one destination.
type Delivery struct {
	ID           int64
	Destination  int64 // of one that is pending never 0
	Subscription int64 // the first of those that asked for it; 0 = none: it settles what a message asks
	Event        kanban.Event
	State        DeliveryState
	Attempts     int
	NextAt       time.Time // not before
	Error        string    // of the last attempt
	DoneAt       time.Time
	Batch        int64 // the digest that it is part of; 0 = not decided, Single = none
}

// Single is the batch of a delivery that is sent by itself.
const Single = -1

// DeliveryState is where a delivery stands.
type DeliveryState string

// The states of a delivery.
const (
	Pending   DeliveryState = "pending"
	Delivered DeliveryState = "delivered"
	Parked    DeliveryState = "parked" // given up; retry by hand
)

// NoDestination is the error of a delivery that cannot be sent because nobody
// knows where to; its Destination is 0.
const NoDestination = "its subscription is gone"

// Post is a message that stands at a destination for a task.
type Post struct {
	Destination int64
	Task        string
	Ref         string // the destination's name for the message
	At          time.Time
}

// OutboxReader finds deliveries and what is known of destinations.
type OutboxReader interface {
	// Destination returns not_found; Destinations lists all, by id.
	Destination(id int64) (Destination, error)
	Destinations() ([]Destination, error)
	// DestinationAt returns the id of a place under just this name, 0 if it is
	// not known.
	DestinationAt(sink, target, thread string) (id int64, err error)
	// Pending lists deliveries to one destination in order of event, due or
	// not; destination 0 = the first of each destination that has any.
	Pending(destination int64, limit int) ([]Delivery, error)
	// PendingFor lists those that a subscription asked for first.
	PendingFor(s Subscription) ([]Delivery, error)
	// Batch lists the deliveries of a digest in order of event.
	Batch(n int64) ([]Delivery, error)
	// Deliveries lists those in a state, newest first.
	Deliveries(state DeliveryState, limit int) ([]Delivery, error)
	// DeliveryOf returns not_found if the event was never meant for the
	// destination, or that is forgotten.
	DeliveryOf(destination, event int64) (Delivery, error)
	// Newest lists of each destination that has a message about a task, or is
	// about to, the newest delivery about it that was not given up, of one of
	// kanban.Turns if there is any; one that is forgotten has no event. By
	// destination.
	Newest(task string) ([]Delivery, error)
	// Before returns the newest delivery of kanban.Turns about a task that a
	// destination took before that of an event; zero if there is none.
	Before(destination int64, task string, event int64) (Delivery, error)
	// Posts returns the refs of the first and of the newest message that
	// stand for a task, "" if there is none.
	Posts(destination int64, task string) (root, prior string, err error)
	// Posted returns the newest post that a message of a sink is, whatever its
	// place is called; zero if it is none.
	Posted(sink, ref string) (Post, error)
}

// OutboxWriter changes them.
type OutboxWriter interface {
	// PutDestination returns the id of a place, which it makes known.
	PutDestination(sink, target, thread string) (id int64, err error)
	// HoldDestination sets Until. It returns not_found.
	HoldDestination(id int64, until time.Time) error
	// AddDelivery returns conflict if there is one of the event to the
	// destination.
	AddDelivery(d Delivery) (int64, error)
	// UpdateDelivery changes all but what is told and where.
	UpdateDelivery(d Delivery) error
	DeleteDelivery(id int64) error
	// PutPost makes a message the newest of its task, or notes that it was
	// changed again.
	PutPost(p Post) error
}
