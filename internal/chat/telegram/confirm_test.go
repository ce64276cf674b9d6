package telegram_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/chat"
	"github.com/andon-dev/andon/internal/chat/telegram"
	standin "github.com/andon-dev/andon/internal/standin/telegram"
)

// TestG20_AnUpdateIsConfirmedOnceItIsTakenIn: the next question for updates is
// what lets Telegram forget the last ones.
func TestG20_AnUpdateIsConfirmedOnceItIsTakenIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := standin.New()
		ann := standin.User{ID: 11, First: "Ann"}
		s.Say(ann, 11, "one", 0, 0)
		s.Say(ann, 11, "two", 0, 0)
		p, err := telegram.Open(telegram.Options{
			Token: func() ([]byte, error) { return []byte(standin.Token), nil }, API: "http://telegram", Transport: client.Handler(s),
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var heard []string
		taken := make(chan int) // questions that were asked when one was taken in
		go p.Run(ctx, func(_ context.Context, in chat.Incoming) {
			heard = append(heard, in.Text)
			synctest.Wait() // all else has done what it can
			taken <- s.Calls("getUpdates")
		})
		for range 2 {
			if asked := <-taken; asked != 1 {
				t.Errorf("%d questions before %v were taken in", asked, heard)
			}
		}
		synctest.Wait()
		if asked := s.Calls("getUpdates"); asked != 2 {
			t.Errorf("%d questions after all were taken in, want 2", asked)
		}
		stop()
		synctest.Wait()
	})
}
