package access

import (
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// Link returns the code of a login link: it begins one session, for who is named,
// within five minutes.
//
// Errors: exhausted.
func (k *Keeper) Link(name string, scope kanban.Scope, board string) (code string, expires time.Time, err error) {
	code, expires = rand.Text(), k.clock().Add(linkLives)
	return code, expires, k.change(func(c *content) error {
		c.prune(k.clock())
		if len(c.Links) >= maxEach {
			return kanban.Errorf(kanban.Exhausted, "there are %d unused login links", maxEach).Hint("wait %s: they expire", linkLives)
		}
		c.Links = append(c.Links, link{Hash: hash(code), Name: name, Scope: scope, Board: board, Expires: expires})
		return nil
	})
}

// Login begins a session with the code of a link, which is used up.
//
// Errors: unauthorized.
func (k *Keeper) Login(code string) (secret string, made Credential, err error) {
	secret = rand.Text()
	now := k.clock()
	err = k.change(func(c *content) error {
		at := slices.IndexFunc(c.Links, func(l link) bool { return l.Hash == hash(code) })
		if at < 0 || !now.Before(c.Links[at].Expires) {
			return kanban.Errorf(kanban.Unauthorized, "this login link was used before, or has expired").Hint("andon dashboard  prints a new one")
		}
		l := c.Links[at]
		c.Links = slices.Delete(c.Links, at, at+1)
		made = Credential{
			ID: "s." + strings.ToLower(rand.Text()[:8]), Kind: Session, Name: l.Name, Scope: l.Scope, Board: l.Board,
			Hash: hash(secret), By: l.Name, Created: now, Used: now, Expires: now.Add(idle),
		}
		return c.add(made)
	})
	return secret, made, err
}

// Listen is where the dashboard was opened last, "" if it never was.
func (k *Keeper) Listen() (string, error) {
	c, err := k.read()
	if err != nil {
		return "", err
	}
	return c.Listen, nil
}

// SetListen remembers that for the next gateway.
func (k *Keeper) SetListen(address string) error {
	return k.change(func(c *content) error {
		c.Listen = address
		return nil
	})
}
