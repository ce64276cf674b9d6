// Package archtest holds the tests that keep the direction of imports, as
// docs/architecture.md draws it, the rule that one binary has one SQLite, and
// that docs/guarantees.md says of each promise whether there is a proof.
package archtest
