// Package store is the port behind which boards are kept. An adapter must pass
// storetest; only gateway and cli choose one.
//
// A board's Store runs two kinds of transaction: View on a snapshot, Update
// with exclusive writes. Everything that a use case changes, its events and its
// outbox rows included, is one Update. Rules stand in board and kanban, not
// here: an adapter finds and keeps rows.
package store
