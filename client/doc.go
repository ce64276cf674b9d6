// Package client is the Go client of Andon's HTTP API, and the one definition
// of what travels over it: server, command line and other programs share these
// types.
//
//	c, err := client.Dial("unix:/home/me/.andon/andon/andon.sock", client.Options{})
//	made, err := c.CreateTask(ctx, "default", client.TaskCreate{Title: "Fix the login test", Assignee: "builder"})
//
// Tasks are named by their id or by a unique start of it, boards by any
// spelling of their slug. Every refusal is an *Error, with a code and a hint.
//
// A change carries an operation id, which the retries of one call share: a
// connection that breaks after the server did the work does not make it do the
// work twice.
package client
