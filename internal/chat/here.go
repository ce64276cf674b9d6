package chat

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/guests"
	"github.com/andon-dev/andon/internal/kanban"
)

// here shows or changes what holds in a place. What names the gateway's machine
// and what guests may do here is for admins; who has that role has it for this,
// however little the place allows.
func (d *desk) here(ctx context.Context, in Incoming, who speaker, args []string) error {
	now := who.here
	if len(args) > 0 {
		if who.guest.Role < kanban.ScopeOperate {
			return kanban.Errorf(kanban.Unauthorized, "your role is %s, and settings of a chat need operate", who.guest.Role).Hint("ask whoever runs this Andon")
		}
		if who.guest.Role < kanban.ScopeAdmin && who.actor.Scope < kanban.ScopeOperate {
			return kanban.Errorf(kanban.Unauthorized, "the most that is allowed here is %s, and settings of a chat need operate", who.actor.Scope).Hint("an admin allows more:  /andon here --at-most operate")
		}
		change, err := d.parseHere(ctx, in, who, args)
		if err != nil {
			return err
		}
		if now, err = d.Book.Set(d.sink, in.Place, change); err != nil {
			return err
		}
	}
	d.say(ctx, in, Reply{Text: "Here", Rows: []string{
		"board:     " + orElse(now.Board, "the selected one"),
		"workspace: " + orElse(now.Workspace, "as the lane and the board say"),
		"at most:   " + atMost(now),
	}})
	return nil
}

func atMost(s guests.Setting) string {
	if s.AtMost == kanban.ScopeNone {
		return "as each one's role"
	}
	return s.AtMost.String()
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// home makes a place the one that a guest's own messages go to.
func (d *desk) home(ctx context.Context, in Incoming, who speaker) error {
	if _, err := d.Book.SetHome(who.guest.Name, in.Place); err != nil {
		return err
	}
	d.say(ctx, in, Reply{Text: "Messages for " + who.guest.Name + " come here from now on."})
	return nil
}

// parseHere reads the flags of /andon here.
func (d *desk) parseHere(ctx context.Context, in Incoming, who speaker, args []string) (func(*guests.Setting), error) {
	fl := pflag.NewFlagSet("here", pflag.ContinueOnError)
	fl.Usage = func() {}
	board := fl.String("board", "", "")
	workspace := fl.String("workspace", "", "")
	role := fl.String("at-most", "", "")
	const way = "/andon here --board B --workspace dir:/path --at-most read|comment|operate|admin|none"
	if err := fl.Parse(args); err != nil || fl.NArg() > 0 {
		if err == nil {
			err = errors.New(kanban.Quote(fl.Arg(0)) + " is one word too many")
		}
		return nil, kanban.Errorf(kanban.Invalid, "%w", err).Hint(way)
	}
	if *board != "" {
		slug, err := kanban.Slug(*board)
		if err != nil {
			return nil, err
		}
		*board = slug
		if p := d.run(ctx, in, who, []string{"boards", "show", *board}); p.Status != 0 {
			return nil, kanban.Errorf(kanban.NotFound, "%s", strings.TrimPrefix(strings.TrimSpace(p.Err), "error: "))
		}
	}
	if (fl.Changed("workspace") || fl.Changed("at-most")) && who.guest.Role < kanban.ScopeAdmin {
		return nil, kanban.Errorf(kanban.Unauthorized, "--workspace and --at-most are for admins").Hint("ask whoever runs this Andon")
	}
	if err := checkWorkspace(*workspace); err != nil {
		return nil, err
	}
	limit := kanban.ScopeNone
	if *role != "" && *role != kanban.ScopeNone.String() {
		var err error
		if limit, err = kanban.ParseScope(*role); err != nil {
			return nil, err
		}
	}
	return func(s *guests.Setting) {
		if fl.Changed("board") {
			s.Board = *board
		}
		if fl.Changed("workspace") {
			s.Workspace = *workspace
		}
		if fl.Changed("at-most") {
			s.AtMost = limit
		}
	}, nil
}

// checkWorkspace takes absolute paths only: a chat stands in no folder.
func checkWorkspace(s string) error {
	kind, path, placed := strings.Cut(s, ":")
	switch {
	case s == "", !placed && slices.Contains([]string{kanban.Scratch, kanban.Worktree, kanban.Clone}, kind):
		return nil
	case slices.Contains([]string{kanban.Dir, kanban.Worktree}, kind) && filepath.IsAbs(path):
		return nil
	}
	return kanban.Errorf(kanban.Invalid, "%s is not a workspace", kanban.Quote(s)).Hint("scratch, dir:/path, worktree, worktree:/path or clone")
}

// mayEnd refuses to end a subscription by its number that is neither of this place
// nor one's own, unless for an admin.
func (d *desk) mayEnd(ctx context.Context, in Incoming, who speaker, p Parsed) error {
	if p.Verb != "notify unsubscribe" || !numbered(p.Args) || who.actor.Scope >= kanban.ScopeAdmin {
		return nil
	}
	number, _ := strconv.ParseInt(p.Args[0], 10, 64) // numbered
	api, board := d.API(who.actor, ""), orElse(p.Flags["board"], orElse(who.here.Board, client.Selected))
	all, err := api.Subscriptions(ctx, board, "")
	if err != nil {
		return err
	}
	own := func(s client.Subscription) bool { return s.ID == number && s.CreatedBy == who.actor.Name }
	if slices.ContainsFunc(all, own) {
		return nil
	}
	here, err := api.SubscriptionsAt(ctx, board, "", client.Place{Sink: d.sink, Target: in.Place.Chat, Thread: in.Place.Thread})
	if err != nil || slices.ContainsFunc(here, func(s client.Subscription) bool { return s.ID == number }) {
		return err
	}
	return kanban.Errorf(kanban.Unauthorized, "subscription %d is neither of this place nor yours, so only admins may end it", number).Hint("/andon notify list")
}
