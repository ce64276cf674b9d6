package telegram_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/chat"
	"github.com/andon-dev/andon/internal/chat/telegram"
	"github.com/andon-dev/andon/internal/guests"
	"github.com/andon-dev/andon/internal/notify"
	standin "github.com/andon-dev/andon/internal/standin/telegram"
)

func TestWhatPeopleDoComesIn(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.Server.Say(ada, ada.ID, "/start", 0, 0)
		in := h.next()
		same(t, chat.Incoming{ID: in.ID, Place: alone, Private: true, User: guests.User{ID: "42", Name: "ada"}, Text: "/andon", Ref: "42/1"}, in)

		h.Server.Say(standin.User{ID: 43, First: "Bob"}, room, "/andon add <b>x</b> & y\nbelow", 0, 0)
		in = h.next()
		same(t, chat.Incoming{ID: in.ID, Place: team, User: guests.User{ID: "43", Name: "Bob"}, Text: "/andon add <b>x</b> & y\nbelow", Ref: "-100/1"}, in)

		h.Post(ada, room, standin.Message{Caption: "@builder fix this", Document: &standin.Document{ID: "d", Name: "shot.png"}}, 0)
		same(t, "@builder fix this", h.next().Text)
	})
}

// TestOnlyWhatIsMeantForThisBotIsHeard: several bots share a group.
func TestOnlyWhatIsMeantForThisBotIsHeard(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		heard := []string{"/andon@andon_bot list", "/andon@ANDON_BOT add x\nbelow", "/andon@andon_bot\nlist", "/startup fails", "ask a@b.test", "/andon list @other_bot"}
		for _, text := range heard {
			h.Server.Say(ada, room, "/andon@other_bot list", 0, 0)
			h.Server.Say(ada, room, "/start@other_bot", 0, 0)
			h.Post(ada, room, standin.Message{Caption: "/andon@other_bot\nadd x"}, 0)
			h.Server.Say(standin.User{ID: 9, Bot: true, First: "Other"}, room, "/andon list", 0, 0)
			said := h.Server.Say(ada, room, text, 0, 0)
			same(t, text, h.next().Text)
			h.Amend(room, said.ID, "/andon list") // was heard already
		}
	})
}

func TestTopicsAndReplies(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		topic := h.Topic(room, "builds")
		builds := guests.Place{Chat: "-100", Thread: "1"}
		said := h.Server.Say(ada, room, "hello", topic, topic)
		in := h.next()
		same(t, builds, in.Place)
		same(t, "", in.ReplyTo) // to the message that opened the topic

		ref := h.says(in.Place, chat.Reply{Text: "hello yourself", To: in.Ref})
		shown := h.shown(room)
		same(t, topic, shown.Thread)
		same(t, said.ID, shown.ReplyTo.ID)

		h.Server.Say(ada, room, "and you?", topic, shown.ID)
		in = h.next()
		same(t, ref, in.ReplyTo)
		same(t, true, in.ToUs)

		h.Server.Say(ada, room, "to myself", topic, said.ID)
		in = h.next()
		same(t, "", in.ReplyTo)
		same(t, false, in.ToUs)

		h.Forget(room, said.ID)
		h.says(builds, chat.Reply{Text: "to what is gone", To: "-100/2"})
		same(t, "to what is gone", h.shown(room).Text)
	})
}

func TestG30_AGroupThatBecomesASupergroupIsTheSameChat(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.AddChat(standin.Chat{ID: -7, Type: "group", Title: "Small"})
		h.Migrate(-7, -1007)
		for range 2 { // both tell it
			in := h.next()
			same(t, chat.Incoming{ID: in.ID, Place: guests.Place{Chat: "-7"}, Moved: "-1007"}, in)
		}
	})
}

func TestButtonsAndFields(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		question := chat.Reply{Text: "Do that?", Buttons: []chat.Button{
			{Label: "Yes", Data: "yes|-|TOKEN", Danger: true},
			{Label: "No", Data: "no|-|TOKEN"},
			{Label: "Answer", Data: "answer|web|t_1"},
			{Label: "More", Data: "more|-|TOKEN"},
		}}
		ref := h.says(team, question)
		same(t, [][]standin.Button{
			{{Text: "Yes", Data: "yes|-|TOKEN"}, {Text: "No", Data: "no|-|TOKEN"}, {Text: "Answer", Data: "answer|web|t_1"}},
			{{Text: "More", Data: "more|-|TOKEN"}},
		}, h.shown(room).Markup.Buttons)

		press, _ := h.Press(ada, room, 1, "Answer")
		in := h.next()
		same(t, chat.Incoming{ID: in.ID, Place: team, User: guests.User{ID: "42", Name: "ada"}, Press: "answer|web|t_1", Ref: ref}, in)
		synctest.Wait()
		if _, settled := h.Toast(press); !settled {
			t.Error("the button turns for ever")
		}

		field, err := h.Ask(t.Context(), in, chat.Prompt{Title: "Answer", Label: "What do you answer to <t_1>?", Token: "T1"})
		if err != nil {
			t.Fatal(err)
		}
		asked := h.shown(room)
		same(t, "What do you answer to <t_1>?", asked.Text)
		same(t, true, asked.Markup.Force)
		h.Server.Say(ada, room, "port 8080\nplease", 0, asked.ID)
		in = h.next()
		same(t, field, in.ReplyTo)
		same(t, "port 8080\nplease", in.Text)

		h.Age(room, 1)
		h.Press(ada, room, 1, "No")
		in = h.next()
		same(t, chat.Incoming{ID: in.ID, Place: team, User: guests.User{ID: "42", Name: "ada"}, Press: "no|-|TOKEN", Ref: ref, Old: true}, in)

		for range 2 { // as when the first answer is lost
			if err := h.Edit(t.Context(), team, ref, chat.Reply{Text: "Left as it is."}); err != nil {
				t.Error(err)
			}
		}
		edited := h.Messages(room)[0]
		same(t, "Left as it is.", edited.Text)
		same(t, (*standin.Markup)(nil), edited.Markup)
	})
}

// TestAPressIsHeardThoughItCannotBeSettled: what is wrong with the one is not wrong
// with the other.
func TestAPressIsHeardThoughItCannotBeSettled(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.says(team, chat.Reply{Text: "?", Buttons: []chat.Button{{Label: "Yes", Data: "yes|-|T"}}})
		h.Fail(standin.Fault{Method: "answerCallbackQuery", Hang: true}, standin.Fault{Method: "answerCallbackQuery", Status: 500})
		h.Press(ada, room, 1, "Yes")
		h.Press(ada, room, 1, "Yes")
		same(t, "yes|-|T", h.next().Press)
		same(t, "yes|-|T", h.next().Press)
	})
}

// TestPressesComeWhateverTheTokenWasUsedFor: Telegram goes on to withhold what the
// last client did not want.
func TestPressesComeWhateverTheTokenWasUsedFor(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		other, err := http.NewRequestWithContext(t.Context(), http.MethodGet, `http://telegram.test/bot`+standin.Token+`/getUpdates?allowed_updates=["message"]`, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Handler(h.Server).RoundTrip(other)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		_ = h.lost() // to the other one
		h.listen()
		h.says(team, chat.Reply{Text: "?", Buttons: []chat.Button{{Label: "Yes", Data: "yes|-|T"}}})
		h.Press(ada, room, 1, "Yes")
		same(t, "yes|-|T", h.next().Press)
	})
}

func TestG32_HostileTextsAreOnlyTextAndFit(t *testing.T) {
	rows := func(n int, row string) (rows []string) {
		for range n {
			rows = append(rows, row)
		}
		return rows
	}
	for name, c := range map[string]struct {
		reply chat.Reply
		want  string // "" = its beginning and end say enough
	}{
		"markup":                {chat.Reply{Text: "</pre><b>x & &amp; <a href='x'>", Rows: []string{"<i>", "</pre>&lt;"}}, "</pre><b>x & &amp; <a href='x'>\n<i>\n</pre>&lt;"},
		"invalid":               {chat.Reply{Text: "a\xffb"}, "a\uFFFDb"},
		"as much as there is":   {chat.Reply{Rows: rows(24, strings.Repeat("x", 100))}, strings.Join(rows(24, strings.Repeat("x", 100)), "\n")},
		"a long text":           {chat.Reply{Text: strings.Repeat("😀", 5000)}, strings.Repeat("😀", 1200) + "…"},
		"long text, many rows":  {chat.Reply{Text: strings.Repeat("😀", 5000), Rows: rows(25, strings.Repeat("&", 100))}, ""},
		"more rows than fit":    {chat.Reply{Text: "Do that?", Rows: rows(300, "t_00000001  a title & <more>")}, ""},
		"rows of large letters": {chat.Reply{Rows: rows(50, strings.Repeat("😀", 100))}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, func(t *testing.T, h *house) {
				h.says(team, c.reply)
				got := h.shown(room).Text
				if c.want != "" {
					same(t, c.want, got)
				} else if !strings.HasSuffix(got, " more rows") {
					t.Errorf("not said to be cut: %s", got)
				}
				if err := h.Edit(t.Context(), team, "-100/1", c.reply); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestAShortWaitIsWaited: of any call; a long one is for the caller to know.
func TestAShortWaitIsWaited(t *testing.T) {
	calls := map[string]func(*house) error{
		"sendMessage": func(h *house) error {
			_, err := h.Platform.Say(h.t.Context(), team, chat.Reply{Text: "x"})
			return err
		},
		"editMessageText": func(h *house) error {
			return h.Edit(h.t.Context(), team, "-100/1", chat.Reply{Text: "y"})
		},
	}
	for method, call := range calls {
		t.Run(method, func(t *testing.T) {
			inHouse(t, func(t *testing.T, h *house) {
				h.says(team, chat.Reply{Text: "before"})
				h.Fail(standin.Fault{Method: method, Status: 429, RetryAfter: 7})
				began := time.Now()
				if err := call(h); err != nil {
					t.Fatal(err)
				}
				same(t, 7*time.Second, time.Since(began))

				h.Fail(standin.Fault{Method: method, Status: 429, RetryAfter: 300})
				began = time.Now()
				err := call(h)
				same(t, notify.Failure{After: 5 * time.Minute}, failure(err))
				same(t, time.Duration(0), time.Since(began))
			})
		})
	}
}

// failure is what an error says to do.
func failure(err error) notify.Failure {
	var f *notify.Failure
	if !errors.As(err, &f) {
		return notify.Failure{}
	}
	return notify.Failure{Permanent: f.Permanent, After: f.After}
}

// TestG20_ALostPollLosesNothing: whatever it is lost to, what was said comes over
// the next connection, once for each.
func TestG20_ALostPollLosesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		fault standin.Fault
		want  string
	}{
		"dropped": {standin.Fault{}, "no answer from Telegram"},
		"silent":  {standin.Fault{Hang: true}, "no answer from Telegram in time"},
		"ill":     {standin.Fault{Status: http.StatusBadGateway}, "502 Bad Gateway"},
		"slow":    {standin.Fault{Status: http.StatusTooManyRequests, RetryAfter: 300}, "asked by Telegram to slow down"},
	} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, func(t *testing.T, h *house) {
				h.Server.Say(ada, ada.ID, "one", 0, 0)
				one := h.next()
				synctest.Wait()
				c.fault.Method = "getUpdates"
				h.Fail(c.fault)
				h.Server.Say(ada, ada.ID, "two", 0, 0) // ends the poll that waits
				err := h.lost()
				same(t, "two", h.next().Text)
				if chat.IsHopeless(err) || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%v", err)
				}
				h.Server.Say(ada, ada.ID, "three", 0, 0)
				h.listen()
				in := h.next()
				if in.Text == "two" { // was not confirmed
					in = h.next()
				}
				same(t, "three", in.Text)
				if in.ID == one.ID {
					t.Error("two messages have one id")
				}
			})
		})
	}
}

// TestTheSameBotElsewhereIsSaid: Telegram serves one of them at a time.
func TestTheSameBotElsewhereIsSaid(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		first := h.end
		h.listen()
		err := <-first
		if chat.IsHopeless(err) || !strings.Contains(err.Error(), "Telegram: terminated by other getUpdates request") {
			t.Errorf("%v", err)
		}
	})
}

// TestG13_WhatComesTwiceHasOneID: and the order in which it comes loses nothing.
func TestG13_WhatComesTwiceHasOneID(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.Server.Say(ada, ada.ID, "one", 0, 0)
		h.Server.Say(ada, ada.ID, "two", 0, 0)
		one, two := h.next(), h.next()
		h.Repeat(2, true)
		same(t, two, h.next())
		same(t, one, h.next())
		h.Server.Say(ada, ada.ID, "three", 0, 0)
		in := h.next()
		for in.ID == one.ID || in.ID == two.ID {
			in = h.next()
		}
		same(t, "three", in.Text)
	})
}

func TestARefusedTokenIsHopeless(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		for name, token := range map[string]string{"another": "7001:other", "no token": "x"} {
			err := h.open(token).Run(t.Context(), nil)
			if err == nil || !chat.IsHopeless(err) || !strings.Contains(err.Error(), "refused by Telegram") || strings.Contains(err.Error(), token+"/") {
				t.Errorf("%s: %v", name, err)
			}
		}
		h.Revoke("7001:another")
		h.Server.Say(ada, ada.ID, "still there?", 0, 0)
		err := h.lost()
		if !chat.IsHopeless(err) || strings.Contains(err.Error(), standin.Token) {
			t.Errorf("%v", err)
		}
		_, err = h.Platform.Say(t.Context(), team, chat.Reply{Text: "x"})
		if !chat.IsHopeless(err) {
			t.Errorf("%v", err)
		}
		h.end <- err // nothing is left that ends
	})
	if _, err := telegram.Open(telegram.Options{Token: secret("")}); !chat.IsHopeless(err) {
		t.Errorf("%v", err)
	}
}

// TestWhoIsShutOutIsToldWhy: trying again there is in vain.
func TestWhoIsShutOutIsToldWhy(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.Block(room, "bot was kicked from the supergroup chat")
		_, err := h.Platform.Say(t.Context(), team, chat.Reply{Text: "x"})
		if !chat.IsHopeless(err) || err.Error() != "refused by Telegram: bot was kicked from the supergroup chat" {
			t.Errorf("%v", err)
		}
	})
}
