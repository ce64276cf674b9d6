package httpapi

import (
	"context"
	"strings"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

// claim gives the task of the path. Without a gateway it cannot wait.
func (s *server) claim(ctx context.Context, t target, r client.ClaimRequest) (client.Claim, error) {
	q, err := newAsk(t.by, r)
	if err != nil {
		return client.Claim{}, err
	}
	q.Task = t.id
	if s.o.Control == nil && q.Wait == 0 && !q.Tended {
		return s.claimAlone(ctx, t, q.TTL)
	}
	return s.ask(ctx, t.board, q)
}

type claimNextInput struct {
	BoardPath
	Body client.ClaimNext
}

func (s *server) claimNext(ctx context.Context, in *claimNextInput) (*message[client.Claim], error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	q, err := newAsk(actor(ctx), in.Body.ClaimRequest)
	if err != nil {
		return nil, err
	}
	if q.Lane = strings.ToLower(strings.TrimSpace(in.Body.Lane)); q.Lane == "" {
		return nil, kanban.Errorf(kanban.Invalid, "no lane is named").Hint("andon lanes  lists them")
	}
	return answer(s.ask(ctx, b, q))
}

func newAsk(by kanban.Actor, r client.ClaimRequest) (q Ask, err error) {
	q = Ask{By: by, Tended: r.Tended}
	if q.TTL, err = span("ttl", r.TTL); err != nil {
		return q, err
	}
	if q.Wait, err = span("wait", r.Wait); err == nil && (q.Wait < 0 || q.Wait > maxWait) {
		err = kanban.Errorf(kanban.Invalid, "wait: %s is not between 0 and %s", r.Wait, maxWait).Hint("ask again when it is over")
	}
	return q, err
}

// ask has the gateway claim: it alone knows what runs in the home.
func (s *server) ask(ctx context.Context, b *board.Board, q Ask) (client.Claim, error) {
	c, err := s.control()
	if err != nil {
		return client.Claim{}, err
	}
	g, err := c.Claim(ctx, b, q)
	if err != nil {
		return client.Claim{}, err
	}
	return wireClaim(ctx, b, g)
}

func wireClaim(ctx context.Context, b *board.Board, g Given) (client.Claim, error) {
	text, err := b.Context(ctx, g.Task.ID)
	return client.Claim{
		Task: wireTask(g.Task), Run: g.Run.ID, Token: g.Token, ExpiresAt: g.Run.ClaimEnds,
		Workspace: g.Run.Workspace, Branch: g.Run.Branch, Context: text, Order: g.Order,
	}, err
}

// claimAlone takes the lease and makes the place to work in. If the place cannot
// be made, the task is ready again.
func (s *server) claimAlone(ctx context.Context, t target, ttl time.Duration) (client.Claim, error) {
	e, err := t.board.Explain(ctx, t.id)
	if err == nil {
		err = held(e)
	}
	if err != nil {
		return client.Claim{}, err
	}
	if s.o.Reserve != nil {
		done, err := s.o.Reserve(ctx, e.Task.Assignee)
		if err != nil {
			return client.Claim{}, err
		}
		defer done()
	}
	c, err := t.board.Claim(ctx, t.by, t.id, ttl, s.o.Place(t.board.Slug()))
	if err != nil {
		return client.Claim{}, err
	}
	if err := s.o.Prepare(ctx, t.board.Slug(), c); err != nil {
		another := board.WithOperation(context.WithoutCancel(ctx), "", "")
		if _, undo := t.board.Reclaim(another, t.by, t.id, "its workspace could not be made: "+err.Error()); undo != nil {
			s.o.Log.ErrorContext(ctx, "a claim without a workspace stays until its lease ends", "task", t.id, "error", undo)
		}
		return client.Claim{}, err
	}
	return wireClaim(ctx, t.board, Given{Claimed: c})
}

// held refuses a claim in a scope whose cord is pulled or that cools down.
func held(e board.Explanation) error {
	for _, g := range e.Gates {
		if g.Kind == kanban.GatePaused || g.Kind == kanban.GateCooldown {
			return kanban.Errorf(kanban.Gated, "task %s cannot be claimed: %s", e.Task.ID, g.Reason).In(e.Task.Status).Hint("%s", g.Command)
		}
	}
	return nil
}

func (s *server) exit(ctx context.Context, t target, e client.Exit) (client.Ended, error) {
	c, err := s.control()
	if err != nil {
		return client.Ended{}, err
	}
	ctx = board.WithVersion(ctx, 0) // what has happened is not undone by a version
	if err := c.Exited(ctx, t.board, t.lease(e.Lease), e); err != nil {
		return client.Ended{}, err
	}
	run, err := findRun(ctx, t.board, e.Run)
	if err != nil {
		return client.Ended{}, err
	}
	x, err := t.board.Explain(ctx, t.id)
	return client.Ended{Task: Task(x), Run: wireRun(run)}, err
}
