// Package archtest holds the tests that keep the direction of imports, as
// docs/architecture.md draws it, and the rule that one binary has one SQLite.
package archtest
