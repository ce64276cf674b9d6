// Package walls confines a worker to what its run needs: its workspace, the
// files of its run, the gateway's socket, and what its lane lists. Everything
// else of the user's, the home above all, is out of its reach.
//
//	Choose ──▶ Plan ──▶ Wrap ──▶ bwrap ... ──▶ andon confine ──▶ the worker
//	              │                                 ▲
//	              └── Landlock ─────────────────────┘ confines itself
//
// Bubblewrap shows the worker a file system in which nothing else exists, and
// gives it process numbers of its own: it sees no process but those of its run,
// and when its supervisor ends, the kernel ends all of them. Landlock, which
// needs no program and no namespaces, denies opening what is not listed; names
// and sizes of hidden files can still be asked for, and sockets that have a
// path can be connected to.
//
// A network that is proxied is bubblewrap's, with nothing in it; the supervisor
// is handed a socket that listens there and serves it (package proxy).
//
// A wall that was asked for and cannot be had is an error, never left out.
package walls
