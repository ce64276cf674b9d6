// Package chat lets people use the board from the chat that they are in. It
// connects to each platform by itself, so no address of ours has to be public.
//
//	platform ─▶ Incoming ─▶ who is it? ── stranger ─▶ a code, which the owner approves
//	                          │ guest, with a role
//	                          ▼
//	                        what is it?
//	   /andon ...  ─▶ words ─▶ verbs: may chats do that, does it end, is it asked first?
//	   a button    ─▶ press ─┐      │
//	   an answer   ─▶ asked ─┴─▶ Runner: the command line's own tree over the API, as that guest
//	   a reply     ─▶ the message's task ─▶ comment
//	                                │
//	                                ▼ rows ─▶ pages ─▶ Reply ─▶ platform
//
// Each platform has a loop of its own with a pause after each loss, so one that
// cannot be reached, or that fails in its code, stops nothing else. What a guest
// may do is the API's to judge: a role is a scope, and every event bears the
// guest's name.
package chat
