package httpapi

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/andon-dev/andon/internal/access"
	"github.com/andon-dev/andon/internal/kanban"
)

// shown is who is known by the credential in a request; local if there is none.
// A cookie counts only where browsers come in.
//
// Errors: unauthorized if nobody is known; exhausted after too many guesses.
func (s *server) shown(r *http.Request, local kanban.Actor) (kanban.Actor, error) {
	header := r.Header.Get("Authorization")
	cookie := ""
	if s.o.Access != nil && throughFront(r) {
		if c, err := r.Cookie(s.o.Access.Cookie()); err == nil {
			cookie = c.Value
		}
	}
	switch {
	case header != "":
		a, err := s.bearer(r, header)
		return a, s.guesses.judge(r, err)
	case cookie != "":
		c, err := s.o.Access.Known(access.Session, cookie)
		visitOf(r.Context()).session = c.ID
		return c.Actor(), s.guesses.judge(r, err)
	case local.Kind == 0:
		return local, kanban.Errorf(kanban.Unauthorized, "this needs a credential").
			Hint("andon dashboard  prints a link for browsers, andon tokens create NAME  a token for programs")
	}
	return local, nil
}

// bearer returns whose credential is shown: a token's or a run's.
func (s *server) bearer(r *http.Request, shown string) (kanban.Actor, error) {
	if scheme, text, _ := strings.Cut(shown, " "); s.o.Access != nil && strings.EqualFold(scheme, "Bearer") && strings.HasPrefix(text, access.Prefix) {
		c, err := s.o.Access.Known(access.Token, strings.TrimSpace(text))
		return c.Actor(), err
	}
	c, err := parseBearer(shown)
	if err != nil {
		return kanban.Actor{}, err
	}
	if c.board == "" {
		if c.board, err = s.o.Boards.Current(r.Context()); err != nil {
			return kanban.Actor{}, err
		}
	}
	b, err := s.o.Boards.Board(r.Context(), c.board)
	switch kanban.CodeOf(err) {
	case "":
	case kanban.NotFound, kanban.Invalid:
		return kanban.Actor{}, errBearer()
	default:
		return kanban.Actor{}, err
	}
	return b.Bearer(r.Context(), c.run, c.token, r.Header.Get(headerOperation))
}

// credential is a run's, as client.Bearer writes it: board.run.token or run.token.
type credential struct {
	board string
	run   int64
	token string
}

const maxBearer = 500 // bytes

// parseBearer never repeats what it was given: it may be a secret.
func parseBearer(header string) (c credential, err error) {
	scheme, text, _ := strings.Cut(header, " ")
	parts := strings.Split(strings.TrimSpace(text), ".")
	if !strings.EqualFold(scheme, "Bearer") || len(header) > maxBearer || len(parts) < 2 || len(parts) > 3 {
		return c, errBearer()
	}
	if len(parts) == 3 {
		c.board, parts = parts[0], parts[1:]
	}
	if c.run, err = strconv.ParseInt(parts[0], 10, 64); err != nil || c.run < 1 || parts[1] == "" {
		return c, errBearer()
	}
	c.token = parts[1]
	return c, nil
}

func errBearer() error {
	return kanban.Errorf(kanban.Unauthorized, "this is no credential").
		Hint("Authorization: Bearer TOKEN, as andon tokens create printed it; or BOARD.RUN.TOKEN, with ANDON_BOARD, ANDON_RUN_ID and ANDON_TOKEN of a run")
}
