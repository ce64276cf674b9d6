// Package telegram hears and answers through a bot of Telegram. It asks
// Telegram's server what is new and waits there for an answer (long polling), so
// the gateway needs no address of its own.
//
//	getUpdates ─▶ message ────────▶ Incoming   reply ─▶ sendMessage, HTML, <pre> for rows
//	           └▶ callback_query ─▶ Incoming   field ─▶ a message that asks to be replied to
//
// Telegram hands an update over until it is asked for a later one, so what came
// in while a connection was lost comes again.
package telegram
