package chat

import (
	"context"

	"github.com/andon-dev/andon/client"
)

// Runner runs a command line as the command line does.
type Runner func(ctx context.Context, l Line) Printed

// Line is a command line that somebody typed in a chat.
type Line struct {
	Args    []string
	Board   string         // if none is named
	Client  *client.Client // the API, as who typed it
	Session string         // whose last task @last is
	Permit  func(Parsed) error
}

// Parsed is a line before it runs.
type Parsed struct {
	Verb  string            // the command without its program, for example "boards list"
	Args  []string          // what is neither verb nor flag
	Flags map[string]string // that were given, by their long names
	Set   func(flag, value string) error
}

// Printed is what a line said. Status is as of a process; 0 is success.
type Printed struct {
	Out, Err string
	Status   int
	Board    string // that it was about; "" = the selected one
}
