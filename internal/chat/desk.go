package chat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/andon-dev/andon/internal/guests"
)

const (
	actTime = 30 * time.Second // for what one message asks for
	grace   = 3 * time.Second  // of that, after the gateway was told to stop
	atOnce  = 8                // chats of a platform that are answered
	maxWait = 500              // messages of guests that wait for their turn
	maxSeen = 1000             // updates that are known by their id
)

// heldUp is the trouble of a connection whose guests said more than can be answered.
var heldUp = fmt.Sprintf("takes in nothing for now: %d messages wait to be answered", maxWait)

// desk answers what comes in over one connection: what guests say in a chat one
// after the other, chats beside each other; who is not known, at the door.
type desk struct {
	*Chat
	sink     string
	platform Platform // of the connection there is now
	log      *slog.Logger
	slots    chan struct{}
	room     chan struct{} // something was taken out of a queue
	pages    pages
	lines    pages // of buttons, a word in each row
	asked    asked
	kept     kept
	door     door

	mu      sync.Mutex
	seen    map[string]bool
	order   []string             // of seen, oldest first
	queues  map[string][]waiting // by chat; one that is there has a goroutine
	waiting int                  // in all queues
	busy    sync.WaitGroup
}

// waiting is a message that waits for its turn.
type waiting struct {
	Incoming
	kept bool // it is written down
}

func (c *Chat) desk(sink string) *desk {
	d := &desk{
		Chat: c, sink: sink, log: c.Log.With("sink", sink), slots: make(chan struct{}, atOnce), room: make(chan struct{}, 1),
		pages: pages{clock: c.Clock}, lines: pages{clock: c.Clock}, asked: asked{clock: c.Clock}, seen: map[string]bool{}, queues: map[string][]waiting{},
		door: door{clock: c.Clock, answered: map[caller]time.Time{}},
	}
	d.kept = newKept(c.Dir, sink, c.Clock, d.log)
	lost, done, err := d.kept.begin()
	if err != nil {
		d.log.Error("what was said in a chat before cannot be read", "error", err)
	}
	for _, id := range done {
		d.remember(id)
	}
	for _, in := range lost {
		d.log.Error("a message of a chat was heard several times or long ago and is not tried again", "chat", in.Place.Chat, "user", in.User.Name)
	}
	return d
}

// serve opens a connection and receives until it is lost. It returns when all that
// came in is answered, or written down for the next one.
func (d *desk) serve(ctx context.Context, w Connection) (err error) {
	if d.platform, err = w.Open(); err != nil {
		return err
	}
	ctx, lost := context.WithCancel(ctx)
	defer d.busy.Wait()
	defer lost()
	d.resume(ctx)
	defer func() {
		if p := recover(); p != nil {
			d.log.Error("the connection of a chat panicked", "panic", p, "stack", string(debug.Stack()))
			err = errors.New("it panicked; the log of the gateway tells where")
		}
	}()
	if err = d.platform.Run(ctx, d.receive); err == nil {
		err = errors.New("the platform ended the connection")
	}
	return err
}

// resume takes in again what was heard and is not done: the gateway was killed, or
// the connection lost.
func (d *desk) resume(ctx context.Context) {
	all, err := d.kept.all()
	if err != nil {
		d.log.Error("what was said in a chat before cannot be read", "error", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, in := range all {
		d.queue(ctx, waiting{in, true})
	}
}

// receive takes one in. It waits while guests have said more than can be answered:
// the platform keeps what follows.
func (d *desk) receive(ctx context.Context, in Incoming) {
	if d.take(ctx, in) {
		return
	}
	d.note(d.sink, heldUp)
	defer d.note(d.sink, "")
	for !d.take(ctx, in) {
		select {
		case <-d.room:
		case <-ctx.Done():
			return
		}
	}
}

// take is false if there is no room for one more. Only what guests say to Andon
// needs any.
func (d *desk) take(ctx context.Context, in Incoming) bool {
	if in.Moved == "" {
		if _, known, err := d.Book.Guest(d.sink, in.User.ID); err != nil || !known {
			d.greet(ctx, in, err)
			return true
		}
		d.door.forget(in)
	}
	if !in.Private && !matters(in) {
		return true // people among themselves
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if in.ID != "" && d.seen[in.ID] {
		return true
	}
	if d.waiting >= maxWait {
		return false
	}
	w := waiting{Incoming: in}
	if matters(in) {
		err := d.kept.add(in)
		if w.kept = err == nil; err != nil { // a full disk must not keep anybody from pulling the cord
			d.log.Error("a message of a chat is done, but would not outlive the gateway", "error", err)
		}
	}
	d.queue(ctx, w)
	return true
}

// queue puts one into the queue of its chat. d.mu is held.
func (d *desk) queue(ctx context.Context, w waiting) {
	d.remember(w.ID)
	queue, there := d.queues[w.Place.Chat]
	d.queues[w.Place.Chat] = append(queue, w)
	d.waiting++
	if !there {
		d.busy.Go(func() { d.answer(ctx, w.Place.Chat) })
	}
}

func (d *desk) remember(id string) {
	if id == "" {
		return
	}
	d.seen[id] = true
	if d.order = append(d.order, id); len(d.order) > maxSeen {
		delete(d.seen, d.order[0])
		d.order = d.order[1:]
	}
}

// answer serves a chat until nothing waits. When ctx has ended, what is written down
// is left to whoever reads it next.
func (d *desk) answer(ctx context.Context, chat string) {
	for {
		w, there := d.next(chat)
		if !there {
			return
		}
		if w.kept && ctx.Err() != nil {
			continue
		}
		d.slots <- struct{}{}
		done := d.one(ctx, w.Incoming, d.hear)
		<-d.slots
		if w.kept && done {
			if err := d.kept.done(w.ID); err != nil {
				d.log.Error("a message of a chat that is done may be done again", "error", err)
			}
		}
	}
}

// next takes the first one out of the queue of a chat.
func (d *desk) next(chat string) (w waiting, there bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	queue := d.queues[chat]
	if len(queue) == 0 {
		delete(d.queues, chat)
		return w, false
	}
	d.queues[chat] = queue[1:]
	d.waiting--
	select {
	case d.room <- struct{}{}:
	default:
	}
	return queue[0], true
}

// one does what one message asks for, which may go on for a moment after the end of ctx. It is
// false if that cut it off. A panic is an error of this message only.
func (d *desk) one(ctx context.Context, in Incoming, do func(context.Context, Incoming) error) (done bool) {
	ended := ctx
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), actTime)
	defer cancel()
	defer context.AfterFunc(ended, func() { time.AfterFunc(grace, cancel) })()
	defer func() {
		if p := recover(); p != nil {
			d.log.Error("a message of a chat led to a panic", "panic", p, "stack", string(debug.Stack()))
			d.say(ctx, in, Reply{Text: "That went wrong in Andon itself; the log of the gateway tells where."})
			done = true
		}
	}()
	if err := do(ctx, in); err != nil {
		d.say(ctx, in, Reply{Text: d.told(in, err)})
	}
	return ctx.Err() == nil || ended.Err() == nil
}

// say answers where something came in, again after a trouble that passes: who is
// not answered does it twice. What cannot be said is logged: there is nobody else to
// tell.
func (d *desk) say(ctx context.Context, in Incoming, r Reply) {
	r = r.cleaned()
	r.To = in.Ref
	var err error
	for pause := firstPause; ; pause *= 2 {
		if _, err = d.platform.Say(ctx, in.Place, r); err == nil || IsHopeless(err) {
			break
		}
		again := time.NewTimer(max(pause, notBefore(err)))
		select {
		case <-again.C:
			continue
		case <-ctx.Done():
		}
		again.Stop()
		break
	}
	if err != nil {
		d.log.Error("a chat could not be answered", "chat", in.Place.Chat, "error", err)
	}
}

// edit replaces a message of ours that was pressed.
func (d *desk) edit(ctx context.Context, in Incoming, r Reply) error {
	return d.platform.Edit(ctx, in.Place, in.Ref, r.cleaned())
}

// key makes what a message does twice the same as once.
func (d *desk) key(in Incoming) string { return fmt.Sprintf("chat-%s-%s", d.sink, in.ID) }

// session is whose @last it is: a guest's in a place.
func (d *desk) session(at guests.Place, g guests.Guest) string {
	return safe("chat-" + d.sink + "-" + at.Chat + "-" + at.Thread + "-" + g.Name)
}
