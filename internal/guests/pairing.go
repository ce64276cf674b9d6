package guests

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/andon-dev/andon/internal/kanban"
)

const (
	codeLife   = time.Hour
	codeLength = 8
	alphabet   = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789" // nothing that looks like something else
	maxPending = 3                                  // of a bot
	codeEvery  = 10 * time.Minute                   // of a user
	maxWrong   = 5                                  // codes that are none, before all wait for
	lockout    = time.Hour
)

// request is a stranger's wish to come in.
type request struct {
	Sink string    `json:"sink"`
	User User      `json:"user"`
	Salt string    `json:"salt"`
	Hash string    `json:"hash"`
	At   time.Time `json:"at"`
}

// Request makes a code for a stranger, told this once.
//
// Errors: exhausted while this user has a new one, or too many wait.
func (b *Book) Request(sink string, user User) (code string, err error) {
	code = newCode()
	return code, b.change(func(c *content) error {
		waiting := 0
		for _, r := range c.Requests {
			if r.Sink != sink {
				continue
			}
			if r.User.ID == user.ID && b.clock().Sub(r.At) < codeEvery {
				return kanban.Errorf(kanban.Exhausted, "you have a code already").Hint("it is valid for an hour; a new one is given after ten minutes")
			}
			if r.User.ID != user.ID {
				waiting++
			}
		}
		if waiting >= maxPending {
			return kanban.Errorf(kanban.Exhausted, "%d others wait for their approval", waiting).Hint("try again in an hour")
		}
		c.Requests = slices.DeleteFunc(c.Requests, func(r request) bool { return r.Sink == sink && r.User.ID == user.ID })
		salt := rand.Text()
		c.Requests = append(c.Requests, request{sink, user, salt, hashed(salt, code), b.clock()})
		return nil
	})
}

// Waiting is a stranger who asked to come in.
type Waiting struct {
	Sink  string
	User  User
	Until time.Time
}

// Waiting lists who asked and was not approved yet.
func (b *Book) Waiting() ([]Waiting, error) {
	c, err := b.read()
	if err != nil {
		return nil, err
	}
	var all []Waiting
	for _, r := range c.Requests {
		if until := r.At.Add(codeLife); until.After(b.clock()) {
			all = append(all, Waiting{r.Sink, r.User, until})
		}
	}
	return all, nil
}

// Approve lets in who was given a code, however it is spaced. name "" is as the
// platform shows them; by is who approves.
//
// Errors: invalid for no code at all, which is no wrong one; not_found for a code that is none; exhausted after too many of those;
// conflict if the name is taken; invalid.
func (b *Book) Approve(code, name string, role kanban.Scope, by string) (g Guest, err error) {
	code = strings.ToUpper(strings.Join(strings.FieldsFunc(code, func(r rune) bool { return unicode.IsSpace(r) || r == '-' }), ""))
	if code == "" {
		return Guest{}, kanban.Errorf(kanban.Invalid, "the code is empty").Hint("the bot tells it to whoever writes to it first")
	}
	wrong := false
	err = b.change(func(c *content) error {
		if len(c.Wrong) >= maxWrong {
			return kanban.Errorf(kanban.Exhausted, "too many codes were wrong").Hint("try again in an hour, with a new code")
		}
		i := slices.IndexFunc(c.Requests, func(r request) bool { return r.Hash == hashed(r.Salt, code) })
		if i < 0 {
			c.Wrong, wrong = append(c.Wrong, b.clock()), true
			return nil
		}
		r := c.Requests[i]
		if g, err = c.admit(r, name, role); err != nil {
			return err
		}
		g.By, g.Since = by, b.clock()
		c.Guests = append(slices.DeleteFunc(c.Guests, func(o Guest) bool { return o.Sink == g.Sink && o.User == g.User }), g)
		c.Requests = slices.Delete(c.Requests, i, i+1)
		return nil
	})
	if err == nil && wrong {
		err = kanban.Errorf(kanban.NotFound, "nobody waits with the code %s", kanban.Quote(code)).
			Hint("write to the bot for a new one; a code is valid for an hour")
	}
	return g, err
}

// admit makes a guest of a request. Who comes again keeps the name.
func (c *content) admit(r request, name string, role kanban.Scope) (Guest, error) {
	if name == "" {
		name = slugOf(r.User)
	}
	name, err := kanban.Slug(name)
	if err != nil {
		return Guest{}, err
	}
	if slices.ContainsFunc(c.Guests, func(o Guest) bool { return o.Name == name && (o.Sink != r.Sink || o.User != r.User.ID) }) {
		return Guest{}, kanban.Errorf(kanban.Conflict, "somebody else is called %s already", name).Hint("choose another name: --name")
	}
	if len(c.Guests) >= maxGuests {
		return Guest{}, kanban.Errorf(kanban.Exhausted, "there are %d guests", len(c.Guests)).Hint("andon chat remove NAME")
	}
	return Guest{Name: name, Sink: r.Sink, User: r.User.ID, Shown: r.User.Name, Role: role}, nil
}

// slugOf makes a name of what a platform shows, which may have no letter that a
// name can have.
func slugOf(u User) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_':
			return r
		case r == ' ' || r == '.':
			return '-'
		}
		return -1
	}, strings.ToLower(u.Name))
	name = strings.Trim(name, "-_")
	if name == "" {
		return "user-" + strings.ToLower(u.ID)
	}
	return name[:min(len(name), 40)]
}

func newCode() string {
	raw := make([]byte, codeLength)
	_, _ = rand.Read(raw) // never fails
	for i, x := range raw {
		raw[i] = alphabet[int(x)%len(alphabet)]
	}
	return string(raw)
}

func hashed(salt, code string) string {
	sum := sha256.Sum256([]byte(salt + code))
	return hex.EncodeToString(sum[:])
}
