//go:build linux || darwin

package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
)

// PoolOptions say how spares are started.
type PoolOptions struct {
	Command []string     // as in ["/usr/bin/andon", "supervise"]; it calls Supervise
	Dir     string       // <home>/andon/spares, of this pool only and on the file system of the run folders
	Size    int          // spares kept warm; 0 = each is started when it is taken
	Log     *slog.Logger // of what goes wrong in the background; nil = none
}

// Pool keeps supervisors warm: started, and waiting for an order.
type Pool struct {
	PoolOptions

	mu      sync.Mutex
	idle    []*Spare // oldest first
	filling bool
	closed  bool
	fill    sync.WaitGroup
}

// NewPool starts the first spares in the background. Close the pool.
func NewPool(o PoolOptions) *Pool {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	p := &Pool{PoolOptions: o}
	p.sweep()
	p.refill()
	return p
}

// Take returns a warm spare, or one started now. Start or Discard it.
func (p *Pool) Take(ctx context.Context) (*Spare, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for {
		s, err := p.pop()
		if err != nil {
			return nil, err
		}
		if s == nil {
			return p.launch()
		}
		if s.alive() {
			return s, nil
		}
		s.Discard()
	}
}

func (p *Pool) pop() (*Spare, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errors.New("the pool of supervisors is closed")
	}
	if len(p.idle) == 0 {
		return nil, nil
	}
	s := p.idle[0]
	p.idle = p.idle[1:]
	return s, nil
}

// refill starts what is missing in the background. It is called when a spare
// was given its order, not when it was taken: the fork would delay the run.
func (p *Pool) refill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.filling || len(p.idle) >= p.Size {
		return
	}
	p.filling = true
	p.fill.Go(func() {
		for {
			s, err := p.launch()
			if err == nil {
				err = s.awaitReady()
			}
			kept, more := p.keep(s, err)
			if !kept && s != nil {
				s.dismiss()
			}
			if !more {
				return
			}
		}
	})
}

// keep puts a new spare away, and reports whether it did and whether another
// one is missing. After an error the next Take tries, and reports it.
func (p *Pool) keep(s *Spare, err error) (kept, more bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
	case err != nil:
		p.Log.Warn("no warm supervisor", "error", err)
	default:
		p.idle = append(p.idle, s)
		kept, more = true, len(p.idle) < p.Size
	}
	p.filling = more
	return kept, more
}

// Close ends the idle spares; those taken are not touched.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	p.fill.Wait()
	for _, s := range idle {
		s.dismiss()
	}
}

// sweep removes the lock files that killed spares left.
func (p *Pool) sweep() {
	old, _ := filepath.Glob(filepath.Join(p.Dir, "*"+spareSuffix))
	for _, path := range old {
		alive, err := locked(path)
		if err == nil && !alive {
			err = os.Remove(path)
		}
		if err != nil {
			p.Log.Warn("old spare", "error", fmt.Errorf("%s: %w", path, err))
		}
	}
}
