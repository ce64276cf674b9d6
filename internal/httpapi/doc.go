// Package httpapi is the HTTP API: thin handlers over the use cases of board.
//
//	request ─▶ recover ─▶ Identify (who acts) ─▶ huma (decode, validate) ─▶ handler ─▶ board
//	                         │ Andon-As           │                          │
//	                         │ Idempotency-Key    └── invalid                └── kanban.Error
//	                         └── unauthorized                  ╲             ╱
//	                                                     problem+json (RFC 9457)
//
// Every surface goes through it: the gateway serves it on its socket, and
// without a gateway the command line mounts it in its own process. What travels
// is defined in package client. openapi.golden.json is the contract; changes to
// it are additive.
package httpapi
