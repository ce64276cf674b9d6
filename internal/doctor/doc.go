// Package doctor judges what was found in a home: pure rules from facts to
// findings, each with the command that repairs it. Whoever hosts the rules
// gathers the facts and does the repairs.
//
//	facts ──▶ home  config  gateway  disk  boards  lanes  sinks  runs  leftovers ──▶ findings, worst first
package doctor
