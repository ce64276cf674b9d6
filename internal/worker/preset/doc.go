// Package preset knows the agent programs that lanes can run: how each is
// started without a terminal, and how to read what it streams meanwhile. It does
// no I/O and reads no clock; what it knows of a program is taken from that
// program's public documentation, named beside it, and checked on the real one
// by make lanes-real.
//
//	lane + task ─▶ Ask ─▶ Launch ─▶ argv, variables, files ─▶ the program
//	                                                             │ output
//	Report ◀─ Stream ◀──────────────────────────────────────────┘
//	session, usage, progress, last message, verdict;  Entry: a line for people
//
// The output of a worker is a stranger's text: a line that cannot be read is
// passed over, and none is kept whole.
package preset
