package sqlite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// RestoreBackup implements store.Backups:
//
//	check the backup ─▶ make the new file whole beside its place ─▶ write the plan ─▶ carry it out
//	                    a crash up to here leaves the old board     │ from here on, the new one
//
// The caller sees to it that no gateway runs and starts meanwhile.
func (h *Home) RestoreBackup(ctx context.Context, ref string, o store.RestoreOptions) (out store.Restored, err error) {
	b, err := h.CheckBackup(ctx, ref)
	if err != nil {
		return out, err
	}
	if b.Problem != "" {
		return out, kanban.Errorf(kanban.Conflict, "backup %s cannot be restored: %s", b.ID, b.Problem).
			Hint("nothing was changed; andon backup list  shows others")
	}
	out.Backup, out.Board = b, o.Board
	if out.Board == "" {
		out.Board = b.Board
	}
	if out.Board == "" {
		return out, kanban.Errorf(kanban.Invalid, "%s does not say which board it is of", b.Path).Hint("name it: --board SLUG")
	}
	if out.Board, err = kanban.Slug(out.Board); err != nil {
		return out, err
	}
	if err := h.putBack(ctx, &out, o); err != nil || o.DryRun {
		return out, outward(err)
	}
	return out, h.opens(ctx, out)
}

// putBack does it under the lock over the home's boards, which every opening of
// one asks for.
func (h *Home) putBack(ctx context.Context, out *store.Restored, o store.RestoreOptions) error {
	if !o.DryRun {
		if err := h.makeState(ctx); err != nil {
			return outward(err)
		}
	}
	unlock, err := h.lock(ctx, unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer unlock()
	if err := h.drop(out.Board); err != nil {
		return err
	}
	if !o.DryRun {
		done, found, err := h.carryOut(out.Board)
		if err != nil {
			return err
		}
		if found && done.Backup == out.Backup.Path && done.SHA256 == out.Backup.SHA256 {
			out.BoardID, out.Aside, out.Held, out.Finished = done.BoardID, done.Aside, done.Copy, true
			return nil
		}
	}
	p, err := h.plan(*out, o)
	if err != nil {
		return err
	}
	out.BoardID, out.Aside, out.Held = p.BoardID, p.Aside, p.Copy
	if err := notHeld(p.Live); err != nil || o.DryRun {
		return err
	}
	if err := h.decide(ctx, out.Backup, p, o); err != nil {
		return err
	}
	_, _, err = h.carryOut(out.Board)
	return err
}

// decide makes all ready and writes the plan. What fails leaves nothing behind;
// a copy is held before anybody can see it.
func (h *Home) decide(ctx context.Context, b store.Backup, p restorePlan, o store.RestoreOptions) error {
	if !p.Copy {
		o.Hold = store.Hold{}
	}
	unhold, err := h.holdNew(ctx, o.Hold, p.Info.Slug)
	if err != nil {
		return err
	}
	path := h.planPath(p.Info.Slug)
	if err = h.prepare(ctx, b, p, o); err == nil {
		err = p.write(path)
	}
	if err == nil {
		return nil
	}
	if e := remove(path); e != nil {
		return errors.Join(err, e) // the plan may be carried out yet
	}
	return errors.Join(err, os.RemoveAll(p.Staging), unhold())
}

// plan decides what goes where, and refuses what would take another board's
// place.
func (h *Home) plan(r store.Restored, o store.RestoreOptions) (p restorePlan, err error) {
	known, err := h.readFile(r.Board)
	if err != nil && !o.Force {
		return p, err
	}
	theirs, err := readBoardFile(filepath.Join(r.Backup.Path, backupInfo))
	if err != nil && filepath.Join(r.Backup.Path, backupDB) == databaseOf(r.Backup) {
		return p, err
	}
	p = restorePlan{Backup: r.Backup.Path, SHA256: r.Backup.SHA256, BoardID: r.Backup.BoardID, Live: h.live(r.Board), At: h.o.Clock().UTC()}
	if p.Copy, err = h.copies(r, known, o); err != nil {
		return p, err
	}
	info := known
	if known.ID == "" && known.Name == "" {
		info = theirs
	}
	if p.Copy {
		p.BoardID, info.Name = newID(), known.Name
	}
	info.Restores = max(known.Restores, theirs.Restores)
	p.set(info, r.Board)
	p.Staging = filepath.Join(filepath.Dir(p.Live), stagingPrefix+strconv.FormatUint(rand.Uint64(), 36))
	if there(p.Live) || there(p.Live+"-wal") || there(p.Live+"-shm") {
		dir := filepath.Dir(p.Live)
		p.Aside = filepath.Join(dir, freeName(dir, filepath.Base(p.Live)+".replaced-"+p.At.Format("20060102T150405Z")))
	}
	return p, nil
}

// copies tells whether there will be one more board beside the one that the
// backup is of, which may do the same work: whatever is not known to be that
// board itself. It refuses what was not asked for.
func (h *Home) copies(r store.Restored, known boardFile, o store.RestoreOptions) (bool, error) {
	b, taken := r.Backup, h.taken(r.Board)
	switch {
	case o.New && taken:
		return false, kanban.Errorf(kanban.Conflict, "board %s exists", r.Board).Hint("choose another name for  --new")
	case o.New:
		return true, nil
	case known.ID != "" && known.ID == b.BoardID:
		return false, nil
	case known.ID == "" && b.Board == r.Board:
		return false, h.movedAway(b)
	case !taken:
		return false, kanban.Errorf(kanban.NotFound, "there is no board %s, and nothing says that %s is of one of that name", r.Board, b.ID).
			Hint("--new %s  makes a board of its own of it", r.Board)
	case o.Force:
		return true, nil
	case b.BoardID == "":
		return false, kanban.Errorf(kanban.Conflict, "which board %s is of cannot be told, and there is a board %s", b.ID, r.Board).Hint(orNew)
	}
	return false, kanban.Errorf(kanban.Conflict, "the backup is of another board (%s) than %s (%s)",
		strings.TrimSpace(b.Board+" "+b.BoardID), r.Board, cmp.Or(known.ID, "whose id is not known")).Hint(orNew)
}

const orNew = "--new NAME  makes a new board of it; --force  puts it in this one's place, whose files are kept aside"

// movedAway refuses to bring a board back that lives on under another name.
func (h *Home) movedAway(b store.Backup) error {
	boards, err := h.List(context.Background(), false)
	if err != nil {
		return err
	}
	for _, other := range boards {
		if b.BoardID != "" && other.ID == b.BoardID && other.Slug != b.Board {
			return kanban.Errorf(kanban.Conflict, "the board that %s is of is now %s", b.ID, other.Slug).
				Hint("--board %s  puts it there; --new NAME  makes a new board of it", other.Slug)
		}
	}
	return nil
}

// taken: the default board is free until it has been made.
func (h *Home) taken(slug string) bool { return there(h.infoPath(slug)) || there(h.dbPath(slug)) }

// live is where a board's file stands or belongs, symbolic links followed.
func (h *Home) live(slug string) string {
	if real, err := filepath.EvalSymlinks(h.dbPath(slug)); err == nil {
		return real
	}
	return h.dbPath(slug)
}

const stagingPrefix = ".andon-restore-"

// prepare makes the new file whole and durable in the staging folder.
func (h *Home) prepare(ctx context.Context, b store.Backup, p restorePlan, o store.RestoreOptions) error {
	if err := os.MkdirAll(filepath.Dir(p.Live), 0o700); err != nil {
		return err
	}
	plan := h.planPath(p.Info.Slug)
	if err := errors.Join(sweepFolders(filepath.Dir(p.Live), stagingPrefix), sweep(filepath.Dir(plan), filepath.Base(plan)+".new-")); err != nil {
		return err
	}
	if o.Take != nil && there(filepath.Join(b.Path, artifactsDir)) {
		if err := o.Take(ctx, filepath.Join(b.Path, artifactsDir)); err != nil {
			return fmt.Errorf("artifacts: %w", err)
		}
	}
	if err := os.Mkdir(p.Staging, 0o700); err != nil {
		return err
	}
	path := p.staged()
	copied := func(tmp string) error { return copyFile(databaseOf(b), tmp) }
	if err := newFile(path, "restore", copied, sound); err != nil {
		return err
	}
	if digest, _, err := digestOf(path); err != nil || digest != b.SHA256 && b.Schema > 0 {
		return errors.Join(err, fmt.Errorf("%s changed while it was copied", b.Path))
	}
	return h.makeReady(path, p, o)
}

// idsPerRestore keeps ids from being used again: what was written after the
// backup is not known any more, but its ids may be, in logs, folders of runs and
// other people's cursors.
const idsPerRestore = 10_000_000

// makeReady brings the copy up to date, gives it its id and lets the caller
// change it. It is closed and whole in one file afterwards.
func (h *Home) makeReady(path string, p restorePlan, o store.RestoreOptions) error {
	s := h.spec(p.Info.Slug, path, steps)
	s.backups, s.shared = "", false
	s.prepare = func(c *conn) error {
		if err := keepTally(c); err != nil {
			return err
		}
		if p.BoardID != "" {
			if err := (tx{reader{c: c}}).SetMeta(idKey, p.BoardID); err != nil {
				return err
			}
		}
		return skipIDs(c, p.Info.Restores)
	}
	db, err := openDatabase(s)
	if err != nil {
		return err
	}
	if o.Ready != nil {
		err = o.Ready(newBoard(db, h.watch), p.Copy)
	}
	if err = errors.Join(err, db.close()); err != nil {
		return err
	}
	// The WAL goes into the file, which then stands for itself.
	if err := fill(path, func(*conn) error { return nil }); err != nil {
		return err
	}
	if wal, err := os.Stat(path + "-wal"); err == nil && wal.Size() > 0 {
		return fmt.Errorf("%s-wal could not be emptied", path)
	}
	if err := remove(path+"-wal", path+"-shm"); err != nil {
		return err
	}
	return errors.Join(syncPath(path), syncPath(filepath.Dir(path)))
}

// skipIDs makes every counted id jump beyond what any earlier state of the
// board has used, and notes which events that leaves out. times is how often the
// board was restored, this time included.
func skipIDs(c *conn, times int64) error {
	for table := range counters(&store.LastIDs{}) {
		err := c.exec("INSERT INTO sqlite_sequence (name, seq) SELECT ?1, 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?1)", table)
		if err != nil {
			return err
		}
	}
	r := reader{c: c}
	was, err := r.LastIDs()
	if err != nil {
		return err
	}
	if err := c.exec("UPDATE sqlite_sequence SET seq = max(seq / ?1 + 1, ?2) * ?1", int64(idsPerRestore), times); err != nil {
		return err
	}
	now, err := r.LastIDs()
	if err != nil {
		return err
	}
	skipped, err := r.Meta(store.SkippedKey)
	if err != nil {
		return err
	}
	skipped = strings.TrimPrefix(fmt.Sprintf("%s,%d-%d", skipped, was.Event+1, now.Event), ",")
	return tx{r}.SetMeta(store.SkippedKey, skipped)
}

// opens proves that the board is there.
func (h *Home) opens(ctx context.Context, r store.Restored) error {
	s, err := h.Open(ctx, r.Board)
	if err != nil {
		return err
	}
	return s.(*board).db.view(ctx, func(c *conn) error {
		if err := sound(c); err != nil {
			return fmt.Errorf("the restored board is damaged: %w", err)
		}
		return nil
	})
}

// notHeld refuses while a process has a database or its side files open.
func notHeld(path string) error {
	who, err := holders(path, path+"-wal", path+"-shm")
	if err != nil || len(who) == 0 {
		return err
	}
	return kanban.Errorf(kanban.Conflict, "%s is open in %s", path, strings.Join(who, ", ")).
		Hint("end it, then try again; a gateway ends with  andon gateway stop")
}
