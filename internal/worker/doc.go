// Package worker owns processes: it starts the worker of a run under a
// supervisor, names processes so that no other one is ever signalled, captures
// output, and ends process trees with proof that they are gone. It knows
// neither boards nor stores; what it says about a run stands in the run's
// folder, for whichever gateway reads it.
//
// # The life of a supervisor
//
//	Pool.launch                                     Spare.Start          gateway
//	   │ lock, pipe                                    │ order, "go"
//	───┼───────────────────────────────────────────────┼─────────────────────────
//	   ▼                                               ▼              supervisor
//	 spare: subreaper, own session, ──────────▶ run: lock ▶ runs/ID/lock,
//	 hears signals, waits                        tree made, hooks before
//	   │                                               │            ╲ one fails
//	   │ end of file before "go":                      ▼             ╲
//	   ▼ never started                           worker runs          ╲
//	 lock file removed, exit 0                   (worker.json)         ╲
//	                                                   │                │
//	      its main process ends ───────────────────────┤ exited         │
//	      Order.Timeout passes ─────── TERM at once ───┤ timed_out      │
//	      Stop (SIGTERM) ───────────── TERM at once ───┤ stopped        │
//	      Finish (SIGUSR1) ─── TERM after StopGrace ───┤                │
//	                                                   ▼                ▼ spawn_failed
//	                                             hooks after, while the rest of the tree
//	                                             lingers, gets TERM, then KILL
//	                                                   │
//	                                                   ▼ wait4 says ECHILD: nothing is left
//	                                             exit.json, durable; exit; the lock is free
//
// A run that was handed in is verified by a second supervisor: its order has
// Checks instead of a worker, a folder of its own, runs/ID.verify, and goes on
// with the log of the run.
//
// After "go" the gateway may die and come back: it adopts the supervisor by
// its recorded Identity, or reads exit.json. A supervisor that was killed
// leaves a free lock and no exit.json; then KillTree must clear the run before
// anything else may be started for its task.
//
// Deadlines are running time (CLOCK_MONOTONIC): a suspended machine does not
// count.
//
// # How a tree is found, and where that ends
//
// As long as its supervisor lives, everything is below it: a subreaper becomes
// the parent of whatever daemonises. Once it was killed, processes are found by
// the descriptor of runs/ID/tree that all of them inherit, by ANDON_CONTEXT in
// the environment they were started with, by the recorded identity of the
// worker, and by descent from those. A process escapes the second search if it
// closed that descriptor, cleared its environment and lost its parents, or if
// it runs as another user who may not be looked at.
//
// What another service starts on a worker's behalf was never below it and
// carries no mark: docker and podman with a daemon, systemd-run, at, cron, an
// existing tmux server, ssh to localhost. Walls around the run end most of that
// (Order.Walls, package walls): behind bubblewrap, what was started is in a pid
// namespace that the kernel ends with the supervisor. What is in the run's cgroup
// (Order.Group) is found there, whatever it hid.
//
// On darwin there is no subreaper and no pidfd, and descriptors of others
// cannot be read: the tree is what is below the supervisor, in the worker's
// session, or carries the environment; identities are checked just before a
// signal. Other systems are not supported.
package worker
