package httpapi

import (
	"context"
	"net/http"
	"path/filepath"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Backups makes copies of boards and puts them back.
type Backups interface {
	Make(ctx context.Context, slug, to string) (store.Backup, error)
	List(ctx context.Context, slug string) ([]store.Backup, error)
	Check(ctx context.Context, ref string) (store.Backup, error)
	// Restore is asked only where there is no gateway.
	Restore(ctx context.Context, a kanban.Actor, r client.RestoreRequest) (store.Restored, int, error)
}

func (s *server) backupRoutes() {
	route(s, http.MethodGet, "/backups", "list-backups", "List the copies of boards", s.listBackups)
	route(s, http.MethodPost, boardPath+"/backups", "make-backup", "Copy a board, and check the copy", s.makeBackup)
	route(s, http.MethodPost, "/backups/check", "check-backup", "Read a copy whole again", s.checkBackup)
	route(s, http.MethodPost, "/backups/restore", "restore-backup", "Put a copy in the place of a board; only without a gateway", s.restoreBackup)
}

// backups is for humans: they name paths.
func (s *server) backups(ctx context.Context, verb string) (Backups, kanban.Actor, error) {
	a, err := human(ctx, verb)
	if err == nil && s.o.Backups == nil {
		err = kanban.Errorf(kanban.Unavailable, "boards that are no files have no backups here").Hint("andon export")
	}
	return s.o.Backups, a, err
}

type listBackupsInput struct {
	Board string `query:"board" doc:"only of this board, which may be gone"`
}

func (s *server) listBackups(ctx context.Context, in *listBackupsInput) (*message[client.Page[client.Backup]], error) {
	b, _, err := s.backups(ctx, "backup")
	if err != nil {
		return nil, err
	}
	slug := in.Board
	if slug == client.Selected {
		if slug, err = s.slug(ctx, slug); err != nil {
			return nil, err
		}
	}
	all, err := b.List(ctx, slug)
	return whole(each(all, wireBackup), err)
}

type makeBackupInput struct {
	BoardPath
	Body client.BackupRequest
}

func (s *server) makeBackup(ctx context.Context, in *makeBackupInput) (*message[client.Backup], error) {
	b, _, err := s.backups(ctx, "backup")
	if err != nil {
		return nil, err
	}
	slug, err := s.slug(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	if in.Body.To != "" && !filepath.IsAbs(in.Body.To) {
		return nil, kanban.Errorf(kanban.Invalid, "%s is no absolute path", kanban.Quote(in.Body.To)).Hint("name a folder from / on")
	}
	made, err := b.Make(ctx, slug, in.Body.To)
	return answer(wireBackup(made), err)
}

func (s *server) checkBackup(ctx context.Context, in *message[client.BackupRef]) (*message[client.Backup], error) {
	b, _, err := s.backups(ctx, "backup")
	if err != nil {
		return nil, err
	}
	found, err := b.Check(ctx, in.Body.Backup)
	return answer(wireBackup(found), err)
}

func (s *server) restoreBackup(ctx context.Context, in *message[client.RestoreRequest]) (*message[client.Restored], error) {
	b, a, err := s.backups(ctx, "restore")
	if err != nil {
		return nil, err
	}
	if s.o.Control != nil {
		return nil, kanban.Errorf(kanban.Conflict, "a gateway serves the boards; nothing is put in their place under it").
			Hint("andon gateway stop, then restore again")
	}
	r, ended, err := b.Restore(ctx, a, in.Body)
	return answer(client.Restored{
		Backup: wireBackup(r.Backup), Board: r.Board, Aside: r.Aside, Ended: ended, Held: r.Held, Finished: r.Finished, DryRun: in.Body.DryRun,
	}, err)
}

func wireBackup(b store.Backup) client.Backup {
	return client.Backup{
		ID: b.ID, Kind: string(b.Kind), Board: b.Board, BoardID: b.BoardID, At: b.At, Version: b.Version, Schema: b.Schema,
		LastEvent: b.LastEvent, Tasks: b.Tasks, Runs: b.Runs, Events: b.Events, Size: b.Size, SHA256: b.SHA256,
		Artifacts: b.Artifacts, Missing: b.Missing, VerifiedAt: when(b.Verified), Problem: b.Problem, Path: b.Path,
	}
}
