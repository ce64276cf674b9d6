package board

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
)

// Claimed is an exclusive right to work on a task: the open run, and the token
// that fences its writes. The token is told once and kept only as a hash.
type Claimed struct {
	Task  kanban.Task
	Run   kanban.Run
	Token string `json:"-"`
}

// Offer is what is brought to a claim.
type Offer struct {
	Lane       string
	Supervisor kanban.Process                          // the warm spare that will own the worker; zero if the worker is not Andon's to start
	Epoch      int64                                   // of this gateway's ownership of the board
	Place      func(kanban.Task) (path, branch string) // where the run will work
	HeldRepos  []string                                // whose tasks do not run
	Spending   *Spending                               // of all boards together; nil = no budget asks

	// Of a worker that Andon does not start.
	By   kanban.Actor  // who claims for it; zero = the dispatcher
	TTL  time.Duration // how long the claim holds without a heartbeat; 0 = as configured
	Tree bool          // its processes can be found: until Settle they count as alive
}

// ClaimNext opens a run for the next task of a lane. ok is false if there is
// none, or no room on the board; Explain says which. The dispatcher's only.
//
// Errors: stale if another gateway has taken the board over; unauthorized if it
// claims for a worker.
func (b *Board) ClaimNext(ctx context.Context, o Offer) (c Claimed, ok bool, err error) {
	if o.By.Kind == 0 {
		o.By = kanban.System
	} else if err := onlyHuman(o.By, "claim"); err != nil {
		return c, false, err
	}
	c, err = store.Update(ctx, b.store, func(tx store.Tx) (Claimed, error) {
		if err := checkEpoch(tx, o.Epoch); err != nil {
			return Claimed{}, err
		}
		full, err := b.fullTenants(tx)
		if err != nil || full == nil {
			return Claimed{}, err
		}
		l := b.ledger(tx, o.Spending)
		for {
			t, limit, short, err := l.pick(o.Lane, store.Skip{Tenants: full, Repos: o.HeldRepos})
			if err != nil || t.ID == "" {
				return Claimed{}, err
			}
			// Another program may have made it ready too early.
			if t, err = b.demoteIfWaiting(tx, t, ""); err != nil {
				return Claimed{}, err
			}
			attempt, err := b.leftovers(tx, &t)
			if err != nil {
				return Claimed{}, err
			}
			switch {
			case t.Status != kanban.Ready || t.LiveRun != 0:
			case short != nil:
				if _, err := b.overBudget(tx, t, Ending{Error: shortage(*short, t.Assignee)}); err != nil {
					return Claimed{}, err
				}
			default:
				return b.open(tx, t, attempt, limit, o)
			}
		}
	})
	return c, c.Run.ID != 0, err
}

// NextLane returns the lane of the given ones whose next task is the most
// urgent, "" if none has a task that may be claimed; those of held repositories
// may not. The dispatcher's only.
func (b *Board) NextLane(ctx context.Context, lanes, heldRepos []string, all *Spending) (string, error) {
	return store.View(ctx, b.store, func(r store.Reader) (best string, err error) {
		full, err := b.fullTenants(r)
		if err != nil || full == nil {
			return "", err
		}
		var first kanban.Task
		l := b.ledger(r, all)
		for _, lane := range lanes {
			t, _, _, err := l.pick(lane, store.Skip{Tenants: full, Repos: heldRepos})
			if err != nil {
				return "", err
			}
			if t.ID == "" {
				continue
			}
			if best == "" || moreUrgent(t, first) {
				best, first = lane, t
			}
		}
		return best, nil
	})
}

func moreUrgent(a, b kanban.Task) bool {
	if a.Priority != b.Priority {
		return a.Priority > b.Priority
	}
	return a.CreatedAt.Before(b.CreatedAt)
}

// fullTenants lists the tenants without room; nil if the board itself has none.
func (b *Board) fullTenants(tx store.Reader) ([]string, error) {
	s := b.settings()
	full := []string{}
	if s.BoardCap > 0 {
		if n, err := tx.LiveCount(""); err != nil || !policy.Room(s.BoardCap, n) {
			return nil, err
		}
	}
	for tenant, limit := range s.TenantCap {
		if tenant == "" {
			continue // no tenant, no cap
		}
		n, err := tx.LiveCount(tenant)
		if err != nil {
			return nil, err
		}
		if !policy.Room(limit, n) {
			full = append(full, tenant)
		}
	}
	return full, nil
}

const epochKey = "owner_epoch"

// Own makes the caller the board's dispatcher: claims under any earlier epoch
// are refused from now on.
func (b *Board) Own(ctx context.Context) (int64, error) {
	return store.Update(ctx, b.store, func(tx store.Tx) (int64, error) {
		epoch, err := currentEpoch(tx)
		if err != nil {
			return 0, err
		}
		epoch++
		return epoch, tx.SetMeta(epochKey, strconv.FormatInt(epoch, 10))
	})
}

func currentEpoch(r store.Reader) (int64, error) {
	v, err := r.Meta(epochKey)
	if err != nil || v == "" {
		return 0, err
	}
	return strconv.ParseInt(v, 10, 64)
}

func checkEpoch(tx store.Tx, want int64) error {
	epoch, err := currentEpoch(tx)
	if err != nil || epoch == want {
		return err
	}
	return kanban.Errorf(kanban.Stale, "another gateway owns this board (epoch %d, ours is %d)", epoch, want).
		Hint("andon gateway status")
}

// Claim gives one ready task to a worker that Andon does not start. Nobody
// watches its processes: the claim ends when ttl passes without a heartbeat.
//
// Errors: gated, with the gate, while one is closed; conflict if it is running;
// exhausted when a cap is reached.
func (b *Board) Claim(ctx context.Context, a kanban.Actor, id string, ttl time.Duration, place func(kanban.Task) (string, string)) (Claimed, error) {
	return b.Take(ctx, id, Offer{By: a, TTL: ttl, Place: place})
}

// Take is Claim with all that an offer can bring; its lane is the task's.
func (b *Board) Take(ctx context.Context, id string, o Offer) (Claimed, error) {
	if err := onlyHuman(o.By, "claim"); err != nil {
		return Claimed{}, err
	}
	c, err := mutate(ctx, b, "claim", id, func(tx store.Tx) (Claimed, error) {
		t, err := tx.Task(id)
		if err != nil {
			return Claimed{}, err
		}
		limit, err := b.claimable(tx, t, o.Spending)
		if err != nil {
			return Claimed{}, err
		}
		attempt, err := b.leftovers(tx, &t)
		if err != nil {
			return Claimed{}, err
		}
		if t.LiveRun != 0 {
			return Claimed{}, kanban.Errorf(kanban.Gated, "task %s cannot be claimed: %s", id, treeGate(t).Reason).In(t.Status).
				Hint("try again in a moment")
		}
		return b.open(tx, t, attempt, limit, o)
	})
	if err == nil && c.Token == "" {
		c.Token, err = b.reissue(ctx, c.Run.ID)
	}
	return c, err
}

// reissue makes a new token for a claim whose answer got lost: the first one is
// kept nowhere.
func (b *Board) reissue(ctx context.Context, run int64) (string, error) {
	return store.Update(ctx, b.store, func(tx store.Tx) (string, error) {
		r, err := tx.Run(run)
		if err != nil {
			return "", err
		}
		if !r.Open() {
			return "", kanban.Errorf(kanban.Stale, "run %d has ended meanwhile: %s", r.ID, r.Outcome).Hint("claim the task again")
		}
		token, _, err := b.secrets()
		if err != nil {
			return "", err
		}
		r.TokenHash = hashToken(token)
		return token, tx.UpdateRun(r)
	})
}

// claimable refuses a task that cannot be claimed, and tells what its run may use.
func (b *Board) claimable(tx store.Tx, t kanban.Task, all *Spending) (limit kanban.Budget, err error) {
	gates, err := b.taskGates(tx, t)
	if err != nil {
		return limit, err
	}
	if len(gates) > 0 {
		return limit, kanban.Errorf(kanban.Gated, "task %s cannot be claimed: %s", t.ID, gates[0].Reason).In(t.Status).
			Hint("%s", orElse(gates[0].Command, "andon why "+t.ID))
	}
	full, err := b.fullTenants(tx)
	if err != nil {
		return limit, err
	}
	if full == nil || slices.Contains(full, t.Tenant) {
		return limit, kanban.Errorf(kanban.Exhausted, "no more runs fit on board %s", b.slug).In(t.Status).Hint("andon why %s", t.ID)
	}
	limit, shorts, err := b.ledger(tx, all).allow(t)
	if err == nil && len(shorts) > 0 {
		return limit, kanban.Errorf(kanban.Exhausted, "task %s cannot be claimed: %s", t.ID, shortage(shorts[0], t.Assignee)).In(t.Status).
			Hint("%s", remedy(shorts[0], t))
	}
	return limit, err
}

// leftovers closes the runs of a ready task that another program left open when
// it made the task ready by itself. If processes of one may live, the task waits
// for them. attempt is the number of the task's next run.
func (b *Board) leftovers(tx store.Tx, t *kanban.Task) (attempt int, err error) {
	runs, err := tx.Runs(t.ID)
	if err != nil || t.Status != kanban.Ready {
		return 0, err
	}
	found := false
	for _, r := range runs {
		if !r.Open() && !r.Live {
			continue
		}
		found = true
		release(t, r)
		if !r.Open() {
			continue
		}
		b.endRun(&r, kanban.Reclaimed)
		r.Error = "another program made the task ready"
		if err := tx.UpdateRun(r); err != nil {
			return 0, err
		}
		e := event(*t, kanban.EvReclaimed, map[string]any{"reason": r.Error})
		e.Run = r.ID
		if err := b.record(tx, e); err != nil {
			return 0, err
		}
	}
	if found {
		err = tx.UpdateTask(*t)
	}
	return len(runs) + 1, err
}

// open starts a run of a ready task, for which a limit is reserved.
func (b *Board) open(tx store.Tx, t kanban.Task, attempt int, limit kanban.Budget, o Offer) (Claimed, error) {
	now, ttl := b.now(), o.TTL
	if ttl <= 0 {
		ttl = b.settings().Lease
	}
	if err := b.move(tx, &t, kanban.Claim, o.By.Kind, 0); err != nil {
		return Claimed{}, err
	}
	token, lock, err := b.secrets()
	if err != nil {
		return Claimed{}, err
	}
	r := kanban.Run{
		Task: t.ID, Lane: t.Assignee, Account: b.settings().Lanes[t.Assignee].Account, Attempt: attempt, StartedAt: now, Heartbeat: now, Progress: now,
		MaxRuntime: b.maxRuntime(t), ClaimLock: lock, ClaimEnds: now.Add(ttl), TokenHash: hashToken(token),
		Supervisor: o.Supervisor, Live: o.Supervisor.PID != 0 || o.Tree, Reserved: limit,
	}
	if o.Supervisor.PID == 0 {
		b.charge(&r) // nobody will tell that it began
	}
	if o.Place != nil {
		r.Workspace, r.Branch = o.Place(t)
		if w := &t.Workspace; w.Kind == kanban.Worktree && w.Repo == "" && w.Path != r.Workspace {
			w.Repo = w.Path // it named the source, and makes room for the tree's place
		}
		t.Workspace.Path, t.Workspace.Branch = r.Workspace, r.Branch
	}
	if r.ID, err = tx.InsertRun(r); err != nil {
		return Claimed{}, err
	}
	t.CurrentRun, t.ClaimLock, t.ClaimEnds = r.ID, r.ClaimLock, r.ClaimEnds
	t.WorkerPID, t.Heartbeat = 0, time.Time{}
	if t.StartedAt.IsZero() {
		t.StartedAt = now
	}
	if err := tx.UpdateTask(t); err != nil {
		return Claimed{}, err
	}
	e := event(t, kanban.EvClaimed, by(o.By, map[string]any{"lock": lock, "expires": r.ClaimEnds.Unix(), "run_id": r.ID}))
	e.Run = r.ID
	return Claimed{Task: t, Run: r, Token: token}, b.record(tx, e)
}

// maxRuntime is the task's own limit, else its lane's.
func (b *Board) maxRuntime(t kanban.Task) time.Duration {
	if t.MaxRuntime > 0 {
		return t.MaxRuntime
	}
	return b.settings().Lanes[t.Assignee].MaxRuntime
}

// secrets makes a token of 128 bits and a claim lock that is unique per claim.
func (b *Board) secrets() (token, lock string, err error) {
	var random [24]byte
	if _, err := io.ReadFull(b.ports.Random, random[:]); err != nil {
		return "", "", err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	token = hex.EncodeToString(random[:16])
	return token, fmt.Sprintf("%s:%d:%s", host, os.Getpid(), hex.EncodeToString(random[16:])), nil
}

// Spawned notes that a run's worker was started. A worker that was faster than
// this note keeps what it wrote.
func (b *Board) Spawned(ctx context.Context, run int64, pid int, base string) error {
	return b.store.Update(ctx, func(tx store.Tx) error {
		r, err := tx.Run(run)
		if err != nil {
			return err
		}
		t, err := tx.Task(r.Task)
		if err != nil {
			return err
		}
		r.Started, r.Base = true, base
		b.charge(&r)
		if r.Open() {
			r.WorkerPID, t.WorkerPID = pid, pid
			if err := tx.NoteTask(t); err != nil {
				return err
			}
		}
		if err := tx.UpdateRun(r); err != nil {
			return err
		}
		e := event(t, kanban.EvSpawned, map[string]any{"pid": pid})
		e.Run = r.ID
		return b.record(tx, e)
	})
}
