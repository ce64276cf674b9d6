// Package kanban is the domain: tasks, runs, links, events, and the rules by
// which a status changes. It does no I/O, reads no clock and starts no
// goroutine, so that every rule can be tested as a table.
//
//	        promote         promote         claim          complete
//	triage ────────▶ todo ─────────▶ ready ───────▶ running ────────▶ done
//	                  ▲  ◀───────── ▲ ▲ ▲           │ │ │ │            │ reopen
//	                  │    demote   │ │ └─── fail ──┘ │ │ │            ▼
//	                  │             │ │    release    │ │ │      ready or todo
//	        wake, unblock (waits)   │ └── reject ── review ── approve ▶ done
//	                  │             │                 │ │
//	             scheduled ── wake ─┘                 │ └─ schedule ▶ scheduled
//	                                                  │
//	             blocked ◀── block, stop, fail (breaker) ┘
//	                └── unblock (a human) ──▶ ready, or todo while a parent is open
//
//	any that is open ── drop ▶ archived (a failure that it was for did not come about, or a verdict that is not needed)
//	any but archived ── archive, cancel ▶ archived ── unarchive ▶ where it was
//
// The table in transitions.go is the only place that says how a status changes.
package kanban
