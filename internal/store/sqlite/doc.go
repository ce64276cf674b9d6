// Package sqlite keeps each board in one SQLite file, which it opens in place
// whether Andon or the reference system made it. No other package may name a
// database's path: whoever opens and closes such a file beside SQLite can take
// its locks away, and has corrupted boards that way.
//
//	Home ── Open(slug) ──▶ board (store.Store) ── reader, tx   what rows mean
//	 │                       │
//	 │ folders, board.json,  ▼
//	 │ state.db, locks     database ── writer    one connection, group commit
//	 │                       │     ├── readers   up to 4, on demand
//	 │                       │     ├── changes   who hears of commits
//	 │                       │     └── latch     the first sign of damage ends writing
//	 └ watcher, sentinel     ▼
//	                       conn ── openConn, the one way to a connection
//
// A file is made beside its place and moved there complete (newFile), and its
// schema grows by a ladder of steps (migrate). Three locks are taken, always in
// this order: boards.lock of the home, the sidecar of one database, and
// SQLite's own.
package sqlite
