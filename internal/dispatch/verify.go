package dispatch

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker"
	"github.com/andon-dev/andon/internal/workspace"
)

// VerifySuffix ends the name of the folder in which a run is verified.
//
// A run that has handed in is verified once its tree is gone, by a supervisor of
// its own in a folder of its own: runs/<board>.<id>.verify. Whose folder it is
// stands there before the supervisor is told to go, so that the next gateway
// finds it; what was begun and left no exit is begun anew.
const VerifySuffix = ".verify"

// maxVerifications bounds how often one is begun that is killed each time.
const maxVerifications = 3

// DefaultVerifyTimeout is for each command, where the lane says nothing.
const DefaultVerifyTimeout = 15 * time.Minute

func (r *run) verifyDir() string { return r.dir + VerifySuffix }

// handedIn reports whether the run is open and waits for its verification.
func (r *run) handedIn(ctx context.Context) (bool, error) {
	row, err := r.board.Run(ctx, r.row.ID)
	if kanban.CodeOf(err) == kanban.NotFound {
		return false, nil
	}
	return err == nil && row.Open() && len(row.Pending) > 0, err
}

// verifiesFirst reports whether the end of the run waits for its verification,
// or for a look at the board, which is then tried again.
func (r *run) verifiesFirst(ctx context.Context) bool {
	waits, err := r.handedIn(ctx)
	if err != nil {
		if ctx.Err() == nil {
			r.log().Error("a run cannot be read", "error", err)
		}
		return true
	}
	if waits {
		r.verify(ctx)
	}
	return waits
}

// verify sees the verification of a run to its end, and ends the run by it.
func (r *run) verify(ctx context.Context) {
	exit, err := r.verification(ctx)
	for errors.Is(err, errAgain) && ctx.Err() == nil {
		r.log().Warn("the verification of a run was killed and is begun anew")
		exit, err = r.verification(ctx)
	}
	switch {
	case ctx.Err() != nil:
	case errors.Is(err, errFull):
		r.log().Warn("the verification of a run waits until another run has ended")
	case kanban.CodeOf(err) == kanban.Stale:
		r.settle(ctx) // somebody ended the run meanwhile
	case kanban.CodeOf(err) == kanban.Conflict || kanban.CodeOf(err) == kanban.Invalid || errors.Is(err, errKilled):
		r.unverified(ctx, err.Error())
	case err != nil:
		r.log().Error("a run cannot be verified", "error", err)
		if r.attempts >= maxVerifications {
			r.unverified(ctx, "it could not be verified: "+err.Error())
		}
	default:
		r.decide(ctx, exit)
	}
}

var (
	errAgain  = errors.New("the verification is to be begun anew")
	errKilled = errors.New("its verification was killed again and again")
	errFull   = errors.New("caps leave it no room")
)

// verification returns how the commands ended: it finds them over, adopts them
// while they run, or starts them.
func (r *run) verification(ctx context.Context) (worker.Exit, error) {
	f := r.d.Host.Folder(r.verifyDir())
	known, err := loadTerms(f)
	if err == nil && known.Claim == r.row.ClaimLock {
		h, err := r.adoptVerifier(known)
		switch {
		case err == nil:
			r.log().Info("a verification was adopted")
			return r.await(ctx, f, h)
		case !errors.Is(err, worker.ErrGone):
			return worker.Exit{}, err
		}
		if exit, err := r.verified(ctx, f); !errors.Is(err, errAgain) {
			return exit, err
		}
	}
	h, err := r.startVerification(ctx, f)
	if err != nil {
		return worker.Exit{}, err
	}
	return r.await(ctx, f, h)
}

// adoptVerifier watches a verification's supervisor. What calls from its tree is
// the run from now on.
func (r *run) adoptVerifier(known terms) (Handle, error) {
	r.d.mu.Lock()
	r.verifier = worker.Identity(known.Supervisor)
	r.d.mu.Unlock()
	return r.d.Host.Adopt(r.verifyDir(), worker.Identity(known.Supervisor))
}

// clearVerification ends what lives of a verification that nobody waits for.
func (r *run) clearVerification(ctx context.Context) error {
	f := r.d.Host.Folder(r.verifyDir())
	known, err := loadTerms(f)
	if err != nil {
		return nil // none was begun
	}
	h, err := r.adoptVerifier(known)
	switch {
	case err == nil:
		r.endedInStore(kanban.CancelledOut)
		_, err = r.await(ctx, f, h)
	case errors.Is(err, worker.ErrGone):
		_, err = r.verified(ctx, f)
	}
	if errors.Is(err, errAgain) {
		return nil
	}
	return err
}

// startVerification hands the commands to a spare supervisor.
func (r *run) startVerification(ctx context.Context, f Folder) (Handle, error) {
	if !r.d.takeRoom(r) {
		return nil, errFull
	}
	if r.verifications++; r.verifications > maxVerifications {
		return nil, errKilled
	}
	commands, err := r.board.Fix(ctx, r.row.ID)
	if err != nil {
		return nil, err
	}
	t, err := r.board.Task(ctx, r.row.Task)
	if err != nil {
		return nil, err
	}
	spare, err := r.d.Host.Take(ctx)
	if err != nil {
		return nil, err
	}
	defer spare.Discard()
	if err := f.Make(); err != nil {
		return nil, err
	}
	text, err := r.board.Context(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	if err := f.Write(contextFile, []byte(text)); err != nil {
		return nil, err
	}
	known := r.terms
	known.Supervisor, known.Claim = kanban.Process(spare.Identity()), r.row.ClaimLock
	if err := known.save(f); err != nil {
		return nil, err
	}
	r.d.mu.Lock()
	r.verifier = spare.Identity()
	r.d.mu.Unlock()
	order, err := r.verifyOrder(ctx, t, commands)
	if err != nil {
		return nil, err
	}
	return spare.Start(order)
}

// verifyOrder is what the worker's order was, with commands in its place. They
// may run what the worker wrote, so they find themselves where it was: in its
// workspace, within its walls, without its token.
func (r *run) verifyOrder(ctx context.Context, t kanban.Task, commands [][]string) (worker.Order, error) {
	c := r.d.Config()
	lane := c.Lanes[r.row.Lane] // as it is now, none if it was removed; its walls are as they were
	place := workspace.Place{Path: r.row.Workspace, Branch: r.row.Branch}
	o := worker.Order{
		RunDir: r.verifyDir(), Log: filepath.Join(r.dir, worker.LogFile), Dir: place.Path, Checks: commands, Argv: commands[0],
		StopGrace: c.Dispatch.StopGrace, LogLimit: c.Retention.LogSize, HookTimeout: lane.VerifyTimeout,
	}
	if o.HookTimeout <= 0 {
		o.HookTimeout = DefaultVerifyTimeout
	}
	s := start{claim: board.Claimed{Task: t, Run: r.row}, lane: lane}
	o.Env = r.environ(s, place)
	o.Env = slices.DeleteFunc(o.Env, func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return name == worker.ContextVar || name == "ANDON_RESULT" || name == "HERMES_KANBAN_CLAIM_LOCK"
	})
	o.Env = append(o.Env, worker.ContextVar+"="+filepath.Join(r.verifyDir(), contextFile), "ANDON_VERIFYING=1")
	return o, r.confine(ctx, lane, t, r.verifyDir(), &o)
}

// await follows the commands to their end. The run's lease is renewed meanwhile.
func (r *run) await(ctx context.Context, f Folder, h Handle) (worker.Exit, error) {
	defer h.Close()
	renew := time.NewTicker(max(r.d.Config().Dispatch.Lease/3, time.Second))
	defer renew.Stop()
	obey := time.NewTimer(time.Hour)
	obey.Stop()
	defer obey.Stop()
	ended := r.ended
	for {
		select {
		case <-ctx.Done():
			return worker.Exit{}, ctx.Err()
		case <-h.Done():
			return r.verified(ctx, f)
		case <-ended: // somebody took the task away
			ended = nil
			r.signal(h.Stop)
			obey.Reset(r.patience())
		case <-obey.C:
			r.log().Warn("the supervisor does not end its verification and is killed")
			r.signal(h.Kill)
		case <-renew.C:
			if err := r.board.Extend(ctx, r.row.ID, r.d.Clock()); err != nil {
				r.log().Error("the lease cannot be renewed", "error", err)
			}
		}
	}
}

// verified reads how a verification ended whose supervisor is gone. What was
// killed, or stopped by somebody else than us, says nothing: errAgain, and nothing
// of it is left.
func (r *run) verified(ctx context.Context, f Folder) (worker.Exit, error) {
	exit, err := f.Exit()
	if err == nil && exit.Reason != worker.Stopped {
		return exit, nil
	}
	if err == nil {
		open, err := r.handedIn(ctx)
		if err == nil && open {
			err = errAgain
		}
		return exit, err
	}
	if !errors.Is(err, fs.ErrNotExist) {
		r.log().Error("the exit of a verification cannot be read", "error", err)
	}
	begun, err := f.Begun()
	switch {
	case err != nil:
		return exit, err
	case !begun:
		return exit, errAgain
	}
	if !r.rebootedSince(r.verifier.Boot) {
		c := r.d.Config()
		ctx, cancel := context.WithTimeout(ctx, 4*c.Dispatch.StopGrace+time.Minute)
		defer cancel()
		if err := r.d.Host.KillTree(ctx, r.verifyDir(), c.Dispatch.StopGrace); err != nil {
			return exit, err
		}
	}
	return exit, errAgain
}

// decide ends the run by what its verification said.
func (r *run) decide(ctx context.Context, exit worker.Exit) {
	missing, why := unfound(exit), fault(exit)
	var err error
	switch {
	case missing != "":
		_, err = r.board.Unverifiable(ctx, r.row.ID, missing)
	case why != "":
		r.unverified(ctx, why)
		return
	default:
		_, err = r.board.Verified(ctx, r.row.ID)
	}
	code := kanban.CodeOf(err)
	switch {
	case err == nil || code == kanban.Stale:
		r.settle(ctx)
	case ctx.Err() != nil:
	case code == kanban.Unavailable || code == kanban.Internal && r.attempts < 2:
		r.log().Error("the end of a run cannot be recorded", "error", err)
	default:
		r.unverified(ctx, err.Error())
	}
}

// fault says why a verification failed, with the end of what it said; "" if it
// passed.
func fault(exit worker.Exit) string {
	if n := len(exit.Checks); exit.Reason != worker.Exited || n == 0 {
		return "the verification was not run: " + exit.Reason + " " + exit.Error
	}
	last := exit.Checks[len(exit.Checks)-1]
	if last.Passed() {
		return ""
	}
	why := "verification: " + strings.Join(last.Argv, " ") + " " + last.Fault()
	if last.Said != "" {
		said := []rune(last.Said)
		why += "\n" + string(said[max(0, len(said)-maxSaid):])
	}
	return why
}

// unfound says which program of a verification is not on this machine, "" if none
// is missing. One in the workspace is the worker's to leave there.
func unfound(exit worker.Exit) string {
	if len(exit.Checks) == 0 {
		return ""
	}
	last := exit.Checks[len(exit.Checks)-1]
	if last.Error == "" || strings.Contains(last.Argv[0], "/") && !filepath.IsAbs(last.Argv[0]) {
		return ""
	}
	return "it cannot be verified: " + strings.Join(last.Argv, " ") + ": " + last.Error +
		". Install it, or change what verifies (andon edit ID --verify COMMAND), and unblock the task"
}

const maxSaid = 1500 // characters of a command's output; an error has room for little more

// unverified fails the run; its next attempt is told why.
func (r *run) unverified(ctx context.Context, why string) {
	r.fail(ctx, board.Ending{Outcome: kanban.VerifyFailed, Started: true, Error: why})
}
