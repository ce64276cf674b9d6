// Package output renders what commands print: one value or a list, for people
// or for programs. A command hands over the value and a function that draws it
// for people; the rest is decided here, once.
//
//	value ──▶ Printer ──▶ table   the command's own drawing
//	                 ├──▶ json    one document; a list is {"items":[],"next":""}
//	                 ├──▶ jsonl   one line per item
//	                 ├──▶ yaml    as json
//	                 └──▶ name    the ids, one a line; also with --quiet
package output
