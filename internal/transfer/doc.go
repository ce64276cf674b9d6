// Package transfer turns a board into a stream of lines and a stream into a new
// board. docs/export-format.md describes the stream.
//
//	board ─▶ one snapshot, row by row ─▶ header, rows, trailer (counts, SHA-256)
//	stream ─▶ header checked ─▶ put aside, each line checked ─▶ contents kept ─▶ rows put ─▶ a board, or none
//
// A row has the fields of its type in kanban or store, so that none can be
// forgotten: the conversions between them fail to compile. What belongs to a
// host or opens a door is left out: tokens and locks of claims, answers to
// operation ids, what subscriptions of other programs remember.
package transfer
