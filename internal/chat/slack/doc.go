// Package slack hears and answers through an app of Slack in Socket Mode: a
// websocket that the gateway opens, so it needs no address of its own.
//
//	slash command, message, mention ─▶ Incoming    reply ─▶ chat.postMessage, a block per part
//	button, modal that was sent     ─▶ Incoming    field ─▶ views.open
//
// Each envelope is acknowledged once it stands in the queue of its chat. Slack
// sends again what was not, over this connection or the next.
package slack
