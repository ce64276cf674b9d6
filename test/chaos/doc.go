// Package chaos breaks what can be broken while people, programs and workers
// use a home, and then looks for what was lost: `make chaos DURATION=60s`.
//
//	schedule (seed) ──▶ strikes: kill, stop, leap, fill the disk ...
//	                       │
//	CLI, API clients ──▶ home: gateway, supervisors, workers ──▶ webhook, followers
//	   │                   │                                         │
//	 ledger ──────────▶ comparison after every death of the gateway, and at the end
//	                       │
//	                    sentinels look at /proc all the time
//
// Every write that was acknowledged stands in a ledger outside the database.
// The seed is printed; -seed replays the schedule, though not the scheduler's.
package chaos
