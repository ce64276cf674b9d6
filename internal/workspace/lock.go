package workspace

import (
	"context"
	"sync"
)

// locks has one entry per key in use. It is the process's, not a Manager's,
// because several boards may work on one repository.
var locks = struct {
	sync.Mutex
	byKey map[string]*keyLock
}{byKey: map[string]*keyLock{}}

type keyLock struct {
	turn  chan struct{} // holds one value while the lock is taken
	users int
}

// lock waits for its turn on key, a path.
func lock(ctx context.Context, key string) (unlock func(), err error) {
	locks.Lock()
	l := locks.byKey[key]
	if l == nil {
		l = &keyLock{turn: make(chan struct{}, 1)}
		locks.byKey[key] = l
	}
	l.users++
	locks.Unlock()

	leave := func() {
		locks.Lock()
		defer locks.Unlock()
		if l.users--; l.users == 0 {
			delete(locks.byKey, key)
		}
	}
	select {
	case l.turn <- struct{}{}:
		return func() { <-l.turn; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, context.Cause(ctx)
	}
}
