package chat

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/notify"
)

// help is short, since a phone is small.
const help = `list, show ID, why ID, inbox: see how things stand
add TITLE --lane LANE, or @LANE TITLE: put a task on the board
answer ID TEXT, approve ID, reject ID TEXT: decide
stop ID, retry ID, unblock ID, cancel ID
comment ID TEXT, or reply to a message
logs ID, runs ID, diff ID: look at the work
lanes, stats, diagnostics, pull, resume: the fleet
here --board B: what this chat means by default
home: send my own messages here
whoami; help VERB tells more`

// command does what stands behind /andon.
func (d *desk) command(ctx context.Context, in Incoming, who speaker, text string) error {
	if line, ok := said(text); ok {
		return d.perform(ctx, in, who, intent{args: line})
	}
	args, below := words(text)
	uncapitalized(args)
	if helps(args) {
		d.say(ctx, in, Reply{Text: "/andon ...", Rows: strings.Split(help, "\n")})
		return nil
	}
	switch args[0] {
	case "here":
		return d.here(ctx, in, who, args[1:])
	case "home":
		return d.home(ctx, in, who)
	case "whoami":
		d.say(ctx, in, Reply{Text: who.actor.Name + ", role " + who.actor.Scope.String() + boardOf(who)})
		return nil
	}
	args, endless := snapshot(args)
	return d.perform(ctx, in, who, intent{args: args, below: below, endless: endless})
}

func boardOf(who speaker) string {
	if who.here.Board == "" {
		return ""
	}
	return ", board " + who.here.Board
}

// helps reports whether a line asks for what chats can do at all, which is less than
// the command line can.
func helps(args []string) bool {
	switch at := verbAt(args); {
	case at < 0:
		return true
	case at+1 == len(args):
		return slices.Contains([]string{"help", "start", "?"}, args[at])
	default:
		return args[at] == "help" && slices.Contains([]string{"here", "home", "whoami", "help"}, args[at+1])
	}
}

// intent is a line that somebody wants done.
type intent struct {
	args    []string
	below   string // the lines under it
	endless bool   // it asked for what never ends
	sure    bool   // it was asked first
	ours    bool   // a button of ours means it, and it names this place
}

// errAsk keeps a line from being done; nobody reads it.
var errAsk = errors.New("it is asked first")

// perform runs a line and says what it printed, or asks first.
func (d *desk) perform(ctx context.Context, in Incoming, who speaker, want intent) error {
	var verb Parsed
	var ask bool
	p := d.runLine(ctx, in, who, want.line(), func(parsed Parsed) error {
		verb = parsed
		role := who.actor.Scope
		if want.ours {
			role = kanban.ScopeAdmin // the API judges what is done; only flags are looked at here
		}
		asks, err := permit(parsed, role)
		ask = asks && !want.sure
		switch {
		case err != nil:
			return err
		case ask:
			return errAsk
		}
		if err := d.mayEnd(ctx, in, who, parsed); err != nil {
			return err
		}
		return d.complement(in, who, parsed, want.below)
	})
	if ask {
		return d.ask(ctx, in, who, want, verb)
	}
	reply := d.shown(p)
	if follow := verb.Flags["follow"]; p.Status == 0 && (want.endless || follow != "" && follow != "false") {
		reply.Buttons = append(reply.Buttons, d.tellMe(ctx, in, who, verb))
	}
	d.say(ctx, in, reply)
	return nil
}

// line is what is given to the command line. Below a task's title stands its
// body, below all else more of the text.
func (w intent) line() []string {
	at := verbAt(w.args)
	if w.below == "" || at >= 0 && slices.Contains([]string{"add", "create"}, w.args[at]) {
		return w.args
	}
	line := slices.Clone(w.args)
	if !slices.Contains(line, "--") {
		line = append(line, "--") // a list of points is no flags
	}
	return append(line, w.below)
}

// complement adds what was meant though not said: a task made here is told here,
// and works where the place says; a subscription or a mute is of this place.
func (d *desk) complement(in Incoming, who speaker, p Parsed, below string) error {
	given := func(flags ...string) bool {
		return slices.ContainsFunc(flags, func(f string) bool { _, ok := p.Flags[f]; return ok })
	}
	set := map[string]string{}
	switch {
	case p.Verb == "add":
		if !given("tell", "json", "output") { // what a program reads is not told
			set["tell"], set["tell-target"], set["tell-thread"] = d.sink, in.Place.Chat, in.Place.Thread
		}
		if below != "" && !given("body") {
			set["body"] = below
		}
		if who.here.Workspace != "" && !given("workspace", "repo") {
			set["workspace"] = who.here.Workspace
		}
	case verbs[p.Verb].here && !given("sink", "target", "thread") && !numbered(p.Args):
		set["sink"], set["target"], set["thread"] = d.sink, in.Place.Chat, in.Place.Thread
	}
	for flag, value := range set {
		if err := p.Set(flag, value); err != nil {
			return err
		}
	}
	return nil
}

// numbered reports whether a line names a subscription by its number.
func numbered(args []string) bool {
	if len(args) == 0 {
		return false
	}
	_, err := strconv.ParseInt(args[0], 10, 64)
	return err == nil
}

// run does a line that we made ourselves.
func (d *desk) run(ctx context.Context, in Incoming, who speaker, args []string) Printed {
	return d.runLine(ctx, in, who, args, func(p Parsed) error {
		_, err := permit(p, kanban.ScopeAdmin)
		return err
	})
}

func (d *desk) runLine(ctx context.Context, in Incoming, who speaker, args []string, permit func(Parsed) error) Printed {
	return d.Command(ctx, Line{
		Args: args, Board: who.here.Board, Client: d.API(who.actor, d.key(in)), Session: d.session(in.Place, who.guest), Permit: permit,
	})
}

// tellMe offers to tell a place of what was asked for and never ends: of a task if
// one was named, else of the board; only of what was asked for.
func (d *desk) tellMe(ctx context.Context, in Incoming, who speaker, p Parsed) Button {
	press := notify.Press{Act: actTell, Board: orElse(orElse(p.Flags["board"], who.here.Board), client.Selected)}
	if len(p.Args) == 1 {
		if t, err := d.meant(ctx, in, who, p.Args[0], p.Flags["board"]); err == nil {
			press.Task, press.Board = t.id, orElse(t.board, client.Selected)
		}
	}
	var only []string
	for _, flag := range filters {
		if value := p.Flags[flag]; value != "" {
			only = append(only, "--"+flag, value)
		}
	}
	if len(only) > 0 { // which has no room in a button
		press = notify.Press{Act: actOnly, Board: ours, Task: d.lines.put(d.subscribe(in, press, only...))}
	}
	return Button{Label: "Tell me what happens", Data: press.String()}
}

// subscribe is the line that tells this place of what a press names.
func (d *desk) subscribe(in Incoming, p notify.Press, only ...string) []string {
	return of(p, "notify subscribe", append([]string{"--sink", d.sink, "--target", in.Place.Chat, "--thread", in.Place.Thread}, only...))
}
