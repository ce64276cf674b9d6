// Package chaos kills what can be killed while people and workers use a home,
// and then looks for what was lost: `make chaos DURATION=60s`. Every write that
// was acknowledged stands in a ledger outside the database.
//
// The seed is printed; -seed replays the order of the kills, though not the
// scheduler's.
package chaos
