// Package notify brings events to whoever subscribed: at least once, in order
// at each destination, and without one destination delaying another.
//
// A use case writes the event and a delivery per destination in one
// transaction (the outbox). The pump takes it from there:
//
//	commit ─▶ store.Changes ─▶ desk, one per board ◀─ timer for the earliest NextAt
//	                             │  heads of the queues: which are due?
//	                             ▼
//	                           queue, one goroutine per destination with work
//	                             │  board.Bind ─▶ compose ─▶ Sink.Send ─▶ board.Note
//	                             ▼
//	      pending ── sent ───────────────────────────▶ delivered
//	        │  ▲ └── permanent error, or a day of others ─▶ parked ── retry by hand ─▶ pending
//	        └──┘ temporary error: again after a pause
//
// Whoever is killed between Send and Note sends again after the restart; both
// messages carry the same Key. What becomes one digest is settled before it is
// sent, so a digest that is sent again is the same. The home's lock is the lease
// of a delivery: one pump at a time serves its boards.
//
// A board that takes no more writes tells so past its outbox. Each kind of sink
// has a folder of its own.
package notify
