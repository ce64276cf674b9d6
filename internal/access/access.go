package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/jsonfile"
	"github.com/andon-dev/andon/internal/kanban"
)

// Prefix begins every token, so that people and scanners know one when they see it.
const Prefix = "andon_"

const (
	idle      = 30 * 24 * time.Hour // after which an unused session ends
	linkLives = 5 * time.Minute
	touched   = 5 * time.Minute // how much later a use is before it is written down
	maxEach   = 1000            // tokens, sessions and links of a home
)

// Kind tells credentials apart.
type Kind string

// The kinds.
const (
	Token   Kind = "token"   // named, for programs
	Session Kind = "session" // of a browser
)

// Credential is one that was given out.
type Credential struct {
	ID      string       `json:"id"` // of a token, its name
	Kind    Kind         `json:"kind"`
	Name    string       `json:"name"` // the token's, or of whom the session is
	Scope   kanban.Scope `json:"scope"`
	Board   string       `json:"board,omitempty"` // "" = all
	Hash    string       `json:"hash"`
	By      string       `json:"by"`
	Created time.Time    `json:"created"`
	Expires time.Time    `json:"expires,omitzero"` // zero = never
	Used    time.Time    `json:"used,omitzero"`    // within five minutes
}

// Actor is whom a credential makes of who shows it.
func (c Credential) Actor() kanban.Actor {
	a := kanban.Actor{Kind: kanban.Human, Name: c.Name, Scope: c.Scope, Board: c.Board}
	if c.Kind == Token {
		a.Name += " (token)"
	}
	return a
}

// Expired reports whether a credential has ended on its own.
func (c Credential) Expired(now time.Time) bool { return !c.Expires.IsZero() && !now.Before(c.Expires) }

// Keeper knows the credentials of a home. It is safe for concurrent use, also by
// several processes.
type Keeper struct {
	file  *jsonfile.File[content]
	clock func() time.Time
}

// New returns the keeper whose file stands in a folder. Nothing is read or made.
func New(dir string, clock func() time.Time) *Keeper {
	return &Keeper{file: jsonfile.New[content](filepath.Join(dir, "access.json")), clock: clock}
}

// Cookie is the name of the cookie that holds a session. Browsers give it to
// every port of a host, so the homes of one machine have names of their own.
func (k *Keeper) Cookie() string { return "andon_session_" + hash(k.file.Path())[:8] }

// List returns all credentials, in the order of their making.
func (k *Keeper) List() ([]Credential, error) {
	c, err := k.read()
	if err != nil {
		return nil, err
	}
	return slices.Clone(c.Credentials), nil
}

// Create makes a token. Its secret is told this once. by is who makes it; board ""
// is all, and expires zero is never.
//
// Errors: invalid; conflict if the name is taken; exhausted.
func (k *Keeper) Create(name string, scope kanban.Scope, board string, expires time.Time, by string) (secret string, made Credential, err error) {
	if name, err = kanban.Slug(name); err != nil {
		return "", made, err
	}
	secret = Prefix + rand.Text()
	made = Credential{ID: name, Kind: Token, Name: name, Scope: scope, Board: board, Hash: hash(secret), By: by, Created: k.clock(), Expires: expires}
	err = k.change(func(c *content) error {
		if slices.ContainsFunc(c.Credentials, func(c Credential) bool { return c.ID == name }) {
			return kanban.Errorf(kanban.Conflict, "there is a token %s already", name).Hint("andon tokens revoke %s  first, or choose another name", name)
		}
		return c.add(made)
	})
	return secret, made, err
}

func (c *content) add(one Credential) error {
	if len(c.Credentials) >= maxEach {
		return kanban.Errorf(kanban.Exhausted, "there are %d tokens and sessions", maxEach).Hint("andon tokens list  and revoke what nobody needs")
	}
	c.Credentials = append(c.Credentials, one)
	return nil
}

// Revoke ends a credential.
//
// Errors: not_found.
func (k *Keeper) Revoke(id string) error {
	id = strings.ToLower(strings.TrimSpace(id))
	return k.change(func(c *content) error {
		before := len(c.Credentials)
		c.Credentials = slices.DeleteFunc(c.Credentials, func(c Credential) bool { return c.ID == id })
		if len(c.Credentials) == before {
			return kanban.Errorf(kanban.NotFound, "there is no token or session %s", kanban.Quote(id)).Hint("andon tokens list")
		}
		return nil
	})
}

// Known returns the credential of a kind whose secret is shown.
//
// Errors: unauthorized.
func (k *Keeper) Known(kind Kind, secret string) (Credential, error) {
	c, err := k.read()
	if err != nil {
		return Credential{}, err
	}
	now, shown := k.clock(), hash(secret)
	at := slices.IndexFunc(c.Credentials, func(c Credential) bool { return c.Kind == kind && c.Hash == shown })
	if at < 0 {
		return Credential{}, kanban.Errorf(kanban.Unauthorized, "this %s is not known, or was revoked", kind).Hint("%s", kind.way())
	}
	found := c.Credentials[at]
	if found.Expired(now) {
		return Credential{}, kanban.Errorf(kanban.Unauthorized, "this %s has expired", kind).Hint("%s", kind.way())
	}
	if now.Sub(found.Used) >= touched {
		_ = k.touch(found.ID, shown, now) // a full disk is no reason to keep anybody out
	}
	return found, nil
}

func (k Kind) way() string {
	if k == Session {
		return "andon dashboard  prints a new link"
	}
	return "andon tokens create NAME --scope read  makes one"
}

// touch writes down that a credential was used. A session lives on from there.
func (k *Keeper) touch(id, hash string, now time.Time) error {
	return k.change(func(c *content) error {
		for i := range c.Credentials {
			if one := &c.Credentials[i]; one.ID == id && one.Hash == hash {
				one.Used = now
				if one.Kind == Session {
					one.Expires = now.Add(idle)
				}
			}
		}
		return nil
	})
}

// prune drops sessions and links that have ended. Expired tokens stay, so that
// somebody can see why a program is refused.
func (c *content) prune(now time.Time) {
	c.Credentials = slices.DeleteFunc(c.Credentials, func(c Credential) bool { return c.Kind == Session && c.Expired(now) })
	c.Links = slices.DeleteFunc(c.Links, func(l link) bool { return !now.Before(l.Expires) })
}

// hash is what is kept of a secret. Secrets are random and long, so that one
// round is enough.
func hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
