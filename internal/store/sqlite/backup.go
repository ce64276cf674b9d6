package sqlite

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/ncruces/go-sqlite3"
	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// A backup is a folder: manifest.json, kanban.db, board.json, artifacts/. It is
// made beside its place under a hidden name and gets its own when it is whole.

const (
	manifestFile  = "manifest.json"
	backupDB      = "kanban.db"
	backupInfo    = "board.json"
	artifactsDir  = "artifacts"
	unfinishedFor = ".andon-backup-" // and the board's id
)

func (h *Home) backupsDir() string { return filepath.Join(h.dir, "andon", "backups") }

// lockBackups lets one process at a time write or remove backups of this home.
func (h *Home) lockBackups(ctx context.Context) (unlock func(), err error) {
	return lockFile(ctx, filepath.Join(h.dir, "andon", "backups.lock"), unix.LOCK_EX)
}

// Backup implements store.Backups. Writers go on meanwhile.
func (h *Home) Backup(ctx context.Context, name string, o store.BackupOptions) (store.Backup, error) {
	slug, err := h.existing(name)
	if err != nil {
		return store.Backup{}, err
	}
	s, err := h.Open(ctx, slug)
	if err != nil {
		return store.Backup{}, err
	}
	info, err := h.readFile(slug)
	if err != nil {
		return store.Backup{}, err
	}
	if o.To == "" {
		o.To = h.backupsDir()
	}
	unlock, err := h.lockBackups(ctx)
	if err != nil {
		return store.Backup{}, err
	}
	defer unlock()
	b := store.Backup{
		Format: store.BackupFormat, Kind: o.Kind, Board: slug, BoardID: info.ID, At: h.o.Clock().UTC(), Version: o.Version,
	}
	b, err = h.writeBackup(ctx, s.(*board).db, b, info, o)
	if err == nil {
		return b, nil
	}
	if kanban.CodeOf(outward(err)) == kanban.Internal {
		err = kanban.Errorf(kanban.Unavailable, "no backup of board %s was made: %w", slug, err).Hint("check %s and its free space", o.To)
	}
	return store.Backup{}, outward(err)
}

// writeBackup makes the folder whole, or not at all.
func (h *Home) writeBackup(ctx context.Context, db *database, b store.Backup, info boardFile, o store.BackupOptions) (_ store.Backup, err error) {
	if err := makeRoom(db, b, o); err != nil {
		return b, err
	}
	staging := filepath.Join(o.To, unfinishedFor+b.BoardID+"-"+strconv.FormatUint(rand.Uint64(), 36))
	if err := os.Mkdir(staging, 0o700); err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(staging)) }()
	path := filepath.Join(staging, backupDB)
	digests, err := db.copyTo(ctx, path, &b)
	if err != nil {
		return b, err
	}
	if b.SHA256, b.Size, err = digestOf(path); err != nil {
		return b, err
	}
	if err := info.write(filepath.Join(staging, backupInfo)); err != nil {
		return b, err
	}
	if len(digests) > 0 && o.Keep != nil {
		if b.Missing, err = o.Keep(ctx, filepath.Join(staging, artifactsDir), digests); err != nil {
			return b, fmt.Errorf("artifacts: %w", err)
		}
	}
	b.Artifacts, b.Verified = len(digests)-b.Missing, h.o.Clock().UTC()
	b.ID = freeName(o.To, b.Board+"-"+b.At.Format("20060102T150405Z"))
	if err := writeManifest(staging, b); err != nil {
		return b, err
	}
	b.Path = filepath.Join(o.To, b.ID)
	return b, moveDir(staging, b.Path)
}

// makeRoom makes the folder, removes what a crash left of earlier backups of
// the board, and asks whether another one fits.
func makeRoom(db *database, b store.Backup, o store.BackupOptions) error {
	if err := os.MkdirAll(o.To, 0o700); err != nil {
		return err
	}
	if err := sweepFolders(o.To, unfinishedFor+b.BoardID+"-"); err != nil || o.Room == nil {
		return err
	}
	var size int64
	for _, suffix := range []string{"", "-wal"} {
		if fi, err := os.Stat(db.path + suffix); err == nil {
			size += fi.Size()
		}
	}
	return o.Room(o.To, size)
}

// sweepFolders removes what crashed attempts left.
func sweepFolders(dir, prefix string) error {
	entries, err := readDir(dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
		}
	}
	return err
}

func freeName(dir, name string) string {
	free := name
	for n := 1; there(filepath.Join(dir, free)); n++ {
		free = fmt.Sprintf("%s-%d", name, n)
	}
	return free
}

// copyTo writes a checked copy, describes it, and lists the artifacts that it
// refers to. It has a connection of its own, which ctx may interrupt.
func (d *database) copyTo(ctx context.Context, path string, b *store.Backup) (digests []string, err error) {
	if err := d.users.enter(); err != nil {
		return nil, err
	}
	defer d.users.leave()
	c, err := d.connect(false) // a reader's query_only forbids VACUUM INTO, too
	if err != nil {
		return nil, err
	}
	c.db.SetInterrupt(ctx)
	if err := errors.Join(backup(c, path, "backup"), c.close()); err != nil {
		return nil, err
	}
	copied, err := openConn(path, opening{frozen: true})
	if err != nil {
		return nil, err
	}
	digests, err = describe(copied, b)
	return digests, errors.Join(err, copied.close())
}

// sound checks a whole file.
func sound(c *conn) error {
	var bad []string
	say := func(s *sqlite3.Stmt) error {
		if text := s.ColumnText(0); text != "ok" && len(bad) < 3 {
			bad = append(bad, strings.TrimSpace(text))
		}
		return nil
	}
	if err := c.query("PRAGMA integrity_check(3)", nil, say); err != nil {
		return err
	}
	if len(bad) > 0 {
		return errors.New(strings.Join(bad, "; "))
	}
	return nil
}

// describe fills in what a board's file says of itself, and lists the artifacts
// that it refers to.
func describe(c *conn, b *store.Backup) (digests []string, err error) {
	if b.Schema, err = c.version(); err != nil {
		return nil, err
	}
	if b.Schema > len(steps) {
		return nil, kanban.Errorf(kanban.Unavailable, "it was written by a newer Andon (schema %d, this one knows %d)", b.Schema, len(steps)).
			Hint("upgrade this andon")
	}
	for table, into := range map[string]*int64{"tasks": &b.Tasks, "task_runs": &b.Runs, "task_events": &b.Events} {
		if *into, err = oneNumber(c, table, "count(*)"); err != nil {
			return nil, err
		}
	}
	if b.LastEvent, err = oneNumber(c, "task_events", "ifnull(max(id), 0)"); err != nil {
		return nil, err
	}
	if ours, err := hasTable(c, "andon_meta"); err != nil || !ours {
		return nil, err // of the reference system: neither id nor artifacts
	}
	id, err := c.text("SELECT value FROM andon_meta WHERE key = ?", idKey)
	switch {
	case err != nil:
		return nil, err
	case b.BoardID != "" && id != b.BoardID:
		return nil, fmt.Errorf("it is the file of board %s, not of %s", id, b.BoardID)
	}
	b.BoardID = id
	return list(c, "SELECT DISTINCT sha256 FROM andon_artifacts ORDER BY 1", nil, (*columns).text)
}

// oneNumber asks a table for one; 0 if an old file does not have the table.
func oneNumber(c *conn, table, what string) (n int64, err error) {
	if has, err := hasTable(c, table); err != nil || !has {
		return 0, err
	}
	text, err := c.text("SELECT " + what + " FROM " + table)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(text, 10, 64)
}

func hasTable(c *conn, name string) (bool, error) {
	found, err := c.text("SELECT name FROM sqlite_schema WHERE type = 'table' AND name = ?", name)
	return found != "", err
}

// digestOf reads a file that no connection has open.
func digestOf(path string) (digest string, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	sum := sha256.New()
	size, err = io.Copy(sum, f)
	return hex.EncodeToString(sum.Sum(nil)), size, errors.Join(err, f.Close())
}
