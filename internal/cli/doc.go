// Package cli is the command line. Each command is a folder named as it is
// typed (task/create is andon add, boards/ is andon boards ...), with a New
// that parses and a function that acts; verbs that differ in a name only share
// a table. All of them are clients of the HTTP API and of nothing else.
//
//	Main ─▶ NewRoot ─▶ task/create.New ─▶ parse ─▶ act ─▶ client ─▶ gateway's socket
//	  │                                             │           └─▶ the same handler in this process
//	  └── exit status, error and hint (exit) ◀──────┴─▶ result (output)
package cli
