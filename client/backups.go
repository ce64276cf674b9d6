package client

import (
	"context"
	"net/url"
	"time"
)

// Backup is one copy of a board.
type Backup struct {
	ID         string     `json:"id"`
	Kind       string     `json:"kind" enum:"manual,scheduled,migration"`
	Board      string     `json:"board"`
	BoardID    string     `json:"board_id,omitempty"`
	At         time.Time  `json:"at"`
	Version    string     `json:"andon_version,omitempty"`
	Schema     int        `json:"schema"`
	LastEvent  int64      `json:"last_event"`
	Tasks      int64      `json:"tasks"`
	Runs       int64      `json:"runs"`
	Events     int64      `json:"events"`
	Size       int64      `json:"size" doc:"of the database, in bytes"`
	SHA256     string     `json:"sha256,omitempty"`
	Artifacts  int        `json:"artifacts" doc:"files of runs kept with it"`
	Missing    int        `json:"missing_artifacts,omitempty" doc:"files that the board refers to and did not have any more"`
	VerifiedAt *time.Time `json:"verified_at,omitempty" doc:"when it was last read whole"`
	Problem    string     `json:"problem,omitempty" doc:"why it cannot be restored"`
	Path       string     `json:"path"`
}

// BackupRequest asks for a backup.
type BackupRequest struct {
	To string `json:"to,omitempty" doc:"absolute folder; if absent that of backup.to in andon.yaml, else andon/backups of the home"`
}

// BackupRef names a backup.
type BackupRef struct {
	Backup string `json:"backup" doc:"its id, or an absolute path"`
}

// RestoreRequest asks for a backup to be put back.
type RestoreRequest struct {
	Backup string `json:"backup" doc:"its id, or an absolute path"`
	Board  string `json:"board,omitempty" doc:"into this board; the one that it is of if absent"`
	New    string `json:"new,omitempty" doc:"as a new board of this name instead"`
	Force  bool   `json:"force,omitempty" doc:"also in the place of another board than the one it is of"`
	DryRun bool   `json:"dry_run,omitempty" doc:"only check whether it can be done"`
}

// Restored tells what a restore did, or would do.
type Restored struct {
	Backup   Backup `json:"backup"`
	Board    string `json:"board"`
	Aside    string `json:"aside,omitempty" doc:"where the old database is now, its -wal and -shm beside it"`
	Ended    int    `json:"ended" doc:"runs that were open in the backup"`
	Held     bool   `json:"held,omitempty" doc:"it is a copy beside the board that was backed up: nothing starts on it until it is resumed"`
	Finished bool   `json:"finished,omitempty" doc:"the same restore had been interrupted, and is complete now"`
	DryRun   bool   `json:"dry_run,omitempty"`
}

// MakeBackup copies a board while work on it goes on, and checks the copy.
func (c *Client) MakeBackup(ctx context.Context, board string, r BackupRequest) (Backup, error) {
	return call[Backup](ctx, c, post("boards", board, "backups").with(r))
}

// Backups lists the backups in the home's own folder and in that of backup.to,
// newest first; of one board unless it is "".
func (c *Client) Backups(ctx context.Context, board string) ([]Backup, error) {
	q := url.Values{}
	text(q, "board", board)
	return items[Backup](ctx, c, get("backups").where(q))
}

// CheckBackup reads a backup whole again. Problem tells what is wrong with it.
func (c *Client) CheckBackup(ctx context.Context, backup string) (Backup, error) {
	return call[Backup](ctx, c, post("backups", "check").with(BackupRef{Backup: backup}))
}

// RestoreBackup puts a backup in the place of a board, while no gateway runs.
// The old files are set aside.
func (c *Client) RestoreBackup(ctx context.Context, r RestoreRequest) (Restored, error) {
	return call[Restored](ctx, c, post("backups", "restore").with(r))
}
