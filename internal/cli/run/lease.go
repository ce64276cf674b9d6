package run

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/kanban"
)

const (
	soonest   = 50 * time.Millisecond // between two heartbeats
	awayPause = time.Second           // until a gateway is asked again that was away
)

// notice is what is heard of a run while its command works.
type notice struct {
	byWorker bool  // it was ended by its own worker
	err      error // why the lease is gone
}

// hold renews the lease until ctx ends, and tells when the run has ended. It asks
// at once when something happens to the task.
func (j *job) hold(ctx context.Context) <-chan notice {
	over := make(chan notice, 1)
	happened := make(chan struct{}, 1)
	go j.follow(ctx, happened)
	go func() {
		ends, away := j.claim.ExpiresAt, false
		for {
			pause := max(time.Until(ends)/3, soonest)
			if away {
				pause = awayPause
			}
			select {
			case <-ctx.Done():
				return
			case <-happened:
			case <-time.After(pause):
			}
			reply, err := j.c.Heartbeat(ctx, j.board, j.claim.Task.ID, client.HeartbeatRequest{Lease: j.lease()})
			switch {
			case err == nil:
				ends, away = reply.ExpiresAt, false
			case ctx.Err() != nil:
				return
			case exit.Away(err):
				if !away {
					j.Progress("the gateway is away; the command goes on")
				}
				away = true
			default:
				over <- notice{byWorker: j.endedByWorker(ctx), err: err}
				return
			}
		}
	}()
	return over
}

// follow tells of events of the task. Nothing depends on it but how soon the end
// of the run is seen.
func (j *job) follow(ctx context.Context, happened chan<- struct{}) {
	q := client.EventQuery{Task: j.claim.Task.ID, Last: true, Limit: 1}
	for ctx.Err() == nil {
		for e, err := range j.c.FollowEvents(ctx, j.board, q) {
			if err != nil {
				break
			}
			q.After, q.Last, q.Limit = e.ID, false, 0
			select {
			case happened <- struct{}{}:
			default:
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(awayPause):
		}
	}
}

// endedByWorker reports whether the run ended with a word of its own worker, as
// opposed to somebody who took it away.
func (j *job) endedByWorker(ctx context.Context) bool {
	r, err := j.c.Run(ctx, j.board, j.claim.Run)
	words := []kanban.Outcome{kanban.Completed, kanban.Submitted, kanban.BlockedOut, kanban.ScheduledOut}
	return err == nil && slices.Contains(words, kanban.Outcome(r.Outcome))
}

func (j *job) lease() client.Lease { return client.Lease{Run: j.claim.Run, Token: j.claim.Token} }

const reportPatience = 15 * time.Second // with a gateway that is away

// report tells how the command ended. If nobody hears it, the gateway reads it
// from the run's folder when it is back.
func (j *job) report(ctx context.Context, e client.Exit) (client.Ended, error) {
	e.Lease = j.lease()
	ctx = client.WithOperation(ctx, "")
	for limit := time.Now().Add(reportPatience); ; {
		ended, err := j.c.Exit(ctx, j.board, j.claim.Task.ID, e)
		if err == nil || !exit.Away(err) || time.Now().After(limit) {
			return ended, err
		}
		<-time.After(awayPause / 4)
	}
}

// tell says what became of the task, and returns the exit status.
func (j *job) tell(e client.Exit, ended client.Ended, lost, reporting error) error {
	status := statusOf(e)
	switch {
	case reporting != nil && exit.Away(reporting):
		j.Warn("the gateway is away; when it is back it reads how %s ended", j.claim.Task.ID)
	case reporting != nil:
		return exit.About{ID: j.claim.Task.ID, Err: reporting}
	default:
		j.Progress("%s", sentence(ended))
	}
	if lost != nil {
		j.Complain(exit.About{ID: j.claim.Task.ID, Err: lost})
		return exit.Said{Status: exit.Stale}
	}
	if status == 0 {
		return nil
	}
	return exit.Said{Status: status}
}

// sentence is how a run ended and what its task is now.
func sentence(e client.Ended) string {
	how := "ended: " + strings.ReplaceAll(e.Run.Outcome, "_", " ")
	if e.Run.Error != "" {
		how += " (" + strings.TrimSpace(e.Run.Error) + ")"
	}
	text := "Run " + itoa(e.Run.ID) + " " + how + "; " + e.Task.ID + " is " + e.Task.Status
	for _, g := range e.Task.Gates {
		if g.Kind != string(kanban.GateEnded) && g.Kind != string(kanban.GateTree) {
			return text + ": " + g.Reason
		}
	}
	return text
}

func statusOf(e client.Exit) int {
	switch {
	case e.Reason == "stopped":
		return exit.Interrupted
	case e.Reason == "timed_out":
		return exit.TimedOut
	case e.Reason == "spawn_failed":
		return notStarted
	case e.Signal != "":
		return signalled + signalNumber(e.Signal)
	}
	return e.Code
}

// What a shell says of commands that do not end by themselves.
const (
	notStarted = 127
	signalled  = 128
)
