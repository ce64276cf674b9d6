package client

import (
	"context"
	"time"
)

// Token is a credential that was given out: a token of a program, or the session
// of a browser.
type Token struct {
	ID        string     `json:"id" doc:"what revokes it: of a token, its name"`
	Kind      string     `json:"kind" doc:"token or session"`
	Name      string     `json:"name" doc:"of a session, whose it is"`
	Scope     string     `json:"scope" doc:"read, comment, operate or admin"`
	Board     string     `json:"board,omitempty" doc:"the only board that it is for"`
	CreatedAt time.Time  `json:"created_at"`
	CreatedBy string     `json:"created_by"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
	UsedAt    *time.Time `json:"used_at,omitempty" doc:"within five minutes"`
	Expired   bool       `json:"expired,omitempty"`
}

// TokenCreate asks for a token.
type TokenCreate struct {
	Name      string     `json:"name"`
	Scope     string     `json:"scope" doc:"read, comment, operate or admin; each allows what those before it do"`
	Board     string     `json:"board,omitempty" doc:"the only board that it is for"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
}

// TokenCreated is a new token with its secret, which is told this once.
type TokenCreated struct {
	Token
	Secret string `json:"secret"`
}

// LoginCreate asks for a link that logs a browser in.
type LoginCreate struct {
	Scope string `json:"scope" doc:"read, comment, operate or admin"`
	Board string `json:"board,omitempty" doc:"the only board that it is for"`
}

// Login is a link that logs a browser in, once.
type Login struct {
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expires_at"`
}

// Tokens lists tokens and sessions.
func (c *Client) Tokens(ctx context.Context) ([]Token, error) {
	return items[Token](ctx, c, get("tokens"))
}

// CreateToken makes a token.
func (c *Client) CreateToken(ctx context.Context, t TokenCreate) (TokenCreated, error) {
	return call[TokenCreated](ctx, c, post("tokens").with(t))
}

// RevokeToken ends a token or a session.
func (c *Client) RevokeToken(ctx context.Context, id string) error {
	return c.do(ctx, del("tokens", id))
}

// CreateLogin makes a link that logs a browser in. The gateway opens a way in for
// browsers if there is none.
func (c *Client) CreateLogin(ctx context.Context, l LoginCreate) (Login, error) {
	return call[Login](ctx, c, post("logins").with(l))
}

// EndSession logs out who asks by a cookie.
func (c *Client) EndSession(ctx context.Context) error { return c.do(ctx, del("session")) }
