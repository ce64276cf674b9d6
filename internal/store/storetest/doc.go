// Package storetest is the conformance suite of the store port. Every adapter
// runs it:
//
//	func TestStore(t *testing.T) { storetest.Run(t, open) }
//
// It has one test per promise, and a model test that runs random sequences of
// operations on the adapter and on memory in lockstep and wants equal answers.
// Both must be open to nobody else meanwhile.
package storetest
