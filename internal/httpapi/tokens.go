package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/access"
	"github.com/andon-dev/andon/internal/kanban"
)

func (s *server) accessRoutes() {
	if s.o.Access == nil {
		return
	}
	route(s, http.MethodGet, "/tokens", "list-tokens", "List tokens and sessions, without their secrets", s.listTokens)
	route(s, http.MethodPost, "/tokens", "create-token", "Make a token; its secret is told this once", s.createToken)
	route(s, http.MethodDelete, "/tokens/{token}", "revoke-token", "End a token or a session", s.revokeToken)
	route(s, http.MethodPost, "/logins", "create-login", "Make a link that logs a browser in, once", s.createLogin)
	route(s, http.MethodDelete, "/session", "end-session", "Log out", s.endSession)
}

func (s *server) listTokens(_ context.Context, _ *nothing) (*message[client.Page[client.Token]], error) {
	all, err := s.o.Access.List()
	return whole(each(all, s.wireToken), err)
}

func (s *server) wireToken(c access.Credential) client.Token {
	return client.Token{
		ID: c.ID, Kind: string(c.Kind), Name: c.Name, Scope: c.Scope.String(), Board: c.Board, CreatedBy: c.By, CreatedAt: c.Created,
		ExpiresAt: when(c.Expires), UsedAt: when(c.Used), Expired: c.Expired(s.o.Clock()),
	}
}

type createTokenInput struct {
	Body client.TokenCreate
}

func (s *server) createToken(ctx context.Context, in *createTokenInput) (*message[client.TokenCreated], error) {
	scope, board, err := s.grant(ctx, in.Body.Scope, in.Body.Board)
	if err != nil {
		return nil, err
	}
	var expires time.Time
	if in.Body.ExpiresAt != nil {
		if expires = *in.Body.ExpiresAt; !expires.After(s.o.Clock()) {
			return nil, kanban.Errorf(kanban.Invalid, "a token cannot have expired before it is made").Hint("--expires 90d")
		}
	}
	secret, made, err := s.o.Access.Create(in.Body.Name, scope, board, expires, actor(ctx).Name)
	return answer(client.TokenCreated{Token: s.wireToken(made), Secret: secret}, err)
}

// grant is what somebody may give away: no more than it holds.
func (s *server) grant(ctx context.Context, scopeName, boardName string) (scope kanban.Scope, board string, err error) {
	if scope, err = kanban.ParseScope(scopeName); err != nil || boardName == "" {
		return scope, "", err
	}
	if board, err = s.slug(ctx, boardName); err != nil {
		return scope, "", err
	}
	_, err = s.o.Boards.Info(ctx, board)
	return scope, board, err
}

type tokenPath struct {
	Token string `path:"token" doc:"the token's name, or a session's id"`
}

func (s *server) revokeToken(_ context.Context, in *tokenPath) (*nothing, error) {
	return done(s.o.Access.Revoke(in.Token))
}
