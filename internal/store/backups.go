package store

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// Backups makes copies of boards that stand for themselves, and puts them back.
// A home whose boards are files implements it beside Boards.
type Backups interface {
	// Backup copies a board while work on it goes on, and checks the copy.
	// What fails leaves nothing behind.
	//
	// Errors: not_found; unavailable if it cannot be written, or is not sound.
	Backup(ctx context.Context, board string, o BackupOptions) (Backup, error)
	// ListBackups lists what stands in a folder, "" for the home's own, newest
	// first; of one board unless it is "".
	ListBackups(ctx context.Context, dir, board string) ([]Backup, error)
	// CheckBackup reads a whole copy again and keeps the verdict: Problem is ""
	// if it is sound. ref is an id in the home's own folder, or a path.
	//
	// Errors: invalid, not_found.
	CheckBackup(ctx context.Context, ref string) (Backup, error)
	// Rotate removes a board's scheduled copies in a folder that are older than
	// its newest keep (at least 1) sound ones, and returns how many went. Those
	// from the future, which a clock that was wrong has left, stay until it comes.
	Rotate(ctx context.Context, dir, boardID string, keep int) (int, error)
	// RestoreBackup puts a copy in the place of a board, whose own files it
	// sets aside. A crash leaves the old board or the new one; the next opening
	// or restore finishes what was begun.
	//
	// Errors: invalid; not_found; conflict if the copy is not sound or is
	// another board's, or if the board is in use.
	RestoreBackup(ctx context.Context, ref string, o RestoreOptions) (Restored, error)
}

// BackupKind says who made a backup.
type BackupKind string

// The kinds of backup. Only scheduled ones are rotated.
const (
	ManualBackup    BackupKind = "manual"
	ScheduledBackup BackupKind = "scheduled"
	MigrationBackup BackupKind = "migration" // the bare file that a migration saved first
)

// SkippedKey is the board-wide value that lists the ids of events which restores
// left unused: "first-last" each, after a comma.
const SkippedKey = "skipped_events"

// Skipped reads a value of SkippedKey: the first id of each range, by its last.
func Skipped(value string) map[int64]int64 {
	ranges := map[int64]int64{}
	for text := range strings.SplitSeq(value, ",") {
		first, last, _ := strings.Cut(text, "-")
		from, err1 := strconv.ParseInt(first, 10, 64)
		to, err2 := strconv.ParseInt(last, 10, 64)
		if err1 == nil && err2 == nil {
			ranges[to] = from
		}
	}
	return ranges
}

// BackupFormat is the version of the manifest.
const BackupFormat = 1

// Backup describes one copy of a board; as JSON it is the copy's manifest.
type Backup struct {
	Format    int        `json:"format"`
	ID        string     `json:"id"` // the name of its folder
	Kind      BackupKind `json:"kind"`
	Board     string     `json:"board"` // slug
	BoardID   string     `json:"board_id"`
	At        time.Time  `json:"at"`
	Version   string     `json:"andon_version"`
	Schema    int        `json:"schema"`
	LastEvent int64      `json:"last_event"`
	Tasks     int64      `json:"tasks"`
	Runs      int64      `json:"runs"`
	Events    int64      `json:"events"`
	Size      int64      `json:"size"` // of the database, in bytes
	SHA256    string     `json:"sha256"`
	Artifacts int        `json:"artifacts"`                   // files kept with it
	Missing   int        `json:"missing_artifacts,omitempty"` // that the board refers to and did not have any more
	Verified  time.Time  `json:"verified_at"`                 // when it was last read whole
	Problem   string     `json:"problem,omitempty"`           // what that found

	Path string `json:"-"` // of its folder, or of the bare file
}

// BackupOptions say how a backup is made.
type BackupOptions struct {
	To      string // an absolute folder; "" = the home's own
	Kind    BackupKind
	Version string // of this program, for the manifest
	// Room refuses what does not fit into a folder.
	Room func(dir string, bytes int64) error
	// Keep puts artifacts, by their SHA-256, below dir, durably, and tells how
	// many of them there are no more.
	Keep func(ctx context.Context, dir string, digests []string) (missing int, err error)
}

// RestoreOptions say how a backup is put back.
type RestoreOptions struct {
	Board  string // slug; "" = the one in the manifest
	New    bool   // make Board a new board of its own instead
	Force  bool   // also in the place of another board than the one copied
	DryRun bool   // only check
	// Take brings in the artifacts that stand below dir.
	Take func(ctx context.Context, dir string) error
	// Ready makes the copy fit to go on with, before anybody sees it. moved is
	// that the board which was backed up may go on elsewhere.
	Ready func(s Store, moved bool) error
	// Hold keeps such a board from starting work; its scope is set.
	Hold Hold
}

// Restored tells what a restore did, or would do.
type Restored struct {
	Backup   Backup
	Board    string
	BoardID  string
	Aside    string // where the old database went, its -wal and -shm beside it; "" = there was none
	Held     bool   // it is not the board that was backed up, which may do the same work: nothing starts on it
	Finished bool   // an earlier restore of the same backup had been interrupted and is now complete
}
