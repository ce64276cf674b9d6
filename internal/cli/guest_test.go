package cli

import (
	"strings"
	"sync"
	"testing"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/chat"
	"github.com/andon-dev/andon/internal/gateway"
)

// TestGuestsGetTheirOwnAnswers: lines of many chats run side by side, and what
// one prints, or complains of, is nobody else's.
func TestGuestsGetTheirOwnAnswers(t *testing.T) {
	home := t.TempDir()
	handler, closer, err := gateway.Direct(t.Context(), gateway.Options{Home: home, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	run := guestLine("test", home)
	says := func(board string, args ...string) chat.Printed {
		return run(t.Context(), chat.Line{
			Args: args, Board: board, Session: board, Permit: func(chat.Parsed) error { return nil },
			Client: client.New(client.Handler(handler), "http://andon", client.Options{}),
		})
	}
	boards := []string{"alpha", "beta"}
	for _, slug := range boards {
		if p := says("", "boards", "create", slug); p.Status != 0 {
			t.Fatal(p.Err)
		}
		if p := says(slug, "add", "a task of "+slug); p.Status != 0 {
			t.Fatal(p.Err)
		}
	}
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			slug, other := boards[i%2], boards[1-i%2]
			if p := says(slug, "list"); p.Status != 0 || !strings.Contains(p.Out, "a task of "+slug) || strings.Contains(p.Out, other) {
				t.Errorf("a chat about %s read %q, %q", slug, p.Out, p.Err)
			}
			if p := says(slug, "show", "ghost-of-"+slug); p.Status == 0 || p.Out != "" || !strings.Contains(p.Err, "ghost-of-"+slug) || strings.Contains(p.Err, other) {
				t.Errorf("a chat about %s was told %q, %q", slug, p.Out, p.Err)
			}
		})
	}
	all.Wait()
}
