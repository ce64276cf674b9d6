// Package mcpserver shows a board to agents as tools of the Model Context
// Protocol. It speaks to the HTTP API through package client, as the command
// line does, so that who may do what is decided in one place; it adds words
// for models: schemas with limits and examples, results of bounded size, and
// refusals with a code and a way out.
//
//	agent ──stdio──▶ andon mcp ─────────────┐
//	agent ──HTTP───▶ /mcp of the gateway ───┴─▶ client ──▶ API
//
// A worker is bound to its run by the run's token. An orchestrator is an agent
// that a person lets work on a board: it may do what a person may, but opens no
// gate of a human's. Whoever has no role sees no tool.
//
//go:generate go test -run TestDocsListEveryTool -update .
package mcpserver
