// Package neighbours lets programs that are not ours do their worst beside a
// board, and then looks for what was lost:
//
//	              ┌─ clients, the command line     acknowledged ─▶ ledger, outside the database
//	board ◀───────┤
//	  ▲           └─ Debian's sqlite3, Python      acknowledged ─▶ ledger
//	  │ open, read, close: inside the process that holds it, and beside it
//	  └ cp, chmod, .backup, mv, two gateways at once, an upgrade under way
//
// `make neighbours DURATION=60s` lets each storm last longer. The control, a
// module of its own, is the same storm around a SQLite with POSIX locks. It has
// to lose commits: a check that cannot fail proves nothing.
package neighbours
