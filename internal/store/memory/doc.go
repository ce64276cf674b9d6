// Package memory is the reference model of the store port: plain maps, one
// writer at a time, a new state for each commit. It is the oracle to which
// storetest compares the adapters, and a fast store for tests. Nothing of it
// survives the process.
package memory
