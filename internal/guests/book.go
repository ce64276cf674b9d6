package guests

import (
	"errors"
	"path/filepath"
	"slices"
	"time"

	"github.com/andon-dev/andon/internal/jsonfile"
	"github.com/andon-dev/andon/internal/kanban"
)

const (
	maxGuests = 1000
	maxFields = 200 // that wait for their text
	fieldLife = 7 * 24 * time.Hour
)

// User is somebody on a platform.
type User struct {
	ID   string `json:"id"`   // stable
	Name string `json:"name"` // as shown
}

// Place is where people talk.
type Place struct {
	Chat   string `json:"chat"`             // the platform's id of a chat or channel
	Thread string `json:"thread,omitempty"` // of a thread in it
}

// Guest is somebody on a platform who may come in.
type Guest struct {
	Name  string       `json:"name"` // what events call them, and unique
	Sink  string       `json:"sink"` // whose bot they speak to
	User  string       `json:"user"` // the platform's id
	Shown string       `json:"shown,omitempty"`
	Role  kanban.Scope `json:"role"`
	Home  *Place       `json:"home,omitempty"`  // where their own messages go
	Alone string       `json:"alone,omitempty"` // the chat of only them and the bot, once they wrote there
	By    string       `json:"by"`
	Since time.Time    `json:"since"`
}

// Actor is who acts when a guest does. A place may allow less than the role.
func (g Guest) Actor(atMost kanban.Scope) kanban.Actor {
	role := g.Role
	if atMost != kanban.ScopeNone {
		role = min(role, atMost)
	}
	return kanban.Actor{Kind: kanban.Human, Name: g.Name + " (" + g.Sink + ")", Scope: role}
}

// Setting is what a place was told with /andon here.
type Setting struct {
	Sink      string       `json:"sink"`
	Place     Place        `json:"place"`
	Board     string       `json:"board,omitempty"`
	Workspace string       `json:"workspace,omitempty"` // of tasks made here: dir:/path and so on
	AtMost    kanban.Scope `json:"at_most,omitempty"`   // nobody may do more here; none = as their role
}

// Field is one that was opened for a text.
type Field struct {
	Sink  string `json:"sink"`
	Token string `json:"token"`
	Ref   string `json:"ref,omitempty"` // of the message that can be replied to
	Press string `json:"press"`         // what the text is for
	User  string `json:"user"`
	// AtMost is what the place of the message allowed that it was opened for.
	AtMost kanban.Scope `json:"at_most,omitempty"`
	At     time.Time    `json:"at"`
}

type content struct {
	Guests   []Guest     `json:"guests,omitempty"`
	Requests []request   `json:"requests,omitempty"`
	Settings []Setting   `json:"settings,omitempty"`
	Fields   []Field     `json:"fields,omitempty"`
	Names    []name      `json:"names,omitempty"`
	Wrong    []time.Time `json:"wrong,omitempty"` // codes that were none, in the last hour
}

// Book knows the guests of a home. It is safe for concurrent use, also by
// several processes.
type Book struct {
	file  *jsonfile.File[content]
	clock func() time.Time
}

// New returns the book whose file stands in a folder. Nothing is read or made.
func New(dir string, clock func() time.Time) *Book {
	return &Book{jsonfile.New[content](filepath.Join(dir, "chat.json")), clock}
}

// Guest finds who a user of a platform is.
func (b *Book) Guest(sink, user string) (g Guest, known bool, err error) {
	c, err := b.read()
	if err != nil {
		return g, false, err
	}
	i := slices.IndexFunc(c.Guests, func(g Guest) bool { return g.Sink == sink && g.User == user })
	if i < 0 {
		return g, false, nil
	}
	return c.Guests[i], true, nil
}

// Guests lists all, in the order of their coming.
func (b *Book) Guests() ([]Guest, error) {
	c, err := b.read()
	if err != nil {
		return nil, err
	}
	return slices.Clone(c.Guests), nil
}

// SetRole gives a guest another role.
//
// Errors: not_found.
func (b *Book) SetRole(name string, role kanban.Scope) (Guest, error) {
	return b.changeGuest(name, func(g *Guest) { g.Role = role })
}

// SetHome says where a guest's own messages go.
//
// Errors: not_found.
func (b *Book) SetHome(name string, home Place) (Guest, error) {
	return b.changeGuest(name, func(g *Guest) { g.Home = &home })
}

// SetAlone says which chat is of a guest and the bot alone.
//
// Errors: not_found.
func (b *Book) SetAlone(name, chat string) (Guest, error) {
	return b.changeGuest(name, func(g *Guest) { g.Alone = chat })
}

func (b *Book) changeGuest(name string, do func(*Guest)) (changed Guest, err error) {
	return changed, b.change(func(c *content) error {
		i := slices.IndexFunc(c.Guests, func(g Guest) bool { return g.Name == name })
		if i < 0 {
			return unknownGuest(name)
		}
		do(&c.Guests[i])
		changed = c.Guests[i]
		return nil
	})
}

// Remove shows a guest the door.
//
// Errors: not_found.
func (b *Book) Remove(name string) (gone Guest, err error) {
	return gone, b.change(func(c *content) error {
		i := slices.IndexFunc(c.Guests, func(g Guest) bool { return g.Name == name })
		if i < 0 {
			return unknownGuest(name)
		}
		gone = c.Guests[i]
		c.Guests = slices.Delete(c.Guests, i, i+1)
		return nil
	})
}

func unknownGuest(name string) error {
	return kanban.Errorf(kanban.NotFound, "nobody in a chat is called %s", kanban.Quote(name)).Hint("andon chat list")
}

// Setting is what holds in a place: its thread's, else its chat's. No thread allows
// more than its chat does.
func (b *Book) Setting(sink string, p Place) (Setting, error) {
	c, err := b.read()
	if err != nil {
		return Setting{}, err
	}
	return c.setting(sink, p), nil
}

func (c *content) setting(sink string, p Place) Setting {
	found := func(at Place) (Setting, bool) {
		i := slices.IndexFunc(c.Settings, func(s Setting) bool { return s.Sink == sink && s.Place == at })
		if i < 0 {
			return Setting{Sink: sink, Place: p}, false
		}
		return c.Settings[i], true
	}
	whole, _ := found(Place{Chat: p.Chat})
	if here, own := found(p); own && p.Thread != "" {
		here.AtMost = Stricter(here.AtMost, whole.AtMost)
		return here
	}
	return whole
}

// Strictest is the least that a chat or one of its threads allows.
func (b *Book) Strictest(sink, chat string) (limit kanban.Scope, err error) {
	c, err := b.read()
	if err != nil {
		return limit, err
	}
	for _, s := range c.Settings {
		if s.Sink == sink && s.Place.Chat == chat {
			limit = Stricter(limit, s.AtMost)
		}
	}
	return limit, nil
}

// Stricter is the lower of two limits, of which none is no limit.
func Stricter(a, b kanban.Scope) kanban.Scope {
	if a == kanban.ScopeNone || b == kanban.ScopeNone {
		return max(a, b)
	}
	return min(a, b)
}

// Set changes what a place was told, and returns what holds there then.
func (b *Book) Set(sink string, p Place, do func(*Setting)) (now Setting, err error) {
	return now, b.change(func(c *content) error {
		i := slices.IndexFunc(c.Settings, func(s Setting) bool { return s.Sink == sink && s.Place == p })
		if i < 0 {
			i = len(c.Settings)
			c.Settings = append(c.Settings, Setting{Sink: sink, Place: p})
		}
		do(&c.Settings[i])
		now = c.setting(sink, p)
		return nil
	})
}

// Open remembers a field that waits for its text, for a week.
func (b *Book) Open(f Field) error {
	f.At = b.clock()
	return b.change(func(c *content) error {
		c.Fields = append(c.Fields, f)
		if over := len(c.Fields) - maxFields; over > 0 {
			c.Fields = c.Fields[over:]
		}
		return nil
	})
}

// Field finds one by its token, or by the message that was replied to.
func (b *Book) Field(sink, token, ref string) (f Field, known bool, err error) {
	c, err := b.read()
	if err != nil {
		return f, false, err
	}
	i := slices.IndexFunc(c.Fields, func(f Field) bool {
		return f.Sink == sink && (token != "" && f.Token == token || ref != "" && f.Ref == ref) && b.clock().Sub(f.At) < fieldLife
	})
	if i < 0 {
		return f, false, nil
	}
	return c.Fields[i], true, nil
}

func (b *Book) read() (*content, error) {
	c, err := b.file.Read()
	if err != nil {
		return nil, b.unreadable(err)
	}
	return c, nil
}

func (b *Book) unreadable(err error) error {
	return kanban.Errorf(kanban.Unavailable, "who may come in from chats cannot be read: %s: %w", b.file.Path(), err).
		Hint("nobody does until it can; mv %s aside  forgets them all", b.file.Path())
}

func (b *Book) change(do func(*content) error) error {
	var refused error
	err := b.file.Change(func(c *content) error {
		c.prune(b.clock())
		refused = do(c)
		return refused
	})
	var unwritten jsonfile.WriteError
	switch {
	case err == nil || refused != nil:
		return err
	case errors.As(err, &unwritten):
		return kanban.Errorf(kanban.Unavailable, "who may come in from chats cannot be written: %w", err).
			Hint("nothing was changed; check %s", filepath.Dir(b.file.Path()))
	}
	return b.unreadable(err)
}

func (c *content) prune(now time.Time) {
	c.Requests = slices.DeleteFunc(c.Requests, func(r request) bool { return now.Sub(r.At) >= codeLife })
	c.Fields = slices.DeleteFunc(c.Fields, func(f Field) bool { return now.Sub(f.At) >= fieldLife })
	c.Wrong = slices.DeleteFunc(c.Wrong, func(at time.Time) bool { return now.Sub(at) >= lockout })
}
