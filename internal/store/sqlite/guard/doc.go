// Package guard keeps a board's WAL in place while a process that is not ours
// writes the board's file itself.
//
// Whoever closes a SQLite database last removes its WAL. A program that opens
// and closes the file beside its own connection loses its locks by that, is
// overlooked, and goes on writing into a file that was removed under it. The
// guard is one more lock of the kind that every connection holds:
//
//	database   1073741826 ─── SHARED, 510 bytes ─── 1073742335
//	              ▲                                    │
//	              guard: read lock of its own          │ to be the last one, a closing
//	              open file description                ▼ connection needs all of it
//	                                                refused: the WAL stays
//
// It hinders nobody who reads, writes or checkpoints in WAL mode. It cannot
// mend two writers that lost their locks on the -shm as well.
//
// A process that holds a guard has no SQLite in it; this package links none.
package guard
