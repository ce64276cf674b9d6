// Package slack sends messages to Slack channels as the bot of an app.
//
// The message of a task is updated as the task moves; later ones stand in its
// thread. What somebody has to act on is a new message with buttons, shown in the
// channel too. Titles, reasons and reports are plain text or escaped: nothing in
// them is markup, a link or a mention. The key of a message is in its metadata.
//
//	answer of Slack                                    what it means
//	429, 5xx, internal_error and the like, silence     later; not before Retry-After
//	other errors: invalid_auth, channel_not_found ...  permanent
//	message_not_found, cant_update_message             a new message
package slack
