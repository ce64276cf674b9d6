// Package dispatch starts the right worker for each task the moment it is
// runnable, and sees every run to its end.
//
//	commit, nudge,      ┌──────────────────────── pass ─────────────────────────┐
//	end of a run, ────▶ │ boards ▶ tend: follow, wake, expire ▶ claim and start │ ──▶ timer for the
//	deadline            └────────────────────────────────────────────────────────┘     next deadline
//
//	claim ▶ workspace ▶ go ▶ ┌ watch: deadline of the lease, stall, end in the database ┐
//	                         └ supervisor gone ▶ exit known? else kill what is left     ┘
//	                             ▶ end the run ▶ keep its work ▶ settle ▶ next pass
//
// One loop claims, one task of each board in turn, so what spans boards (home,
// lanes, accounts) is counted just before each claim. A board that fails rests
// and says so on its tasks; the others go on.
//
// Each run has a goroutine that only watches. It counts until it is settled:
// whatever resists is tried again. A gateway that restarts adopts every run whose
// supervisor it finds in the rows, so there is one path for new runs and old
// ones. Nothing here polls, talks to a network or calls a model.
package dispatch
