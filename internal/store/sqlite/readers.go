package sqlite

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	maxReaders  = 4
	readersIdle = 30 * time.Second
)

// readers lends connections that only read. They are opened when needed and
// closed after an idle while: each costs megabytes.
type readers struct {
	open  func() (*conn, error)
	after time.Duration // idle time until a connection is closed

	slots chan struct{}
	mu    sync.Mutex
	idle  []idleConn // longest idle first
	timer *time.Timer
}

type idleConn struct {
	c     *conn
	since time.Time
}

func newReaders(open func() (*conn, error), after time.Duration) *readers {
	return &readers{open: open, after: after, slots: make(chan struct{}, maxReaders)}
}

// view runs fn on one snapshot. ctx bounds the wait for a connection.
func (r *readers) view(ctx context.Context, fn func(*conn) error) error {
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return gaveUp(ctx)
	}
	c, err := r.take()
	if err != nil {
		return outward(err)
	}
	defer r.give(c)
	if err := c.exec("BEGIN"); err != nil {
		return outward(err)
	}
	defer c.abort()
	return outward(fn(c))
}

// take prefers the connection used last, so that the others can age.
func (r *readers) take() (*conn, error) {
	r.mu.Lock()
	if n := len(r.idle); n > 0 {
		c := r.idle[n-1].c
		r.idle = r.idle[:n-1]
		r.mu.Unlock()
		return c, nil
	}
	r.mu.Unlock()
	return r.open()
}

func (r *readers) give(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.idle = append(r.idle, idleConn{c, time.Now()})
	if r.timer == nil {
		r.timer = time.AfterFunc(r.after, r.closeAged)
	}
}

// closeAged closes what was idle long enough and comes back for the rest.
func (r *readers) closeAged() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.idle) > 0 && time.Since(r.idle[0].since) >= r.after {
		// A connection at rest has no open statement: closing cannot fail.
		_ = r.idle[0].c.close()
		r.idle = r.idle[1:]
	}
	r.timer = nil
	if len(r.idle) > 0 {
		r.timer = time.AfterFunc(r.after-time.Since(r.idle[0].since), r.closeAged)
	}
}

// stop closes all. No view may run or follow.
func (r *readers) stop() (err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.timer != nil {
		r.timer.Stop()
	}
	for _, i := range r.idle {
		err = errors.Join(err, i.c.close())
	}
	r.idle = nil
	return err
}
