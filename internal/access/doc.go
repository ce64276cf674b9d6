// Package access knows who may come in from outside of the unix socket, by what
// they show:
//
//	andon tokens create ──▶ a token, named and scoped ──────────────▶ Authorization: Bearer
//	andon dashboard ──▶ a link: once, 5 minutes ──▶ a session ──▶ cookie
//
// What is kept are hashes, in one file of the home that is replaced whole. It is
// no database of the home: a backup that is restored must bring back no token
// that was revoked since, and a latched database must keep nobody out.
// Without the file nobody is known, so removing it revokes everything.
package access
