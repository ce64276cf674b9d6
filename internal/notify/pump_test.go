package notify_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/notify"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/memory"
)

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestG20_FailuresAreTriedAgainInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard("default", memory.New())
		h := newHouse(t, b)
		d := newDestination(t, status(500), status(502))
		h.sinks["ops"] = d.sink
		subscribe(t, b, "ops")
		finish(t, b, "first")
		finish(t, b, "second")
		synctest.Wait()
		same(t, "at once", d.log(), "first at 0s")
		same(t, "waiting", deliveries(t, b, store.Pending),
			"event 2, 1 tries: destination.test answered 500 Internal Server Error", "event 4, 0 tries")

		pass(time.Minute)
		same(t, "arrived", d.log(), "first at 0s", "first at 1s", "first at 3s", "second at 3s")
		same(t, "keys", d.keys(), "default-1-2", "default-1-2", "default-1-2", "default-1-4")
		same(t, "delivered", deliveries(t, b, store.Delivered), "event 2, 3 tries", "event 4, 1 tries")
	})
}

func TestG20_RetryAfterIsObeyed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard("default", memory.New())
		h := newHouse(t, b)
		d := newDestination(t, status(http.StatusTooManyRequests, "Retry-After", "120"))
		h.sinks["ops"] = d.sink
		subscribe(t, b, "ops")
		finish(t, b, "limited")
		pass(time.Hour)
		same(t, "arrived", d.log(), "limited at 0s", "limited at 2m0s")
	})
}

func TestG20_APermanentErrorIsParkedAndHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard("default", memory.New())
		h := newHouse(t, b)
		d := newDestination(t, status(404))
		h.sinks["ops"] = d.sink
		subscribe(t, b, "ops")
		finish(t, b, "first")
		finish(t, b, "second")
		synctest.Wait()
		same(t, "parked", deliveries(t, b, store.Parked), "event 2, 1 tries: destination.test answered 404 Not Found")
		same(t, "delivered", deliveries(t, b, store.Delivered), "event 4, 1 tries")

		if _, err := b.RetryParked(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		same(t, "arrived", d.log(), "first at 0s", "second at 0s", "first at 0s")
		same(t, "still parked", deliveries(t, b, store.Parked))
	})
}

func TestG20_RetryAfterHoldsWhatIsRetriedByHandToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard("default", memory.New())
		h := newHouse(t, b)
		d := newDestination(t, status(404), status(503, "Retry-After", "3600"))
		h.sinks["ops"] = d.sink
		subscribe(t, b, "ops")
		finish(t, b, "first")
		finish(t, b, "second")
		pass(time.Minute)
		if _, err := b.RetryParked(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		pass(24 * time.Hour)
		same(t, "arrived", d.log(), "first at 0s", "second at 0s", "first at 1h0m0s", "second at 1h0m0s")
	})
}

func TestG20_ADeadDestinationDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard("default", memory.New())
		h := newHouse(t, b)
		dead, live := newDestination(t, hang, hang), newDestination(t)
		h.sinks["dead"], h.sinks["live"] = dead.sink, live.sink
		subscribe(t, b, "dead")
		subscribe(t, b, "live")
		for i := range 3 {
			finish(t, b, fmt.Sprint("task ", i))
			synctest.Wait()
		}
		same(t, "live", live.log(), "task 0 at 0s", "task 1 at 0s", "task 2 at 0s")

		pass(time.Hour)
		same(t, "dead", dead.log(),
			"task 0 at 0s", "task 0 at 11s", "task 0 at 23s", "task 1 at 23s", "task 2 at 23s")
		same(t, "waiting", deliveries(t, b, store.Pending))
	})
}

func TestG20_KilledBetweenSendAndNote(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := newFaulty()
		b := newBoard("default", disk)
		h := newHouse(t, b)
		d := newDestination(t)
		h.sinks["ops"] = d.sink
		subscribe(t, b, "ops")
		h.stop()
		finish(t, b, "once")

		disk.fail.Store(1 << 40) // nothing that this process does is kept any more
		h.start()
		synctest.Wait()
		h.stop()
		same(t, "before", d.keys(), "default-1-2")

		disk.fail.Store(0)
		h.start()
		synctest.Wait()
		same(t, "after the restart", d.keys(), "default-1-2", "default-1-2")
		same(t, "delivered", deliveries(t, b, store.Delivered), "event 2, 1 tries")
	})
}

func TestG20_ABoardThatCannotWriteMakesNoDuplicates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := newFaulty()
		b := newBoard("default", disk)
		h := newHouse(t, b)
		d := newDestination(t, func(w http.ResponseWriter, _ *http.Request) { disk.fail.Store(3) })
		h.sinks["ops"] = d.sink
		subscribe(t, b, "ops")
		finish(t, b, "once")
		pass(time.Minute)
		same(t, "arrived", d.log(), "once at 0s")
		same(t, "delivered", deliveries(t, b, store.Delivered), "event 2, 1 tries")
	})
}

func TestG20_AMissingSinkKeepsItsMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard("default", memory.New())
		h := newHouse(t, b)
		subscribe(t, b, "later")
		finish(t, b, "early")
		synctest.Wait()
		same(t, "waiting", deliveries(t, b, store.Pending), "event 2, 0 tries: there is no sink later in andon.yaml")

		d := newDestination(t)
		h.sinks["later"] = d.sink
		h.pump.Nudge()
		synctest.Wait()
		same(t, "arrived", d.log(), "early at 0s")
	})
}

func TestG20_NewBoardsAreServedAndOldOnesLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		d := newDestination(t)
		h.sinks["ops"] = d.sink
		b := newBoard("release", memory.New())
		subscribe(t, b, "ops")
		finish(t, b, "first")
		synctest.Wait()
		same(t, "unknown board", d.keys())

		h.boards = []*board.Board{b}
		h.pump.Nudge()
		synctest.Wait()
		same(t, "new board", d.keys(), "release-1-2")

		h.boards = nil
		h.pump.Nudge()
		synctest.Wait()
		finish(t, b, "second")
		synctest.Wait()
		same(t, "archived board", d.keys(), "release-1-2")
	})
}

func TestG20_ASinkThatPanicsFailsItsDeliveryOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard("default", memory.New())
		h := newHouse(t, b)
		d := newDestination(t)
		h.sinks["good"] = d.sink
		h.sinks["bad"] = sinkFunc(func(context.Context, notify.Message) error { panic("hush") })
		subscribe(t, b, "bad")
		subscribe(t, b, "good")
		finish(t, b, "told")
		synctest.Wait()
		same(t, "good", d.log(), "told at 0s")
		same(t, "bad", deliveries(t, b, store.Pending), "event 2, 1 tries: the sink panicked; the log of the gateway tells where")
	})
}

func TestG20_GivenUpAfterADayWithAllThatWaitedBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard("default", memory.New())
		h := newHouse(t, b)
		tries := 0
		h.sinks["ops"] = sinkFunc(func(context.Context, notify.Message) error {
			tries++
			return errors.New("down")
		})
		subscribe(t, b, "ops")
		finish(t, b, "first")
		finish(t, b, "behind")
		pass(20 * time.Hour)
		same(t, "after 20 hours", deliveries(t, b, store.Parked))
		finish(t, b, "young")
		pass(16 * time.Hour)
		same(t, "after 36 hours", deliveries(t, b, store.Parked),
			"event 2, 44 tries: given up after 44 attempts: down",
			"event 4, 0 tries: waited a day for a destination that does not answer: given up after 44 attempts: down")
		if young := deliveries(t, b, store.Pending); len(young) != 1 || tries <= 44 {
			t.Errorf("after %d tries pending: %q", tries, young)
		}
	})
}

func TestAnInterruptedSendIsNoAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard("default", memory.New())
		h := newHouse(t, b)
		d := newDestination(t, hang)
		h.sinks["ops"] = d.sink
		subscribe(t, b, "ops")
		finish(t, b, "stopped")
		pass(time.Second)
		h.stop()
		same(t, "pending", deliveries(t, b, store.Pending), "event 2, 0 tries")
	})
}

func TestUnsubscribedIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard("default", memory.New())
		h := newHouse(t, b)
		d := newDestination(t)
		h.sinks["ops"] = d.sink
		sub := subscribe(t, b, "ops")
		d.answers(func(w http.ResponseWriter, r *http.Request) {
			if err := b.Unsubscribe(r.Context(), sub.ID); err != nil {
				t.Error(err)
			}
			w.WriteHeader(500)
		})
		finish(t, b, "told too late")
		pass(24 * time.Hour)
		same(t, "arrived", d.log(), "told too late at 0s")
	})
}

func TestADeletedTaskIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard("default", memory.New())
		h := newHouse(t, b)
		h.stop()
		var texts []string
		h.sinks["ops"] = sinkFunc(func(_ context.Context, m notify.Message) error {
			texts = append(texts, m.Text)
			return nil
		})
		if _, _, err := b.Subscribe(t.Context(), human, store.Subscription{Sink: "ops", Kinds: []kanban.EventKind{kanban.EvCompleted, kanban.EvDeleted}}); err != nil {
			t.Fatal(err)
		}
		made, err := b.Create(t.Context(), human, board.NewTask{Title: "gone"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Complete(t.Context(), human, kanban.Lease{Task: made.Task.ID}, kanban.Handoff{Summary: "good"}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Delete(t.Context(), human, made.Task.ID, false); err != nil {
			t.Fatal(err)
		}
		h.start()
		synctest.Wait()
		same(t, "texts", texts, made.Task.ID+` "gone" is done, by ada: good. See it: andon show `+made.Task.ID, made.Task.ID+` "gone" was deleted, by ada.`)
	})
}
