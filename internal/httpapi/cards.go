package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

func (s *server) cardRoutes() {
	route(s, http.MethodGet, boardPath+"/cards", "list-cards", "List tasks as a board draws them", s.listCards)
	route(s, http.MethodPost, taskPath+"/move", "move-task", "Send a task to a status, by the verb that leads there", s.move)
	route(s, http.MethodGet, "/meta", "meta", "Tell what there is to know before looking at a board", s.meta)
}

type listCardsInput struct {
	BoardPath
	IDs         []string `query:"id,explode" maxItems:"1000" doc:"only these; repeat it"`
	Statuses    []string `query:"status,explode" doc:"only these; repeat it"`
	Lane        string   `query:"lane"`
	Tenant      string   `query:"tenant"`
	Labels      []string `query:"label,explode" doc:"only tasks that have it; repeat it for several, all of which they must have"`
	Text        string   `query:"text" doc:"words, all of which stand in title or body, in any case"`
	Parent      string   `query:"parent" doc:"only the tasks that wait for this one"`
	Sort        string   `query:"sort" enum:"priority,created,created-desc,updated-desc,status,assignee,title" doc:"priority if absent"`
	Limit       int      `query:"limit" minimum:"1" maximum:"1000" doc:"200 if absent"`
	Cursor      string   `query:"cursor" doc:"next of the page before"`
	IfNoneMatch string   `header:"If-None-Match" doc:"the ETag of the answer that the caller has; 304 if it still is so"`
}

const cardLimit = 200

type listCardsReply struct {
	Status int
	ETag   string `header:"ETag"`
	Body   client.CardPage
}

func (s *server) listCards(ctx context.Context, in *listCardsInput) (*listCardsReply, error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	q, none, err := cardQuery(ctx, b, in)
	if err != nil {
		return nil, err
	}
	var found board.CardPage
	if !none {
		if found, err = b.Cards(ctx, q); err != nil {
			return nil, err
		}
	}
	page := client.CardPage{Items: s.cards(ctx, b, found.Cards), Next: found.Next, LatestEvent: found.LatestEvent, Counts: wireCounts(found.Counts)}
	tag, err := digest(page)
	out := &listCardsReply{Status: http.StatusOK, ETag: tag, Body: page}
	if in.IfNoneMatch == tag {
		out.Status = http.StatusNotModified
	}
	return out, err
}

// digest is the ETag of an answer that has no version. The newest event does not
// count: what it changed is on the cards, or on none of these.
func digest(p client.CardPage) (string, error) {
	p.LatestEvent = 0
	text, err := json.Marshal(p)
	return fmt.Sprintf(`"%x"`, sha256.Sum256(text))[:34] + `"`, err
}

// cardQuery reads what is asked for; none says that the caller may see nothing of
// it.
func cardQuery(ctx context.Context, b *board.Board, in *listCardsInput) (q store.TaskQuery, none bool, err error) {
	q = store.TaskQuery{
		Assignee: strings.ToLower(in.Lane), Tenant: in.Tenant, Text: in.Text, Sort: store.Sort(in.Sort), Limit: in.Limit, Cursor: in.Cursor,
	}
	if q.Limit == 0 {
		q.Limit = cardLimit
	}
	if q.Labels, err = kanban.Labels(in.Labels); err != nil {
		return q, false, err
	}
	for _, word := range in.Statuses {
		status, err := kanban.ParseStatus(word)
		if err != nil {
			return q, false, err
		}
		q.Statuses = append(q.Statuses, status)
		q.Archived = q.Archived || status == kanban.Archived
	}
	if in.Parent != "" {
		if q.Parent, err = resolve(ctx, b, in.Parent); err != nil {
			return q, false, err
		}
	}
	for _, start := range in.IDs {
		id, err := resolve(ctx, b, start)
		if err != nil {
			return q, false, err
		}
		q.IDs = append(q.IDs, id)
	}
	q.Archived = q.Archived || len(q.IDs) > 0
	seen, err := inSight(ctx, b)
	q.IDs = seen.only(q.IDs)
	return q, seen != nil && len(q.IDs) == 0, err
}

// cards shows cards to who asks.
func (s *server) cards(ctx context.Context, b *board.Board, cards []board.Card) []client.Card {
	movable := mayAsk(ctx, "move-task") == nil
	return each(cards, func(c board.Card) client.Card {
		w := s.card(b, c)
		if !movable {
			w.Moves = []string{}
		}
		return w
	})
}

// card is one as the owner sees it.
func (s *server) card(b *board.Board, c board.Card) client.Card {
	t := c.Task
	w := client.Card{
		ID: t.ID, Title: t.Title, Status: string(t.Status), Lane: t.Assignee, Priority: t.Priority, Tenant: t.Tenant, Labels: t.Labels, Version: t.Version,
		CreatedAt: t.CreatedAt, UpdatedAt: when(t.UpdatedAt), Since: c.Since,
		Parents: c.Beside.Parents, Comments: c.Beside.Comments, Attempts: c.Beside.Runs,
		Gates: each(c.Gates, wireGate), BlockKind: string(t.BlockKind), Reason: t.BlockReason, Reviewer: t.Reviewer, Failed: t.Failures,
		Moves: each(c.Moves, func(m kanban.Move) string { return string(m.To) }),
	}
	if t.Status == kanban.Archived {
		w.Reason = t.Closed
	}
	if n := c.Beside.Children; n > 0 {
		w.Children = &client.Progress{Done: c.Beside.Satisfied, Total: n}
	}
	if c.Run != nil {
		w.Run = &client.CardRun{ID: c.Run.ID, StartedAt: c.Run.StartedAt, Lane: c.Run.Lane, CostUSD: kanban.Dollars(c.Run.Usage.Cost)}
		if s.o.LastLine != nil {
			line, at := s.o.LastLine(b.Slug(), c.Run.ID)
			w.Run.LastLine, w.Run.LastOutputAt = line, when(at)
		}
	}
	return w
}

type moveInput struct {
	TaskPath
	Body client.MoveRequest
}

type movedReply struct {
	ETag string `header:"ETag"`
	Body client.Moved
}

func (s *server) move(ctx context.Context, in *moveInput) (*movedReply, error) {
	t, err := s.target(ctx, in.TaskPath)
	if err != nil {
		return nil, err
	}
	if in.Body.Version != 0 {
		ctx = board.WithVersion(ctx, in.Body.Version)
	}
	moved, err := s.moveTo(ctx, t, in.Body)
	if err != nil {
		return nil, err
	}
	return &movedReply{fmt.Sprintf(`"%d"`, moved.Version), moved}, nil
}

func (s *server) moveTo(ctx context.Context, t target, r client.MoveRequest) (w client.Moved, err error) {
	to, err := kanban.ParseStatus(r.To)
	if err != nil {
		return w, err
	}
	moved, err := t.board.Move(ctx, t.by, t.id, to, r.Reason, r.Summary)
	if err != nil {
		return w, err
	}
	card, err := t.board.CardOf(ctx, moved.Task)
	if err != nil {
		return w, err
	}
	w.Undo = undo(card, moved.From)
	w.Card = s.cards(ctx, t.board, []board.Card{card})[0]
	return w, nil
}

// undo takes back what brought a card from a status to where it is; nil if
// nothing does.
func undo(now board.Card, from kanban.Status) *client.MoveRequest {
	to := now.WayBack(from)
	if to == "" {
		return nil
	}
	return &client.MoveRequest{To: string(to), Version: now.Task.Version}
}
