package simulate

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// person is somebody at a terminal: with a gateway through it, else directly.
type person struct {
	n    *night
	name string
}

func (p *person) who() string { return "human " + p.name }

func (p *person) actor() kanban.Actor { return kanban.Actor{Kind: kanban.Human, Name: p.name} }

// live is a night of one person.
func (p *person) live() {
	for {
		p.n.sleep(p.who(), p.n.between(5*time.Second, 5*time.Minute))
		if p.n.calm {
			return
		}
		p.act()
	}
}

// plan puts the evening's work on the boards.
func (p *person) plan() {
	p.n.sleep(p.who(), p.n.between(0, time.Minute))
	for range 4 + p.n.rng.IntN(8) {
		p.create(p.n.board())
	}
}

// way is where a person's calls go now.
func (n *night) way() (*board.Boards, *gateway) {
	if g := n.gateway; !g.gone() && g.serves {
		return g.boards, g
	}
	return n.direct, nil
}

func (p *person) call(slug string, do func(context.Context, *board.Board) error) error {
	boards, _ := p.n.way()
	ctx := named(context.Background(), p.who())
	b, err := boards.Board(ctx, slug)
	if err == nil {
		err = do(ctx, b)
	}
	p.n.judgeError(p.who(), err)
	return err
}

// act is one of the things that people do.
func (p *person) act() {
	n := p.n
	slug := n.board()
	id := n.anyTask(slug)
	if id == "" || n.chance(0.25) && !n.crowded() {
		p.create(slug)
		return
	}
	a := p.actor()
	verbs := []func(ctx context.Context, b *board.Board) error{
		func(ctx context.Context, b *board.Board) error { _, err := b.Unblock(ctx, a, id, ""); return err },
		func(ctx context.Context, b *board.Board) error {
			_, err := b.Answer(ctx, a, id, "that one")
			return err
		},
		func(ctx context.Context, b *board.Board) error { _, err := b.Approve(ctx, a, id, "", ""); return err },
		func(ctx context.Context, b *board.Board) error { _, err := b.Reject(ctx, a, id, "no"); return err },
		func(ctx context.Context, b *board.Board) error { _, err := b.Stop(ctx, a, id, ""); return err },
		func(ctx context.Context, b *board.Board) error { _, err := b.Retry(ctx, a, id, "", ""); return err },
		func(ctx context.Context, b *board.Board) error { _, err := b.Reclaim(ctx, a, id, ""); return err },
		func(ctx context.Context, b *board.Board) error { _, err := b.Cancel(ctx, a, id, ""); return err },
		func(ctx context.Context, b *board.Board) error { _, err := b.Archive(ctx, a, id); return err },
		func(ctx context.Context, b *board.Board) error { _, err := b.Unarchive(ctx, a, id); return err },
		func(ctx context.Context, b *board.Board) error { _, err := b.Reopen(ctx, a, id, ""); return err },
		func(ctx context.Context, b *board.Board) error {
			_, err := b.Promote(ctx, a, id, n.chance(0.5), "now")
			return err
		},
		func(ctx context.Context, b *board.Board) error {
			_, err := b.Assign(ctx, a, id, board.Assignment{Lane: n.lane(), Reclaim: n.chance(0.5)})
			return err
		},
		func(ctx context.Context, b *board.Board) error {
			priority := n.rng.IntN(5)
			_, err := b.Edit(ctx, a, id, board.Edit{Priority: &priority})
			return err
		},
		func(ctx context.Context, b *board.Board) error {
			_, err := b.Link(ctx, a, n.anyTask(slug), id, kanban.Conditions[n.rng.IntN(len(kanban.Conditions))])
			return err
		},
		func(ctx context.Context, b *board.Board) error {
			_, err := b.Unlink(ctx, a, n.anyTask(slug), id)
			return err
		},
		func(ctx context.Context, b *board.Board) error {
			until := time.Time{}
			if n.chance(0.7) {
				until = n.clock().Add(n.between(time.Minute, 20*time.Minute))
			}
			_, err := b.Schedule(ctx, a, kanban.Lease{Task: id}, until, "")
			return err
		},
		func(ctx context.Context, b *board.Board) error {
			_, err := b.Complete(ctx, a, kanban.Lease{Task: id}, kanban.Handoff{Summary: "by hand"})
			return err
		},
		func(ctx context.Context, b *board.Board) error {
			_, err := b.Block(ctx, a, kanban.Lease{Task: id}, kanban.Operator, "wait", kanban.Handoff{})
			return err
		},
		func(ctx context.Context, b *board.Board) error {
			_, err := b.Delete(ctx, a, id, n.chance(0.5))
			if err == nil {
				n.deleted[slug+"/"+id] = true
			}
			return err
		},
		func(context.Context, *board.Board) error { p.cord(); return nil },
		func(context.Context, *board.Board) error { n.terminal(slug, id); return nil },
	}
	_ = p.call(slug, verbs[n.rng.IntN(len(verbs))])
}

func (p *person) create(slug string) {
	n := p.n
	t := board.NewTask{Title: "asked by " + p.name, Assignee: n.lane(), Priority: n.rng.IntN(3), Verify: n.verifies()}
	for n.chance(0.4) {
		if id := n.anyTask(slug); id != "" {
			t.Parents = append(t.Parents, id)
		}
	}
	switch n.rng.IntN(10) {
	case 0:
		t.Triage = true
	case 1:
		t.Held = true
	case 2:
		t.NotBefore = n.clock().Add(n.between(time.Minute, 20*time.Minute))
	case 3:
		t.MaxAttempts = 1 + n.rng.IntN(4)
	case 4:
		t.MaxRuntime = n.between(time.Minute, 10*time.Minute).Truncate(time.Millisecond)
	}
	if n.chance(0.3) {
		t.Tenant = "acme"
	}
	var made board.Created
	err := p.call(slug, func(ctx context.Context, b *board.Board) (err error) {
		made, err = b.Create(ctx, p.actor(), t)
		return err
	})
	if err == nil {
		n.acknowledge(slug, made.Task.ID)
	}
}

// cord pulls or resumes a scope.
func (p *person) cord() {
	n := p.n
	boards, g := n.way()
	ctx := named(context.Background(), p.who())
	holds, err := n.home.Holds(ctx)
	if err == nil && len(holds) > 0 && n.chance(0.7) {
		n.judgeError(p.who(), boards.Resume(ctx, p.actor(), holds[n.rng.IntN(len(holds))].Scope))
		return
	}
	scope := []string{"all", "board:" + n.board(), "lane:" + n.lane(), "account:shared"}[n.rng.IntN(4)]
	err = boards.Pull(ctx, p.actor(), scope, "wait", n.clock())
	n.judgeError(p.who(), err)
	if err == nil && g != nil && n.chance(0.5) {
		_, err = g.dispatcher.StopRuns(ctx, scope)
		n.judgeError(p.who(), err)
	}
}

// terminal lets somebody work on a task by hand: nobody watches the process, the
// lease alone tells.
func (n *night) terminal(slug, id string) {
	n.terminals++
	p := &person{n, fmt.Sprintf("terminal-%d", n.terminals)}
	n.enter(func() {
		var c board.Claimed
		ttl := n.between(time.Minute, 10*time.Minute)
		err := p.call(slug, func(ctx context.Context, b *board.Board) (err error) {
			c, err = b.Claim(ctx, p.actor(), id, ttl, nil)
			return err
		})
		if err != nil {
			return
		}
		lease := kanban.Lease{Task: id, Run: c.Run.ID, Token: c.Token}
		n.owned[p.who()] = own{slug + "/" + id, c.Run.ID}
		for range n.rng.IntN(4) {
			n.sleep(p.who(), n.between(ttl/4, ttl))
			err := p.call(slug, func(ctx context.Context, b *board.Board) error {
				_, err := b.Heartbeat(ctx, lease, "")
				return err
			})
			if kanban.CodeOf(err) == kanban.Stale {
				return
			}
		}
		if n.chance(0.6) {
			_ = p.call(slug, func(ctx context.Context, b *board.Board) error {
				_, err := b.Complete(ctx, p.actor(), lease, kanban.Handoff{Summary: "by hand"})
				return err
			})
		}
	})
}

// tidy is the morning: somebody opens every gate that only people open, until
// all that can end has ended.
func (p *person) tidy() {
	n, a := p.n, p.actor()
	for {
		for _, h := range n.holds() {
			boards, _ := n.way()
			n.judgeError(p.who(), boards.Resume(named(context.Background(), p.who()), a, h.Scope))
		}
		for _, slug := range n.slugs {
			for _, t := range n.tasks(slug) {
				p.release(slug, t)
			}
		}
		n.sleep(p.who(), n.between(4*time.Minute, 5*time.Minute))
		if n.over {
			runtime.Goexit()
		}
	}
}

// release does what lets one task go on.
func (p *person) release(slug string, t kanban.Task) {
	a := p.actor()
	_, known := p.n.config.Lanes[t.Assignee]
	var verb func(ctx context.Context, b *board.Board) error
	switch {
	case t.Status == kanban.Blocked, t.Status == kanban.Scheduled && t.NotBefore.IsZero():
		verb = func(ctx context.Context, b *board.Board) error { _, err := b.Unblock(ctx, a, t.ID, ""); return err }
	case t.Status == kanban.Review:
		verb = func(ctx context.Context, b *board.Board) error { _, err := b.Approve(ctx, a, t.ID, "", ""); return err }
	case t.Status == kanban.Triage, t.Status == kanban.Todo && p.n.unsatisfiable(slug, t.ID):
		verb = func(ctx context.Context, b *board.Board) error {
			_, err := b.Promote(ctx, a, t.ID, true, "it will not come")
			return err
		}
	case t.Status == kanban.Ready && !known:
		verb = func(ctx context.Context, b *board.Board) error {
			_, err := b.Assign(ctx, a, t.ID, board.Assignment{Lane: "exit"})
			return err
		}
	default:
		return
	}
	_ = p.call(slug, verb)
}

// unsatisfiable reports whether a task waits for one that was put away, or for a
// failure that did not come about.
func (n *night) unsatisfiable(slug, id string) (never bool) {
	n.read(slug, func(r store.Reader) error {
		links, err := r.Parents(id)
		for _, l := range links {
			if p, err := r.Task(l.Parent); err == nil && (p.Status == kanban.Archived || l.Pointless(p)) && !l.Satisfied(p) {
				never = true
			}
		}
		return err
	})
	return never
}
