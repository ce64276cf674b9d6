// Package policy holds the rules of retry: which endings of a run cost an
// attempt, when the breaker opens, how long to wait in between, and whether a
// cap leaves room. It is pure: the caller brings the time and the dice.
package policy
