// Package dispatch starts the right worker for each task the moment it is
// runnable, and sees every run to its end.
//
//	commit, nudge,      ┌──────────────────────── pass ────────────────────────┐
//	end of a run, ────▶ │ refresh boards ▶ adopt ▶ finish ▶ wake ▶ claim, start │ ──▶ timer for the
//	deadline            └───────────────────────────────────────────────────────┘     next deadline
//
//	claim ▶ workspace ▶ go ▶ ┌ watch: deadline of the lease, stall, end in the database ┐
//	                         └ supervisor gone ▶ exit known? else kill what is left     ┘
//	                             ▶ end the run ▶ keep its work ▶ settle ▶ next pass
//
// One loop claims, so what spans boards (home, lanes, accounts) is reserved
// without a lock. Each run has a goroutine that only watches; a gateway that
// restarts adopts every run whose supervisor it finds in the rows, so there is
// one path for new runs and old ones. Nothing here polls, talks to a network or
// calls a model.
package dispatch
