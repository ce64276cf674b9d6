// Package diagnose finds what a person should look at: tasks that fail again
// and again, wait for nobody, or were told of work that does not exist.
//
//	task, parents, runs, events ─▶ rules ─▶ findings, the worst first, each with commands
//
// Judge is pure; Board brings it the rows of a board. Nothing here writes.
package diagnose
