package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
)

func (s *server) inboxRoutes() {
	route(s, http.MethodGet, "/accounts", "list-accounts", "List accounts, with their use and what holds them", s.accounts)
	route(s, http.MethodGet, "/inbox", "inbox", "List all that waits for a human, the most costly wait first", s.inbox)
}

type inboxInput struct {
	Board string `query:"board" doc:"only what concerns this board"`
}

func (s *server) inbox(ctx context.Context, in *inboxInput) (*message[client.Page[client.InboxItem]], error) {
	a, err := human(ctx, "the inbox")
	if err != nil {
		return nil, err
	}
	if a.Board != "" {
		if in.Board, err = s.slug(ctx, cmp.Or(in.Board, a.Board)); err != nil {
			return nil, err
		}
	}
	waiting, err := s.o.Boards.Inbox(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	boards, err := s.o.Boards.List(ctx, false)
	if err != nil {
		return nil, err
	}
	current, err := s.o.Boards.Current(ctx)
	if err != nil {
		current = "" // it may have gone: then each command names its board
	}
	items := each(waiting, func(w board.Waiting) client.InboxItem {
		out := client.InboxItem{
			Kind: string(w.Kind), Board: w.Board, TaskID: w.Task.ID, Title: w.Task.Title, Lane: w.Task.Assignee, Scope: w.Scope,
			Reason: w.Reason, Options: w.Options, Since: when(w.Since), Behind: w.Behind, Commands: w.Commands,
		}
		if w.Board != "" && w.Scope == "" && w.Kind != board.WaitLatched && (len(boards) > 1 || w.Board != current) {
			out.Commands = each(w.Commands, func(c string) string { return onBoard(c, w.Board) })
		}
		return out
	})
	if s.o.Control != nil {
		if problem := s.o.Control.Status(ctx).ConfigError; problem != "" {
			items = append(items, client.InboxItem{
				Kind: "config", Reason: "andon.yaml as it is on disk is not in force: " + problem, Commands: []string{"andon config check"},
			})
		}
	}
	return whole(items, nil)
}

// accounts counts over all boards; one that cannot be read is left out.
func (s *server) accounts(ctx context.Context, _ *nothing) (*message[client.Page[client.Account]], error) {
	if _, err := human(ctx, "the list of accounts"); err != nil {
		return nil, err
	}
	all := s.o.Accounts()
	holds, err := s.o.Boards.Holds(ctx)
	if err != nil {
		return nil, err
	}
	boards, err := s.boardsOf(ctx, "", func(string, error) {})
	if err != nil {
		return nil, err
	}
	for i := range all {
		a := &all[i]
		a.Lanes = list(a.Lanes)
		for _, h := range holds {
			if h.Scope == "account:"+a.Name || h.Scope == "all" {
				a.Holds = append(a.Holds, wireHold(h))
			}
		}
		for _, b := range boards {
			u, err := b.Use(ctx, a.Lanes)
			if err != nil && ctx.Err() != nil {
				return nil, err
			}
			a.Running, a.Waiting = a.Running+u.Running, a.Waiting+u.Ready
		}
	}
	return whole(all, nil)
}

// onBoard is a command as it is typed whatever board is selected.
func onBoard(command, slug string) string {
	return strings.Replace(command, "andon ", "andon --board "+slug+" ", 1)
}
