package gateway

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
)

// TestAPIComesBack: when the part that serves the API is started again, it
// listens again.
func TestAPIComesBack(t *testing.T) {
	home := t.TempDir()
	p, err := config.PathsOf(home, func(string) string { return "/tmp" })
	check(t, err)
	l, err := takeLock(p, "test")
	check(t, err)
	defer l.release()
	a, err := newApp(Options{Home: home}, p, config.Defaults(), false)
	check(t, err)
	defer a.Close()
	g := &gateway{app: a}
	check(t, g.compose())
	defer g.pool.Close()
	defer g.feeds.Close()
	defer g.dispatcher.Close()
	g.listener, err = g.listen()
	check(t, err)
	check(t, g.listener.Close())
	if err := g.serveAPI(t.Context()); err == nil {
		t.Fatal("it serves on a closed socket")
	}
	ctx, cancel := context.WithCancel(t.Context())
	g.listener, err = g.listen()
	check(t, err)
	var served sync.WaitGroup
	defer served.Wait()
	defer cancel()
	served.Go(func() { _ = g.serveAPI(ctx) })
	c, err := client.Dial("unix:"+p.Socket, client.Options{})
	check(t, err)
	_, err = c.Health(t.Context())
	check(t, err)
}

// TestConfigBeforeTheWatch: what is written between the reading of andon.yaml
// and the beginning of its watch is in force.
func TestConfigBeforeTheWatch(t *testing.T) {
	home := t.TempDir()
	p, err := config.PathsOf(home, func(string) string { return "/tmp" })
	check(t, err)
	a, err := newApp(Options{Home: home}, p, config.Defaults(), false)
	check(t, err)
	defer a.Close()
	g := &gateway{app: a}
	check(t, g.compose())
	defer g.pool.Close()
	defer g.feeds.Close()
	defer g.dispatcher.Close()
	check(t, os.WriteFile(p.Config, []byte("dispatch: {max_parallel: 7}\n"), 0o600))
	over, cancel := context.WithCancel(t.Context())
	cancel() // it looks once
	if err := g.watchConfig(over); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if n := g.config.Load().Dispatch.MaxParallel; n != 7 {
		t.Errorf("max_parallel is %d", n)
	}
}

// TestAFreeAddressIsTakenAtOnce: the address that a dashboard is to be opened on
// cannot go to another gateway before it is open.
func TestAFreeAddressIsTakenAtOnce(t *testing.T) {
	p, err := config.PathsOf(t.TempDir(), func(string) string { return "/tmp" })
	check(t, err)
	a, err := newApp(Options{Home: p.Home}, p, config.Defaults(), false)
	check(t, err)
	defer a.Close()
	g := &gateway{app: a, meters: &meters{}}
	g.door = newDoor(g)
	c, l, err := g.free()
	check(t, err)
	if other, err := net.Listen("tcp", c.Listen); err == nil {
		t.Error("another one can listen on", other.Addr(), other.Close())
	}
	url, err := g.door.set(func() (config.API, net.Listener, error) { return c, l, nil })
	check(t, err)
	defer g.door.close()
	if want := "http://" + c.Listen; url != want {
		t.Errorf("it is open on %s, want %s", url, want)
	}
}

// TestAskingForTheOwnerKeepsNobodyOut: any number of questions never look like a
// gateway that runs.
func TestAskingForTheOwnerKeepsNobodyOut(t *testing.T) {
	home := t.TempDir()
	p, err := config.PathsOf(home, func(string) string { return "/tmp" })
	check(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	var asking sync.WaitGroup
	for range 3 {
		asking.Go(func() {
			for ctx.Err() == nil {
				if _, _, err := Owner(home); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for ctx.Err() == nil {
		l, err := takeLock(p, "test")
		if err != nil {
			t.Error(err)
			break
		}
		l.release()
	}
	cancel()
	asking.Wait()
}

// TestG13_AKilledOwnerIsWaitedFor: it holds the lock for a moment longer, and
// nothing tells it from one that goes on.
func TestG13_AKilledOwnerIsWaitedFor(t *testing.T) {
	p, err := config.PathsOf(t.TempDir(), func(string) string { return "/tmp" })
	check(t, err)
	killed, err := takeLock(p, "test")
	check(t, err)
	time.AfterFunc(50*time.Millisecond, func() { killed.dir.Close() }) // its record stays
	l, err := takeLock(p, "test")
	check(t, err)
	defer l.release()
	if _, err := takeLock(p, "test"); kanban.CodeOf(err) != kanban.Conflict {
		t.Errorf("beside one that lives: %v", err)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
