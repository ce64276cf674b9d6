// Package guests knows who may speak to Andon in a chat, as whom, and what was
// agreed on there.
//
//	a stranger writes to the bot ─▶ Request: a code, once, for an hour
//	andon chat approve CODE ─────▶ Approve: a guest with a name and a role
//	/andon here, /andon home ────▶ Setting of a place, home of a guest
//	the platform names a chat ───▶ Call: a name of it, for which the same holds
//
// It is one file of the home that is replaced whole. Without the file nobody is
// known, so removing it shows everybody the door.
package guests
