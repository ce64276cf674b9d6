package httpapi

import (
	"context"
	"fmt"
	"net/http"

	"golang.org/x/sync/errgroup"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

func (s *server) bulkRoutes() {
	route(s, http.MethodPost, boardPath+"/bulk", "bulk", "Do the same to several tasks, each for itself", s.bulk)
}

const bulkLimit = 500

type bulkInput struct {
	BoardPath
	Body client.BulkRequest
}

// bulk changes each task in a transaction of its own; those that are asked for at
// the same time share a commit.
func (s *server) bulk(ctx context.Context, in *bulkInput) (*message[client.BulkReply], error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	if n := len(in.Body.IDs); n == 0 || n > bulkLimit {
		return nil, kanban.Errorf(kanban.Invalid, "ids: %d tasks", n).Hint("name 1 to %d", bulkLimit)
	}
	do, err := s.bulkAction(in.Body)
	if err != nil {
		return nil, err
	}
	if err := b.Begin(ctx); err != nil {
		return nil, err
	}
	results := make([]client.BulkResult, len(in.Body.IDs))
	from := make([]kanban.Status, len(in.Body.IDs))
	const atOnce = 16
	var all errgroup.Group
	all.SetLimit(atOnce)
	for i, start := range in.Body.IDs {
		all.Go(func() error {
			id, err := resolve(ctx, b, start)
			if err == nil {
				from[i], err = do(board.PartOfOperation(ctx, id), target{b, id, actor(ctx)})
			}
			results[i] = client.BulkResult{ID: id, OK: err == nil}
			if err != nil {
				results[i].ID, results[i].Problem = start, &problemOf(err).Refusal
			}
			return nil
		})
	}
	if err := all.Wait(); err != nil {
		return nil, err
	}
	return answer(client.BulkReply{Results: results}, s.addCards(ctx, b, results, from))
}

// addCards shows the tasks that were changed, as they are now, with the way back to
// where they came from.
func (s *server) addCards(ctx context.Context, b *board.Board, results []client.BulkResult, from []kanban.Status) error {
	var ids []string
	for _, r := range results {
		if r.OK {
			ids = append(ids, r.ID)
		}
	}
	found, err := b.CardsOf(ctx, ids)
	if err != nil {
		return err
	}
	cards, shown := map[string]board.Card{}, map[string]*client.Card{}
	for i, w := range s.cards(ctx, b, found) {
		cards[w.ID], shown[w.ID] = found[i], &w
	}
	for i := range results {
		r := &results[i]
		if !r.OK || shown[r.ID] == nil {
			continue
		}
		r.Card = shown[r.ID]
		if from[i] != "" {
			r.Undo = undo(cards[r.ID], from[i])
		}
	}
	return nil
}

// bulkAction is what is done to each task. It tells from where it took the task, ""
// if it moved none.
func (s *server) bulkAction(r client.BulkRequest) (func(context.Context, target) (kanban.Status, error), error) {
	switch r.Action {
	case "move":
		to, err := kanban.ParseStatus(r.To)
		return func(ctx context.Context, t target) (kanban.Status, error) {
			moved, err := t.board.Move(ctx, t.by, t.id, to, r.Reason, r.Summary)
			return moved.From, err
		}, err
	case "assign":
		return func(ctx context.Context, t target) (kanban.Status, error) {
			_, err := t.board.Assign(ctx, t.by, t.id, board.Assignment{Lane: r.Lane, Reclaim: r.Stop, Reason: r.Reason})
			return "", err
		}, nil
	case "priority":
		if r.Priority == nil {
			return nil, kanban.Errorf(kanban.Invalid, "priority: none is given").Hint("larger runs first, for example 10")
		}
		return func(ctx context.Context, t target) (kanban.Status, error) {
			_, err := t.board.Edit(ctx, t.by, t.id, board.Edit{Priority: r.Priority})
			return "", err
		}, nil
	case "archive":
		return func(ctx context.Context, t target) (kanban.Status, error) {
			away, err := t.board.Archive(ctx, t.by, t.id)
			return kanban.Status(away.Closed), err
		}, nil
	case "delete":
		return func(ctx context.Context, t target) (kanban.Status, error) {
			_, err := t.board.Delete(ctx, t.by, t.id, r.Stop)
			return "", err
		}, nil
	case "retry":
		return func(ctx context.Context, t target) (kanban.Status, error) {
			_, err := t.board.Retry(ctx, t.by, t.id, r.Reason, "")
			return "", err
		}, nil
	case "stop":
		return func(ctx context.Context, t target) (kanban.Status, error) {
			_, err := t.board.Stop(ctx, t.by, t.id, r.Reason)
			return kanban.Running, err
		}, nil
	case "comment":
		return func(ctx context.Context, t target) (kanban.Status, error) {
			_, err := t.board.Comment(ctx, t.by, t.id, r.Comment)
			return "", err
		}, nil
	}
	return nil, kanban.Errorf(kanban.Invalid, "there is no action %q", fmt.Sprintf("%.40s", r.Action)).
		Hint("one of move, assign, priority, archive, delete, retry, stop, comment")
}
