package chat

import (
	"context"
	"errors"

	"github.com/andon-dev/andon/internal/guests"
)

// Platform is a connection to a chat service through one bot. Its methods are
// called by several goroutines.
type Platform interface {
	// Run receives until ctx ends or the connection is lost. It may call receive
	// for one message after the other, and again for one that it is not sure to
	// have handed over: Incoming.ID tells.
	//
	// Errors: Hopeless if only another configuration can help.
	Run(ctx context.Context, receive func(context.Context, Incoming)) error
	// Say sends a message and returns the platform's name for it.
	Say(ctx context.Context, to guests.Place, r Reply) (ref string, err error)
	// Edit replaces what Say sent.
	Edit(ctx context.Context, to guests.Place, ref string, r Reply) error
	// Ask opens a field for text to who wrote or pressed. What is typed there
	// comes in as Incoming.Answer, or as a reply to the returned message.
	Ask(ctx context.Context, in Incoming, p Prompt) (ref string, err error)
}

// Hopeless marks an error of Run that trying again cannot cure.
func Hopeless(err error) error { return hopeless{err} }

type hopeless struct{ error }

func (h hopeless) Unwrap() error { return h.error }

// IsHopeless reports whether an error of Run is one.
func IsHopeless(err error) bool {
	var h hopeless
	return errors.As(err, &h)
}

// Incoming is something that somebody did in a chat.
type Incoming struct {
	ID      string // of the update; the same if it comes again
	Place   guests.Place
	Private bool // nobody but this user and the bot is there
	User    guests.User
	Text    string // as it was written
	Ref     string // of the message itself, or of the one whose button was pressed
	ReplyTo string // Ref of the message that it replies to
	ToUs    bool   // that message is known to be the bot's
	Press   string // Button.Data of a button that was pressed
	Answer  string // Prompt.Token of the field that was filled in with Text
	Field   string // what the platform needs to open a field, from a press or a command
	Old     bool   // Place lacks the thread, if there is one: the platform does not tell it any more
	Moved   string // what the platform calls this chat from now on; all else is empty
}

// Reply is what is said in a chat. Rows are shown in letters of equal width.
type Reply struct {
	Text    string
	Rows    []string
	Buttons []Button
	To      string // Ref of the message that it answers, or ""
}

// Button is pressed once; who presses it comes in with its Data, at most
// notify.MaxPress bytes.
type Button struct {
	Label  string
	Data   string
	Danger bool
}

// Prompt asks for a text.
type Prompt struct {
	Title string // of the field, at most 24 characters
	Label string
	Token string // comes back with the answer
}
