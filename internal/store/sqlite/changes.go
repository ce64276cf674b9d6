package sqlite

import (
	"sync"
	"sync/atomic"
)

// changes tells listeners of commits. Each has a channel of one: what it has
// not fetched yet stands for everything since.
type changes struct {
	mu        sync.Mutex
	listeners map[chan struct{}]struct{}
	foreign   atomic.Uint64 // commits of others that were noticed
}

func (c *changes) subscribe() (<-chan struct{}, func()) {
	ch := make(chan struct{}, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.listeners == nil {
		c.listeners = map[chan struct{}]struct{}{}
	}
	c.listeners[ch] = struct{}{}
	return ch, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.listeners, ch)
	}
}

// signal tells all listeners that something was committed.
func (c *changes) signal() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for ch := range c.listeners {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}
