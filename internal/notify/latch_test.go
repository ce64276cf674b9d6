package notify_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/memory"
)

// latching is a store that can stop taking writes, and tells those who listen.
type latching struct {
	*memory.Store
	why     error
	changed chan struct{}
}

func (l *latching) Latched() error { return l.why }

func (l *latching) Changes() (<-chan struct{}, func()) { return l.changed, func() {} }

func (l *latching) stop(why error) {
	l.why = why
	l.changed <- struct{}{}
}

// TestG04_G20_ABoardThatTakesNoMoreWritesTellsSo to who hears of the whole board,
// past the outbox, and sends nothing else, since it could not note that.
func TestG04_G20_ABoardThatTakesNoMoreWritesTellsSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &latching{Store: memory.New(), changed: make(chan struct{}, 1)}
		b := newBoard("default", s)
		h := newHouse(t, b)
		ops, muted := &chat{next: []error{errors.New("down")}}, &chat{}
		lane, missing := &chat{}, &chat{}
		h.sinks["ops"], h.sinks["muted"], h.sinks["lane"] = ops, muted, lane
		for _, sub := range []store.Subscription{
			{Sink: "ops"}, {Sink: "muted"}, {Sink: "lane", Lane: "builder"}, {Sink: "later", Kinds: []kanban.EventKind{kanban.EvLatched}},
		} {
			if _, _, err := b.Subscribe(t.Context(), human, sub); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := b.Mute(t.Context(), human, store.Destination{Sink: "muted"}, store.Mute{}); err != nil {
			t.Fatal(err)
		}
		h.stop()
		finish(t, b, "waits")
		s.why = errors.New("no more writes to kanban.db: database disk image is malformed")
		h.start()
		synctest.Wait()
		h.configure("later", missing)
		pass(time.Hour)
		same(t, "ops", ops.log(), "default-1-latched-946684800:", "default-1-latched-946684800:")
		same(t, "who came later", missing.log(), "default-4-latched-946684800:")
		same(t, "muted, and of a lane", append(muted.log(), lane.log()...))
		same(t, "text", []string{ops.got[1].Text},
			"Board default takes no more writes: no more writes to kanban.db: database disk image is malformed. Once its file is sound: andon boards reopen default")
		if !ops.got[1].Attention {
			t.Error("nobody has to act")
		}

		s.stop(nil)
		synctest.Wait()
		same(t, "sound again", ops.log()[2:], "default-1-2: waits")
		s.stop(errors.New("again"))
		synctest.Wait()
		same(t, "once more", ops.log()[3:], "default-1-latched-946688400:")
	})
}
