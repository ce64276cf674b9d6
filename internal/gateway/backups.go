package gateway

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/andon-dev/andon/internal/httpapi"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/workspace"
)

var _ httpapi.Backups = (*shelf)(nil)

// shelf makes backups, when asked and by the clock, and puts them back.
type shelf struct {
	*app
	store store.Backups
	again chan struct{} // holds one if what failed is due again

	mu       sync.Mutex
	problems map[string]problem // of scheduled backups, by board
}

type problem struct {
	text  string
	again time.Time
}

func newShelf(a *app) *shelf {
	return &shelf{app: a, store: a.home, again: make(chan struct{}, 1), problems: map[string]problem{}}
}

// Make copies a board because somebody asks for it, into the folder that is
// named, or else where the schedule puts its copies.
func (s *shelf) Make(ctx context.Context, slug, to string) (store.Backup, error) {
	return s.backup(ctx, slug, cmp.Or(to, s.config.Load().Backup.To), store.ManualBackup)
}

func (s *shelf) backup(ctx context.Context, slug, to string, kind store.BackupKind) (store.Backup, error) {
	return s.store.Backup(ctx, slug, store.BackupOptions{To: to, Kind: kind, Version: s.Version, Room: s.room, Keep: s.keep})
}

// List lists what stands in the home and in backup.to, newest first.
func (s *shelf) List(ctx context.Context, slug string) ([]store.Backup, error) {
	all, err := s.store.ListBackups(ctx, "", slug)
	to := s.config.Load().Backup.To
	if err != nil || to == "" {
		return all, err
	}
	more, err := s.store.ListBackups(ctx, to, slug)
	if err != nil {
		return all, kanban.Errorf(kanban.CodeOf(err), "backup.to of %s: %w", s.paths.Config, err).Hint("mend the folder, or name another one there")
	}
	all = append(all, more...)
	slices.SortFunc(all, func(a, b store.Backup) int { return cmp.Or(b.At.Compare(a.At), strings.Compare(a.Path, b.Path)) })
	return slices.CompactFunc(all, func(a, b store.Backup) bool { return a.Path == b.Path }), nil // it may be the home's own
}

// Check implements httpapi.Backups.
func (s *shelf) Check(ctx context.Context, ref string) (store.Backup, error) {
	return s.store.CheckBackup(ctx, s.path(ref))
}

// path finds an id in backup.to; any other ref is left to the store.
func (s *shelf) path(ref string) string {
	to := s.config.Load().Backup.To
	if to == "" || ref == "" || ref != filepath.Base(ref) || strings.HasPrefix(ref, ".") {
		return ref
	}
	if _, err := os.Stat(filepath.Join(to, ref)); err != nil {
		return ref
	}
	return filepath.Join(to, ref)
}

// room leaves on the disk what work needs.
func (s *shelf) room(dir string, bytes int64) error {
	free, err := workspace.Free(dir)
	if err != nil {
		return err
	}
	if need := uint64(bytes + s.config.Load().Dispatch.MinFree); free < need {
		return kanban.Errorf(kanban.Unavailable, "no backup fits into %s: %d MB are free, and %d MB are needed with what dispatch.min_free leaves", dir, free>>20, need>>20).
			Hint("free some space, or choose another folder with --to or backup.to")
	}
	return nil
}

// keep puts the artifacts of a board beside its copy: retention may remove them
// here before the copy is needed. What is lost already is counted.
func (s *shelf) keep(ctx context.Context, dir string, digests []string) (missing int, err error) {
	to := workspace.NewArtifacts(dir)
	for _, sha := range digests {
		switch err := s.artifacts.Give(ctx, to, sha); {
		case kanban.CodeOf(err) == kanban.NotFound:
			missing++
		case err != nil:
			return missing, err
		}
	}
	return missing, nil
}

const (
	lookEvery  = time.Minute
	retryAfter = 15 * time.Minute
)

// run makes the scheduled backups until ctx ends. It looks at the clock rather
// than waiting for the time itself, which a machine may sleep through.
func (s *shelf) run(ctx context.Context) error {
	every := func() time.Duration {
		if e := s.config.Load().Backup.Every; e > 0 {
			return min(e, lookEvery)
		}
		return lookEvery
	}
	timer := time.NewTimer(every())
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		case <-s.again:
		}
		if err := s.look(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("scheduled backups cannot be made", "error", err)
		}
		timer.Reset(every())
	}
}

// look makes the backups that are due.
func (s *shelf) look(ctx context.Context) error {
	c := s.config.Load().Backup
	if c.Every == 0 {
		return nil
	}
	boards, err := s.boards.List(ctx, false)
	if err != nil {
		return err
	}
	made, listErr := s.store.ListBackups(ctx, c.To, "")
	for _, b := range boards {
		now := s.Clock()
		if !s.due(made, b, now) {
			continue
		}
		err := listErr // what is there is not known, so nothing may be added
		if err == nil {
			err = s.scheduled(ctx, b.Slug)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.note(b.Slug, now, err)
	}
	return nil
}

// due goes by the copies that there are. One from the future, after the clock
// was wrong, does not count.
func (s *shelf) due(made []store.Backup, b store.BoardInfo, now time.Time) bool {
	s.mu.Lock()
	p, failed := s.problems[b.Slug]
	s.mu.Unlock()
	if failed && now.Before(p.again) && p.again.Sub(now) <= retryAfter {
		return false
	}
	for _, m := range made {
		if m.Kind == store.ScheduledBackup && m.BoardID == b.ID && !m.At.After(now) && m.Problem == "" {
			return now.Sub(m.At) >= s.config.Load().Backup.Every
		}
	}
	return true
}

func (s *shelf) scheduled(ctx context.Context, slug string) error {
	c := s.config.Load().Backup
	b, err := s.backup(ctx, slug, c.To, store.ScheduledBackup)
	if err != nil {
		return err
	}
	_, err = s.store.Rotate(ctx, c.To, b.BoardID, c.Keep)
	return err
}

// note keeps what went wrong for who asks how the gateway is.
func (s *shelf) note(slug string, now time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		delete(s.problems, slug)
		return
	}
	s.problems[slug] = problem{err.Error(), now.Add(retryAfter)}
	s.Log.Error("a scheduled backup failed", "board", slug, "error", err)
}

// retry makes due again what failed: somebody may have mended the cause.
func (s *shelf) retry() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.problems) == 0 {
		return
	}
	for slug, p := range s.problems {
		p.again = time.Time{}
		s.problems[slug] = p
	}
	select {
	case s.again <- struct{}{}:
	default:
	}
}

// troubles tells of each board whose last scheduled backup failed.
func (s *shelf) troubles() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]string{}
	for slug, p := range s.problems {
		out[slug] = p.text
	}
	return out
}
