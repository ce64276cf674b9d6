// Package simulate plays nights: hours of a whole home in milliseconds, with
// everything going wrong that can, in one deterministic process.
//
//	         ┌────────────── one caller is let go, chosen by the seed ──────────────┐
//	         ▼                                                                      │
//	dispatcher, watchers, use cases ──▶ gate before each call of store and machine ─┤ quiet: check every
//	workers, people, terminals ───────▶ gate before each step ──────────────────────┤ guarantee, go on
//	nothing is at a gate ─────────────▶ time passes to the next timer or event ─────┘
//
// Dispatcher, board, policy and the store in memory are the product's. Clock,
// randomness, process table, run folders and faults are the night's. Whoever is
// about to call out waits at a gate; once all are quiet (testing/synctest) the
// seed picks one of them. So a seed is one order of everything, and plays again:
//
//	make simulate NIGHTS=1000 SEED=0    nights 0 to 999
//	make simulate NIGHTS=1 SEED=4711    one of them again, with its log if it is bad
//
// A killed gateway is one whose callers are never let go again: what was not
// committed is gone, and the next one finds store, processes and folders.
package simulate
