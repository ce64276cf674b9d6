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
	maxWait = 100              // messages of one chat that wait for their turn
	maxSeen = 1000             // updates that are known by their id
)

// desk answers what comes in over one connection: what is said in a chat one
// after the other, chats beside each other.
type desk struct {
	*Chat
	sink     string
	platform Platform // of the connection there is now
	log      *slog.Logger
	slots    chan struct{}
	room     chan struct{} // something was taken out of a queue
	pages    pages
	asked    asked
	kept     kept

	mu     sync.Mutex
	seen   map[string]bool
	order  []string              // of seen, oldest first
	queues map[string][]Incoming // by chat; one that is there has a goroutine
	busy   sync.WaitGroup
}

func (c *Chat) desk(sink string) *desk {
	d := &desk{
		Chat: c, sink: sink, log: c.Log.With("sink", sink), slots: make(chan struct{}, atOnce), room: make(chan struct{}, 1),
		pages: pages{clock: c.Clock}, asked: asked{clock: c.Clock}, seen: map[string]bool{}, queues: map[string][]Incoming{},
		kept: newKept(c.Dir, sink, c.Clock),
	}
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

// serve opens a connection and receives until it is lost. It returns when all
// that came in is answered.
func (d *desk) serve(ctx context.Context, w Connection) (err error) {
	if d.platform, err = w.Open(); err != nil {
		return err
	}
	defer d.busy.Wait()
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
		d.queue(ctx, in)
	}
}

// receive takes one in. It waits while a chat has said more than can be answered:
// the platform keeps what follows.
func (d *desk) receive(ctx context.Context, in Incoming) {
	for !d.take(ctx, in) {
		select {
		case <-d.room:
		case <-ctx.Done():
			return
		}
	}
}

// take is false if there is no room for one more of its chat.
func (d *desk) take(ctx context.Context, in Incoming) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if in.ID != "" && d.seen[in.ID] {
		return true
	}
	if len(d.queues[in.Place.Chat]) >= maxWait {
		return false
	}
	if d.matters(in) {
		if err := d.kept.add(in); err != nil { // a full disk must not keep anybody from pulling the cord
			d.log.Error("a message of a chat is done, but would not outlive the gateway", "error", err)
		}
	}
	d.queue(ctx, in)
	return true
}

// queue puts one into the queue of its chat. d.mu is held.
func (d *desk) queue(ctx context.Context, in Incoming) {
	d.remember(in.ID)
	queue, there := d.queues[in.Place.Chat]
	d.queues[in.Place.Chat] = append(queue, in)
	if !there {
		d.busy.Go(func() { d.answer(ctx, in.Place.Chat) })
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

// answer serves a chat until nothing waits.
func (d *desk) answer(ctx context.Context, chat string) {
	d.slots <- struct{}{}
	defer func() { <-d.slots }()
	for {
		d.mu.Lock()
		queue := d.queues[chat]
		if len(queue) == 0 {
			delete(d.queues, chat)
			d.mu.Unlock()
			return
		}
		in := queue[0]
		d.queues[chat] = queue[1:]
		d.mu.Unlock()
		select {
		case d.room <- struct{}{}:
		default:
		}
		if d.one(ctx, in) {
			if err := d.kept.done(in.ID); err != nil {
				d.log.Error("a message of a chat that is done may be done again", "error", err)
			}
		}
	}
}

// one answers one message, which may go on for a moment after the end of ctx. It is
// false if that cut it off. A panic is an error of this message only.
func (d *desk) one(ctx context.Context, in Incoming) (done bool) {
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
	if err := d.hear(ctx, in); err != nil {
		d.say(ctx, in, Reply{Text: told(err)})
	}
	return ctx.Err() == nil || ended.Err() == nil
}

// say answers where something came in, again after a trouble that passes: who is
// not answered does it twice. What cannot be said is logged: there is nobody else to
// tell.
func (d *desk) say(ctx context.Context, in Incoming, r Reply) {
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

// key makes what a message does twice the same as once.
func (d *desk) key(in Incoming) string { return fmt.Sprintf("chat-%s-%s", d.sink, in.ID) }

// session is whose @last it is: a guest's in a place.
func (d *desk) session(at guests.Place, g guests.Guest) string {
	return safe("chat-" + d.sink + "-" + at.Chat + "-" + at.Thread + "-" + g.Name)
}
