// Package jsonfile keeps a small state of the home in a file of JSON that only
// its owner can read: who may come in, who speaks to it in a chat.
//
//	Read   ─▶ stat ─▶ unchanged? what was read before : read anew
//	Change ─▶ lock ─▶ read ─▶ do ─▶ new file, fsync, rename, fsync of the folder
//
// The file is never written in place, so a reader sees one state or the next,
// and what Change returned for is there after a power cut.
package jsonfile
