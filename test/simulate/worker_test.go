package simulate

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"strconv"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

// laborer is a worker process: it does something for a while, says so or not,
// and ends in one of the ways in which workers end.
type laborer struct {
	n     *night
	s     *supervisor
	lease kanban.Lease
	slug  string
	actor kanban.Actor
	said  bool // how its run is to end
}

func (w *laborer) start() {
	s := w.s
	run, _ := strconv.ParseInt(s.env("ANDON_RUN_ID"), 10, 64)
	w.slug = s.env("ANDON_BOARD")
	w.lease = kanban.Lease{Task: s.env("ANDON_TASK"), Run: run, Token: s.env("ANDON_TOKEN")}
	w.actor = kanban.Actor{Kind: kanban.Worker, Name: s.env("ANDON_LANE"), Board: w.slug, Task: w.lease.Task, Run: run}
	w.n.owned[w.who()] = own{s.task(), run}
	w.n.enter(w.live)
}

func (w *laborer) who() string { return fmt.Sprintf("worker %s.%d", w.slug, w.lease.Run) }

// live is its life. pause ends it when its process has ended.
func (w *laborer) live() {
	n := w.n
	for range n.rng.IntN(4) {
		w.pause(n.between(time.Second, 4*time.Minute))
		w.work()
	}
	w.pause(n.between(time.Second, 4*time.Minute))
	if n.chance(n.odds.litter) {
		w.s.others = append(w.s.others, &process{name: "child", alive: true, obeys: n.chance(0.5), deafUntil: w.deafUntil()})
	}
	w.report()
	if n.chance(n.odds.stale) { // it does not end with its run
		for range 1 + n.rng.IntN(4) {
			w.pause(n.between(time.Second, 20*time.Second))
			w.work()
		}
	}
	w.pause(n.between(0, 2*time.Second))
	code, signal := 0, ""
	switch {
	case w.said && !n.chance(0.1):
	case n.chance(n.odds.crash):
		code = 3
	case n.chance(n.odds.crash):
		code, signal = -1, "SIGSEGV"
	case n.chance(n.odds.later):
		code = 75
	case n.chance(n.odds.hang):
		for {
			w.pause(time.Hour)
		}
	}
	n.log.add(fmt.Sprintf("%s exits with %d%s", w.who(), code, signal))
	w.s.end(w.s.main, code, signal)
}

func (w *laborer) deafUntil() time.Time {
	if w.n.chance(w.n.odds.deaf) {
		return time.Now().Add(w.n.between(time.Second, 3*time.Minute))
	}
	return time.Time{}
}

// pause returns when the stage says so; its process may have ended meanwhile.
func (w *laborer) pause(d time.Duration) {
	w.n.sleep(w.who(), d)
	if !w.s.main.alive {
		runtime.Goexit()
	}
}

// call uses the gateway, as the command line of a worker does.
func (w *laborer) call(do func(context.Context, *board.Board) error) error {
	g := w.n.gateway
	if g.gone() || !g.serves {
		return errKilled
	}
	ctx := named(context.Background(), w.who())
	b, err := g.boards.Board(ctx, w.slug)
	if err == nil {
		err = do(ctx, b)
	}
	w.n.judgeError(w.who(), err)
	return err
}

// work is one of the things that workers do meanwhile.
func (w *laborer) work() {
	n := w.n
	switch n.rng.IntN(7) {
	case 0, 1:
		w.s.signOfLife()
	case 2:
		note := ""
		if n.chance(0.5) {
			note = "half way"
		}
		err := w.call(func(ctx context.Context, b *board.Board) error {
			_, err := b.Heartbeat(ctx, w.lease, note)
			return err
		})
		if err == nil {
			w.s.lastSign = time.Now()
		}
	case 3:
		_ = w.call(func(ctx context.Context, b *board.Board) error {
			_, err := b.Comment(ctx, w.actor, w.lease.Task, "a remark")
			return err
		})
	case 4:
		w.create()
	case 5:
		w.trespass()
	case 6:
		n.log.note("%s does nothing", w.who())
	}
}

// create makes a task that waits for its own, or one that does not.
func (w *laborer) create() {
	if w.n.crowded() {
		return
	}
	task := board.NewTask{Title: "found by " + w.who(), Assignee: w.n.lane()}
	if w.n.chance(0.5) {
		task.Parents = []string{w.lease.Task}
	}
	task.Triage = w.n.chance(0.2)
	var made board.Created
	err := w.call(func(ctx context.Context, b *board.Board) (err error) {
		made, err = b.Create(ctx, w.actor, task)
		return err
	})
	if err == nil {
		w.n.acknowledge(w.slug, made.Task.ID)
	}
}

// trespass tries what is for humans only.
func (w *laborer) trespass() {
	id := w.n.anyTask(w.slug)
	verb := w.n.rng.IntN(4)
	err := w.call(func(ctx context.Context, b *board.Board) (err error) {
		switch verb {
		case 0:
			_, err = b.Unblock(ctx, w.actor, id, "")
		case 1:
			_, err = b.Approve(ctx, w.actor, id, "", "")
		case 2:
			_, err = b.Retry(ctx, w.actor, id, "", "")
		case 3:
			_, err = b.Promote(ctx, w.actor, id, true, "")
		}
		return err
	})
	if err == nil && verb < 3 {
		w.n.broken("G15", "%s did what is for humans", w.who())
	}
}

// report says how the run is to end: through the gateway, or in the result file
// if there is none, or not at all.
func (w *laborer) report() {
	n := w.n
	if n.chance(n.odds.silent) {
		return
	}
	word := []string{"done", "done", "done", "done", "review", "blocked"}[n.rng.IntN(6)]
	if n.calm {
		word = "done"
	}
	if n.chance(0.2) { // a plain command
		w.leave(word, "")
		return
	}
	for range 3 {
		err := w.call(func(ctx context.Context, b *board.Board) error { return w.say(ctx, b, word) })
		if err == nil || kanban.CodeOf(err) == kanban.Stale {
			w.said = true
			return
		}
		if kanban.CodeOf(err) != kanban.Unavailable {
			return
		}
		w.pause(n.between(time.Second, 10*time.Second))
	}
	w.leave(word, w.lease.Token)
}

func (w *laborer) say(ctx context.Context, b *board.Board, word string) (err error) {
	h := kanban.Handoff{Summary: "by " + w.who()}
	switch word {
	case "done":
		_, err = b.Complete(ctx, w.actor, w.lease, h)
	case "review":
		_, err = b.Review(ctx, w.actor, w.lease, h)
	case "blocked":
		_, err = b.Block(ctx, w.actor, w.lease, kanban.NeedsInput, "which?", h)
	}
	return err
}

// leave writes the result file. With a token it is the command line's.
func (w *laborer) leave(word, token string) {
	if w.n.machine.full.Load() {
		return
	}
	raw, err := json.Marshal(map[string]any{"status": word, "summary": "left by " + w.who(), "reason": "which?", "token": token})
	if err != nil {
		panic(err)
	}
	w.n.log.add(w.who() + " leaves word: " + word)
	w.s.leave(func(f *folder) { f.files["result.json"] = raw })
	w.said = true
}
