// Package standin holds loopback servers that stand in for the model behind an
// agent program, so that the real program can be run without an account: in
// tests, in recordings and in a demonstration.
//
//	agent program ── its provider's API ──▶ Handler ── Request ──▶ Script ──▶ Turn
//
// A script sees what a model would see and answers with one turn: a text, or a
// call of one of the tools that were offered. It keeps no state of its own: how
// far a conversation got stands in the conversation, so a program that was
// killed and resumed goes on where it was.
package standin
