package sqlite

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

var _ store.Backups = (*Home)(nil)

// ListBackups implements store.Backups. What is no backup is passed over.
func (h *Home) ListBackups(_ context.Context, dir, name string) ([]store.Backup, error) {
	if dir == "" {
		dir = h.backupsDir()
	}
	slug := ""
	if name != "" {
		var err error
		if slug, err = kanban.Slug(name); err != nil {
			return nil, err
		}
	}
	entries, err := readDir(dir)
	if err != nil {
		return nil, err
	}
	var found []store.Backup
	for _, e := range entries {
		b, ok := glance(filepath.Join(dir, e.Name()))
		if ok && !strings.HasPrefix(e.Name(), ".") && (slug == "" || b.Board == slug) {
			found = append(found, b)
		}
	}
	slices.SortFunc(found, func(a, b store.Backup) int { return cmp.Or(b.At.Compare(a.At), strings.Compare(b.ID, a.ID)) })
	return found, nil
}

// savedBefore is the name of what a migration saves: slug, schema, time.
var savedBefore = regexp.MustCompile(`^([a-z0-9][a-z0-9_-]{0,63})-v(\d+)-(\d{8}T\d{6}\.\d{3}Z)\.db$`)

// glance describes what stands at a path without reading the database.
func glance(path string) (b store.Backup, ok bool) {
	if m := savedBefore.FindStringSubmatch(filepath.Base(path)); m != nil {
		return saved(path, m)
	}
	b, err := readManifest(path)
	if errors.Is(err, os.ErrNotExist) {
		return b, false
	}
	b.ID, b.Path = filepath.Base(path), path
	if err != nil {
		b.Problem = err.Error()
	} else if fi, err := os.Stat(filepath.Join(path, backupDB)); err != nil || fi.Size() != b.Size {
		b.Problem = fmt.Sprintf("%s is missing or not %d bytes long", backupDB, b.Size)
	}
	return b, true
}

func saved(path string, m []string) (store.Backup, bool) {
	fi, err := os.Stat(path)
	if err != nil || !fi.Mode().IsRegular() {
		return store.Backup{}, false
	}
	b := store.Backup{ID: m[0], Kind: store.MigrationBackup, Board: m[1], Size: fi.Size(), Path: path, At: fi.ModTime().UTC()}
	_, err = fmt.Sscan(m[2], &b.Schema)
	return b, err == nil
}

func readManifest(dir string) (b store.Backup, err error) {
	text, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if err != nil {
		if fi, e := os.Stat(dir); e != nil || !fi.IsDir() {
			err = os.ErrNotExist
		}
		return b, err
	}
	switch err := json.Unmarshal(text, &b); {
	case len(text) == 0:
		return b, fmt.Errorf("%s is empty", manifestFile)
	case err != nil:
		return b, fmt.Errorf("%s cannot be read: %w", manifestFile, err)
	case b.Format > store.BackupFormat:
		return b, fmt.Errorf("a newer Andon made it (format %d, this one knows %d): upgrade this andon", b.Format, store.BackupFormat)
	case b.Format < 1:
		return b, fmt.Errorf("%s is not that of a backup: it names no format", manifestFile)
	}
	return b, nil
}

func writeManifest(dir string, b store.Backup) error {
	text, err := marshal(b, "  ")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, manifestFile), text)
}

// find is the backup of an id in the home's own folder, or at a path. It has
// not been read yet.
func (h *Home) find(ref string) (store.Backup, error) {
	path := ref
	if !filepath.IsAbs(ref) {
		if ref == "" || ref != filepath.Base(ref) || strings.HasPrefix(ref, ".") {
			return store.Backup{}, kanban.Errorf(kanban.Invalid, "%q is neither the id of a backup nor an absolute path", ref).
				Hint("andon backup list")
		}
		path = filepath.Join(h.backupsDir(), ref)
	}
	fi, err := os.Stat(path)
	if err != nil {
		return store.Backup{}, kanban.Errorf(kanban.NotFound, "there is no backup %s", ref).Hint("andon backup list")
	}
	if b, ok := glance(path); ok {
		return b, nil
	}
	if !fi.Mode().IsRegular() {
		return store.Backup{}, kanban.Errorf(kanban.NotFound, "%s is no backup: it has no %s", path, manifestFile).Hint("andon backup list")
	}
	return store.Backup{ID: filepath.Base(path), Kind: store.ManualBackup, Size: fi.Size(), At: fi.ModTime().UTC(), Path: path}, nil
}

// databaseOf is where a backup's database stands: it may be a bare file.
func databaseOf(b store.Backup) string {
	if fi, err := os.Stat(b.Path); err == nil && fi.IsDir() {
		return filepath.Join(b.Path, backupDB)
	}
	return b.Path
}

// CheckBackup implements store.Backups.
func (h *Home) CheckBackup(ctx context.Context, ref string) (store.Backup, error) {
	b, err := h.find(ref)
	if err != nil {
		return b, err
	}
	unlock, err := h.lockBackups(ctx)
	if err != nil {
		return b, err
	}
	defer unlock()
	b.Problem = ""
	if err := readWhole(&b); err != nil {
		b.Problem = err.Error()
	}
	b.Verified = h.o.Clock().UTC()
	if _, err := readManifest(b.Path); err == nil { // what cannot be read is not written over
		// A medium that cannot be written keeps the verdict of before.
		if err := writeManifest(b.Path, b); err != nil && !errors.Is(err, os.ErrPermission) && !errors.Is(err, unix.EROFS) {
			return b, err
		}
	}
	return b, nil
}

// readWhole says what is wrong with a backup, and fills in what its database
// says.
func readWhole(b *store.Backup) error {
	dir := b.Path != databaseOf(*b)
	if dir {
		if _, err := readManifest(b.Path); err != nil {
			return err
		}
		if info := filepath.Join(b.Path, backupInfo); !there(info) {
			return fmt.Errorf("%s is missing", backupInfo)
		} else if _, err := readBoardFile(info); err != nil {
			return err
		}
	}
	path := databaseOf(*b)
	if wal, err := os.Stat(path + "-wal"); err == nil && wal.Size() > 0 {
		return fmt.Errorf("beside it stands %s-wal, which may hold its latest commits: sqlite3 %s 'PRAGMA wal_checkpoint(TRUNCATE)'", path, path)
	}
	digest, size, err := digestOf(path)
	switch {
	case err != nil:
		return err
	case b.SHA256 != "" && (digest != b.SHA256 || size != b.Size):
		return fmt.Errorf("%s is not what was backed up: its SHA-256 is %s", backupDB, digest)
	}
	b.SHA256, b.Size = digest, size
	c, err := openConn(path, opening{frozen: true})
	if err != nil {
		return err
	}
	err = sound(c)
	if err == nil {
		err = isBoard(c)
	}
	if err == nil {
		err = sameCounts(c, b)
	}
	if err == nil && b.Format == 0 {
		err = datedByEvents(c, b)
	}
	if err = errors.Join(err, c.close()); err != nil || !dir {
		return err
	}
	return artifactsThere(filepath.Join(b.Path, artifactsDir), b.Artifacts)
}

// isBoard refuses an empty file, that of another program, and one whose tables
// are still in a WAL which was not copied along.
func isBoard(c *conn) error {
	for table, columns := range map[string]string{"tasks": "id, title, status, created_at", "task_events": "id, task_id, kind, created_at"} {
		if has, err := hasTable(c, table); err != nil {
			return err
		} else if !has {
			return fmt.Errorf("it is no board: it has no table %s; if it was copied without the -wal beside it, copy both again", table)
		}
		if err := c.exec("SELECT " + columns + " FROM " + table + " LIMIT 0"); err != nil {
			return fmt.Errorf("it is no board: table %s: %w", table, err)
		}
	}
	return nil
}

// datedByEvents tells what a bare file holds by its newest event: its own time
// may be that of its copying.
func datedByEvents(c *conn, b *store.Backup) error {
	seconds, err := oneNumber(c, "task_events", "ifnull(CAST(max(created_at) AS INTEGER), 0)")
	if err == nil && seconds > 0 {
		b.At = time.Unix(seconds, 0).UTC()
	}
	return err
}

// sameCounts compares a database with its manifest; a bare file gets one.
func sameCounts(c *conn, b *store.Backup) error {
	found := *b
	if _, err := describe(c, &found); err != nil {
		return err
	}
	if b.Format > 0 && found != *b {
		return errors.New("it holds other tasks, runs or events than were backed up")
	}
	*b = found
	return nil
}

// artifactsThere reads every kept file again: each is named by its content.
func artifactsThere(dir string, want int) error {
	found := 0
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		digest, _, err := digestOf(path)
		if err == nil && digest != e.Name() {
			err = fmt.Errorf("artifact %s is damaged", e.Name())
		}
		found++
		return err
	})
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	if err == nil && found < want {
		err = fmt.Errorf("%d of %d artifacts are missing", want-found, want)
	}
	return err
}

// Rotate implements store.Backups.
func (h *Home) Rotate(ctx context.Context, dir, boardID string, keep int) (removed int, err error) {
	unlock, err := h.lockBackups(ctx)
	if err != nil {
		return 0, err
	}
	defer unlock()
	all, err := h.ListBackups(ctx, dir, "")
	if err != nil {
		return 0, err
	}
	for _, b := range all {
		if b.Kind != store.ScheduledBackup || b.BoardID != boardID || boardID == "" || b.At.After(h.o.Clock()) {
			continue
		}
		if keep > 0 {
			if b.Problem == "" {
				keep--
			}
			continue
		}
		if err := removeBackup(b); err != nil {
			return removed, kanban.Errorf(kanban.Unavailable, "an old backup cannot be removed: %w", err).Hint("remove %s by hand", b.Path)
		}
		removed++
	}
	return removed, nil
}

// removeBackup takes its name away first: half of one would look damaged.
func removeBackup(b store.Backup) error {
	gone := filepath.Join(filepath.Dir(b.Path), unfinishedFor+b.BoardID+"-"+b.ID)
	if err := moveDir(b.Path, gone); err != nil {
		return err
	}
	return os.RemoveAll(gone)
}

// copyFile copies a file that no connection has open.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
