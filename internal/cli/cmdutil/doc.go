// Package cmdutil is what all commands share: the global flags, the way in, the
// names of boards and tasks, and how results and errors are printed.
//
// The way in (connect.go):
//
//	--server ─▶ --home's socket ─▶ ANDON_SERVER ─▶ socket of ANDON_HOME or ~/.andon
//	                 │                                   │
//	                 └───────────── nobody listens ──────┘
//	                                     │
//	          a gateway owns the home ───┴─── nobody does
//	             wait 2 s, exit 7        inside a run: exit 7
//	                                     else: the same API in this process
package cmdutil
