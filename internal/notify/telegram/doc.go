// Package telegram sends messages to Telegram chats as a bot.
//
// The message of a task is edited as the task moves. What somebody has to act on
// is a new message with a sound, in reply to the first of its task; all others
// are silent. Titles, reasons and reports are escaped: nothing in them is markup.
//
//	answer of Telegram                          what it means
//	429, 5xx, silence                           later; not before retry_after
//	401 token refused, 403, other 400           permanent
//	group became a supergroup                   sent to that, and said there
//	message to edit is gone                     a new message
//	message is not modified                     it was sent before
package telegram
