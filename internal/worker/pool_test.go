//go:build linux || darwin

package worker

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestPoolKeepsSparesWarm(t *testing.T) {
	t.Parallel()
	pool := newTestPool(t, 2)
	pool.fill.Wait()
	spare, err := pool.Take(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-spare.ready:
	default:
		t.Error("the spare is cold")
	}
	spare.Discard()
	pool.fill.Wait()
	if len(pool.idle) != 2 {
		t.Errorf("%d idle spares", len(pool.idle))
	}
}

func TestPoolDoesNotHandOutTheDead(t *testing.T) {
	t.Parallel()
	pool := newTestPool(t, 1)
	pool.fill.Wait()
	victim := pool.idle[0]
	if err := signalOne(victim.Identity(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	wait(t, victim.ended, "the end of the spare")
	spare, err := pool.Take(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer spare.Discard()
	if spare == victim || !spare.Identity().Alive() {
		t.Error("got a dead spare")
	}
}

func TestOrderForASpareThatDiedIsAnError(t *testing.T) {
	t.Parallel()
	r := newRun(t, "true")
	spare, err := newTestPool(t, 0).Take(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := spare.awaitReady(); err != nil {
		t.Fatal(err)
	}
	if err := signalOne(spare.Identity(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	wait(t, spare.ended, "the end of the spare")
	if _, err := spare.Start(r.order); err == nil {
		t.Error("no error")
	}
	if begun, err := Begun(r.dir); err != nil || begun {
		t.Errorf("begun %v, %v", begun, err)
	}
}

func TestPoolSaysWhyItCannotStart(t *testing.T) {
	t.Parallel()
	pool := NewPool(PoolOptions{Command: []string{"/no/such/andon", "supervise"}, Dir: filepath.Join(t.TempDir(), "spares"), Size: 1})
	defer pool.Close()
	_, err := pool.Take(context.Background())
	if err == nil || !strings.Contains(err.Error(), "/no/such/andon") {
		t.Errorf("got %v", err)
	}
	pool.fill.Wait()
	if left, err := os.ReadDir(pool.Dir); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestPoolSweepsLocksOfTheDeadOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	dead, held := filepath.Join(dir, "dead.lock"), filepath.Join(dir, "held.lock")
	for _, path := range []string{dead, held} {
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if path != held {
			continue
		}
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
			t.Fatal(err)
		}
	}
	NewPool(PoolOptions{Dir: dir}).Close()
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) != 1 || left[0] != held {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestClosedPoolLeavesNothing(t *testing.T) {
	t.Parallel()
	pool := newTestPool(t, 2)
	pool.Close()
	if _, err := pool.Take(context.Background()); err == nil {
		t.Error("a closed pool gave a spare")
	}
	if left, err := os.ReadDir(pool.Dir); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}
