// Package proxy is the one way out of walls whose network is proxied: an HTTP
// forward proxy that knows a list of hosts, and no other.
//
//	worker ──▶ 127.0.0.1 of its own ──▶ Serve ─┬─▶ the host
//	          (a network without a way out)    └─▶ the user's own proxy ──▶ the host
//
// A name on the list opens what it leads to on the internet. An address that is
// not on the internet, this machine above all, is open only if it stands on the
// list itself, whatever name leads there: what counts is the address dialled.
//
// What goes through a tunnel is not looked at.
package proxy
