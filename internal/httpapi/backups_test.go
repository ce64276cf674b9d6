package httpapi_test

import (
	"context"
	"testing"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/httpapi"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/sqlite"
)

// shelf keeps backups of a home of files.
type shelf struct{ *sqlite.Home }

func (s shelf) Make(ctx context.Context, slug, to string) (store.Backup, error) {
	return s.Backup(ctx, slug, store.BackupOptions{To: to, Kind: store.ManualBackup})
}

func (s shelf) List(ctx context.Context, slug string) ([]store.Backup, error) {
	return s.ListBackups(ctx, "", slug)
}

func (s shelf) Check(ctx context.Context, ref string) (store.Backup, error) {
	return s.CheckBackup(ctx, ref)
}

func (s shelf) Restore(ctx context.Context, _ kanban.Actor, r client.RestoreRequest) (store.Restored, int, error) {
	out, err := s.RestoreBackup(ctx, r.Backup, store.RestoreOptions{Board: r.Board, DryRun: r.DryRun})
	return out, 0, err
}

// tourBackups: everything but a restore goes on while a gateway runs.
func tourBackups(t *testing.T, h *home, c *client.Client) {
	ctx := t.Context()
	made := must(c.MakeBackup(ctx, "default", client.BackupRequest{}))(t)
	if all := must(c.Backups(ctx, "Default"))(t); len(all) != 1 || all[0].ID != made.ID || all[0].Board != "default" {
		t.Errorf("there are %+v", all)
	}
	if b := must(c.CheckBackup(ctx, made.ID))(t); b.Problem != "" || b.SHA256 != made.SHA256 || b.VerifiedAt == nil {
		t.Errorf("checked %+v", b)
	}
	_, err := c.MakeBackup(ctx, "default", client.BackupRequest{To: "relative"})
	refusal(t, err, kanban.Invalid)
	_, err = c.RestoreBackup(ctx, client.RestoreRequest{Backup: made.ID})
	refusal(t, err, kanban.Conflict)
	alone := h.options
	alone.Control = nil
	r := must(client.New(client.Handler(httpapi.New(alone)), "http://andon", client.Options{}).RestoreBackup(ctx, client.RestoreRequest{Backup: made.ID, DryRun: true}))(t)
	if r.Board != "default" || !r.DryRun || r.Aside == "" {
		t.Errorf("it would be %+v", r)
	}
}

// TestBackupsAreForHumans: they name paths of the home's owner.
func TestBackupsAreForHumans(t *testing.T) {
	h := newHome(t)
	h.actor = kanban.Actor{Kind: kanban.Worker, Name: "builder", Board: "default", Task: "t_00000001", Run: 1}
	c := h.client()
	ctx := t.Context()
	_, err := c.MakeBackup(ctx, "default", client.BackupRequest{})
	refusal(t, err, kanban.Unauthorized)
	_, err = c.Backups(ctx, "")
	refusal(t, err, kanban.Unauthorized)
	_, err = c.CheckBackup(ctx, "x")
	refusal(t, err, kanban.Unauthorized)
	_, err = c.RestoreBackup(ctx, client.RestoreRequest{Backup: "x"})
	refusal(t, err, kanban.Unauthorized)
}
