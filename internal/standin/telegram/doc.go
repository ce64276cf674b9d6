// Package telegram is a loopback server that speaks Telegram's Bot API as it is
// documented at https://core.telegram.org/bots/api, well enough for a client
// library to work against it unmodified. Nothing leaves the machine.
//
//	client ── /bot<token>/<method> ──▶ Server ◀── Say, Press, Fail ... ── test
//	                                     │
//	                                     └──▶ Chat: what people would see now
//
// It refuses what the real one refuses: texts over 4096 characters, markup that
// cannot be parsed, buttons with more than 64 bytes of data, chats it does not
// know.
package telegram
