// Package config is andon.yaml: its schema, its defaults and its strict
// reader, and the place of everything that Andon keeps in a home.
//
// The schema is written as data (schema.go, lane.go): each key names the reader
// of its value, so that a key is known, ranged and documented in one line.
// Reading goes over the syntax tree and not over reflection, for two reasons:
// every problem of a file is told at once, each with its line and column; and a
// value is taken as it is written (an argument 010 stays 010).
//
//	bytes ──▶ syntax tree ──▶ readers of the schema ──▶ Config
//	                              │
//	                              └─▶ problems, sorted ──▶ one invalid error
package config
