package httpapi

import (
	"context"
	"net/http"
	"strings"
	"unicode"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

const (
	headerAs        = "Andon-As"
	headerOperation = "Idempotency-Key"
	headerVersion   = "If-Match"
	headerRole      = "Andon-Role"
	maxHeader       = 200 // bytes of either
)

type actorKey struct{}

// againKey is where a long answer finds how to ask again who hears it.
type againKey struct{}

// identified puts who acts into the request's context.
func (s *server) identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, err := s.caller(r)
		switch code := kanban.CodeOf(err); {
		case (r.Header.Get("Authorization") != "" || throughFront(r)) && (code == kanban.Unauthorized || code == kanban.Stale):
			s.challenge(w, r, err)
			return
		case err != nil:
			s.refuse(w, r, err)
			return
		}
		if err := s.floods.take(a, r); err != nil {
			s.refuse(w, r, err)
			return
		}
		ctx := context.WithValue(r.Context(), actorKey{}, a)
		ctx = context.WithValue(ctx, againKey{}, func() error { _, err := s.caller(r); return err })
		if v := visitOf(ctx); v != nil {
			v.who = a.Name
			if err := v.admitted(ctx, a.Name); err != nil {
				s.refuse(w, r, err)
				return
			}
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// caller tells who asks: the run whose process tree the caller is in, whatever
// it says; else who is known by the credential that it shows; else the user at
// the other end of the unix socket.
func (s *server) caller(r *http.Request) (kanban.Actor, error) {
	if len(r.Header.Get(headerOperation)) > maxHeader {
		return kanban.Actor{}, kanban.Errorf(kanban.Invalid, "the %s is longer than %d bytes", headerOperation, maxHeader).Hint("use a random id")
	}
	if a, known := r.Context().Value(actorKey{}).(kanban.Actor); known {
		return a, nil
	}
	a, err := s.o.Identify(r)
	if err != nil || a.Kind == kanban.Worker {
		return a, err
	}
	if a.Kind == kanban.Human {
		a.Scope = scopeOwner
	}
	if a, err = s.shown(r, a); err != nil || a.Kind == kanban.Worker {
		return a, err
	}
	switch role := r.Header.Get(headerRole); role {
	case "":
	case client.Orchestrator:
		a.Agent = true
	default:
		return a, kanban.Errorf(kanban.Invalid, "there is no role %s", kanban.Quote(role)).Hint("leave %s out, or say %s", headerRole, client.Orchestrator)
	}
	a.Name, err = as(r.Header.Get(headerAs), a.Name)
	return a, err
}

// as is how somebody who acts under another name is recorded.
func as(name, user string) (string, error) {
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		return user, nil
	case len(name) > maxHeader || strings.ContainsFunc(name, unicode.IsControl):
		return "", kanban.Errorf(kanban.Invalid, "%s is not a name", headerAs).Hint("one line of at most %d bytes", maxHeader)
	}
	return name + " by " + user, nil
}

// actor is who asks.
func actor(ctx context.Context) kanban.Actor {
	a, _ := ctx.Value(actorKey{}).(kanban.Actor)
	return a
}

// human returns who asks if that is a human. What concerns more than one board,
// or the messages that people wait for, is theirs.
func human(ctx context.Context, verb string) (kanban.Actor, error) {
	a := actor(ctx)
	if a.Kind == kanban.Human {
		return a, nil
	}
	return a, kanban.Errorf(kanban.Unauthorized, "%s is not for a %s", verb, a.Kind).
		Hint("ask a human, for example with `andon block --kind needs_input`")
}

// board opens a board for who asks. A worker sees only its own.
func (s *server) board(ctx context.Context, name string) (*board.Board, error) {
	slug, err := s.slug(ctx, name)
	if err != nil {
		return nil, err
	}
	return s.o.Boards.Board(ctx, slug)
}

// slug is the one spelling of a board's name, if who asks may see that board.
func (s *server) slug(ctx context.Context, name string) (slug string, err error) {
	if name == client.Selected {
		slug, err = s.o.Boards.Current(ctx)
	} else {
		slug, err = kanban.Slug(name)
	}
	if err != nil {
		return "", err
	}
	return slug, ownBoard(ctx, slug)
}

func ownBoard(ctx context.Context, slug string) error {
	a := actor(ctx)
	if a.Board == slug || a.Kind != kanban.Worker && a.Board == "" {
		return nil
	}
	if a.Kind != kanban.Worker {
		return kanban.Errorf(kanban.Unauthorized, "%s may not look at board %s", a.Name, slug).Hint("its credential is for board %s", a.Board)
	}
	return kanban.Errorf(kanban.Unauthorized, "the run of %s may not look at board %s", a.Task, slug).
		Hint("a worker sees only its own board, %s", a.Board)
}

// BoardPath names a board. The type is exported because huma reads it.
type BoardPath struct {
	Board string `path:"board" doc:"the board's slug, in any spelling, or @current"`
}

// TaskPath names a task.
type TaskPath struct {
	BoardPath
	ID string `path:"id" doc:"the task's id, or a unique start of it"`
}

// target is a task that a request is about, and who asks.
type target struct {
	board *board.Board
	id    string
	by    kanban.Actor
}

// target opens the task of a path, if who asks may see it.
func (s *server) target(ctx context.Context, p TaskPath) (target, error) {
	b, err := s.board(ctx, p.Board)
	if err != nil {
		return target{}, err
	}
	id, err := resolve(ctx, b, p.ID)
	if err != nil {
		return target{}, err
	}
	return target{board: b, id: id, by: actor(ctx)}, b.MayRead(ctx, actor(ctx), id)
}

// resolve finds a task by a start of its id. A whole id is taken as it is, so
// that a repeated request is answered although the task is gone.
func resolve(ctx context.Context, b *board.Board, id string) (string, error) {
	if kanban.IsTaskID(id) {
		return id, nil
	}
	whole, err := b.Resolve(ctx, id)
	if kanban.CodeOf(err) == kanban.Invalid && actor(ctx).Kind == kanban.Worker { // its words list others' tasks
		err = kanban.Errorf(kanban.Invalid, "%s stands for several tasks", id).Hint("give the whole id")
	}
	return whole, err
}
