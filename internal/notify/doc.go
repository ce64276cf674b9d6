// Package notify brings events to whoever subscribed: at least once, in order
// within a subscription, and without one destination delaying another.
//
// A use case writes the event and a delivery per subscription in one
// transaction (the outbox). The pump takes it from there:
//
//	commit ─▶ store.Changes ─▶ desk, one per board ◀─ timer for the earliest NextAt
//	                             │  heads of the queues: which are due?
//	                             ▼
//	                           queue, one goroutine per subscription with work
//	                             │  compose ─▶ Sink.Send ─▶ board.Note
//	                             ▼
//	      pending ── sent ───────────────────────────▶ delivered
//	        │  ▲ └── permanent error, or a day of others ─▶ parked ── retry by hand ─▶ pending
//	        └──┘ temporary error: again after a pause
//
// Whoever is killed between Send and Note sends again after the restart; both
// messages carry the same Key. Each kind of sink has a folder of its own.
package notify
