// Package gateway is the composition root of the daemon, and of the same API
// without one.
//
//	Run ── lock on <home>/andon, for life
//	 ├─ api         unix socket, the caller known by its process
//	 ├─ dispatcher  claims, starts and watches runs
//	 ├─ notifier    delivers the outbox
//	 ├─ sentinel    watches that the boards' files and locks are what they were
//	 ├─ config      reloads andon.yaml on change and on SIGHUP
//	 ├─ tender      retention, once a day
//	 └─ backups     copies of the boards, as andon.yaml says
//
// Each part is supervised: one that panics is started again, the others go on.
// Workers are nobody's part: they outlive the gateway and are adopted by the
// next one.
package gateway
