package chat

import (
	"context"
	"sync"
	"time"
)

const (
	greetEvery = 10 * time.Minute // who is not known is answered once
	maxGreeted = 20               // of them by a connection in that time
)

// door remembers who was answered without being known, so that any number of them
// costs next to nothing.
type door struct {
	clock func() time.Time

	mu       sync.Mutex
	answered map[caller]time.Time
}

type caller struct{ chat, user string }

// opens reports whether somebody is answered, who is not again for a while.
func (o *door) opens(in Incoming) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for who, at := range o.answered {
		if o.clock().Sub(at) >= greetEvery {
			delete(o.answered, who)
		}
	}
	who := caller{in.Place.Chat, in.User.ID}
	if _, was := o.answered[who]; was || len(o.answered) >= maxGreeted {
		return false
	}
	o.answered[who] = o.clock()
	return true
}

// forget is of somebody who is known now: should that end, they are answered at once.
func (o *door) forget(in Incoming) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.answered, caller{in.Place.Chat, in.User.ID})
}

// greet answers somebody who is not known, or of whom err keeps that from being
// seen, in no queue of the guests. Most of what they say has no answer.
func (d *desk) greet(ctx context.Context, in Incoming, err error) {
	if _, command := addressed(in.Text); !in.Private && !command || !d.door.opens(in) {
		return
	}
	d.busy.Go(func() {
		d.one(ctx, in, func(ctx context.Context, in Incoming) error {
			if err != nil {
				return err
			}
			return d.stranger(ctx, in)
		})
	})
}

// stranger tells who is not known how to come in, where only they see it.
func (d *desk) stranger(ctx context.Context, in Incoming) error {
	if !in.Private {
		d.say(ctx, in, Reply{Text: "I do not know you yet. Write to me directly, and I give you a code."})
		return nil
	}
	code, err := d.Book.Request(d.sink, in.User)
	if err != nil {
		return err
	}
	d.say(ctx, in, Reply{Text: "I do not know you yet. Whoever runs this Andon lets you in with this command, within an hour:", Rows: []string{"andon chat approve " + code}})
	return nil
}
