// Package client is the Go client of Andon's HTTP API, and the one definition
// of what travels over it: server, command line and other programs share these
// types.
package client
