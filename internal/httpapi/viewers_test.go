package httpapi_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/httpapi"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/memory"
)

// read counts the reads of a home's boards.
type read struct {
	store.Boards
	n *atomic.Int64
}

func (r read) Open(ctx context.Context, slug string) (store.Store, error) {
	s, err := r.Boards.Open(ctx, slug)
	return readStore{s, r.n}, err
}

type readStore struct {
	store.Store
	n *atomic.Int64
}

func (r readStore) View(ctx context.Context, fn func(store.Reader) error) error {
	r.n.Add(1)
	return r.Store.View(ctx, fn)
}

// TestManyViewersReadOnce: a board is read for all who look at it together, and
// for nobody once they have left, without a word from them.
func TestManyViewersReadOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := read{memory.NewBoards(t.TempDir(), time.Now), new(atomic.Int64)}
		boards := board.NewBoards(r, func(string) board.Ports {
			return board.Ports{Settings: func() board.Settings { return board.Settings{} }}
		})
		api := httpapi.New(httpapi.Options{
			Boards: boards, Lanes: func() []client.Lane { return nil },
			Identify: func(*http.Request) (kanban.Actor, error) { return ann, nil },
		})
		c := client.New(client.Handler(api), "http://andon", client.Options{})
		task := add(t, c, "looked at").ID
		during := func(do func()) int64 {
			synctest.Wait()
			before := r.n.Load()
			do()
			synctest.Wait()
			return r.n.Load() - before
		}
		minute := func() { time.Sleep(time.Minute) }
		comment := func() { must(c.AddComment(t.Context(), "default", task, "hm"))(t) }
		look := func(viewers int) (leave context.CancelFunc) {
			ctx, leave := context.WithCancel(t.Context())
			for range viewers {
				go func() {
					for range c.Stream(ctx, "default", client.StreamQuery{After: -1}) { //nolint:revive // they only listen
					}
				}()
			}
			synctest.Wait()
			return leave
		}

		leave := look(1)
		minute() // and what is read at the beginning is over
		idle, news := during(minute), during(comment)
		if idle == 0 || news == 0 {
			t.Fatalf("one viewer made %d reads in a minute, %d for an event: nothing is counted", idle, news)
		}
		leave()
		leave = look(50)
		minute()
		if many := during(minute); many > idle {
			t.Errorf("in a quiet minute fifty viewers made %d reads, one made %d", many, idle)
		}
		if many := during(comment); many > news {
			t.Errorf("for an event fifty viewers made %d reads, one made %d", many, news)
		}
		leave()
		if nobody := during(minute); nobody != 0 {
			t.Errorf("after all had left there were %d reads", nobody)
		}
	})
}

// TestNobodyFollowsAGhost: whoever follows a board that is not there is told so,
// and none is made.
func TestNobodyFollowsAGhost(t *testing.T) {
	h := newHome(t)
	for _, err := range h.client().Stream(t.Context(), "ghost", client.StreamQuery{}) {
		refusal(t, err, kanban.NotFound)
	}
	if all := must(h.client().Boards(t.Context(), true))(t); len(all) != 1 {
		t.Errorf("there are the boards %+v", all)
	}
}

// TestManyAskAtOnce: everybody gets the answer to their own question.
func TestManyAskAtOnce(t *testing.T) {
	h := newHome(t)
	c := h.client()
	slugs := []string{"alpha", "beta"}
	for _, slug := range slugs {
		must(c.CreateBoard(t.Context(), client.BoardCreate{Slug: slug}))(t)
		must(c.CreateTask(t.Context(), slug, client.TaskCreate{Title: "a task of " + slug}))(t)
	}
	var all sync.WaitGroup
	for i := range 80 {
		all.Go(func() {
			slug := slugs[i%2]
			page, err := c.Tasks(t.Context(), slug, client.TaskQuery{})
			if err != nil || len(page.Items) != 1 || page.Items[0].Title != "a task of "+slug {
				t.Errorf("who asked about %s got %+v, %v", slug, page, err)
			}
		})
	}
	all.Wait()
}
