// Package slack is a loopback server that speaks Slack's Web API and Socket Mode
// as documented at https://docs.slack.dev, well enough for a client library to
// work against it unmodified. Nothing leaves the machine.
//
//	client ── /api/<method> ─────────▶ Server ◀── Say, Press, Command, Fail ... ── test
//	client ◀─ envelopes, acks (/link) ─▶ │
//	                                     └──▶ Messages: what people would see now
//
// It refuses what the real one refuses: channels it does not know, blocks over
// their documented limits, tokens that were revoked.
package slack
