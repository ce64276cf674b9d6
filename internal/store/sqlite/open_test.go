package sqlite

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/ncruces/go-sqlite3"

	"github.com/andon-dev/andon/internal/kanban"
)

func TestEveryConnectionIsSetUp(t *testing.T) {
	d := openNotes(t)
	want := map[string]string{
		"journal_mode": "wal", "busy_timeout": "10000", "synchronous": "2", "foreign_keys": "1",
		"wal_autocheckpoint": "1000", "journal_size_limit": "16777216", "mmap_size": "0", "temp_store": "2",
		"trusted_schema": "0", "cell_size_check": "1",
	}
	check := func(queryOnly string) func(c *conn) error {
		return func(c *conn) error {
			want["query_only"] = queryOnly
			for name, value := range want {
				if got, err := c.text("PRAGMA " + name); err != nil || got != value {
					t.Errorf("%s is %q, want %q (%v)", name, got, value, err)
				}
			}
			if on, err := c.db.FileControl("main", sqlite3.FCNTL_PERSIST_WAL); on != true || err != nil {
				t.Errorf("PERSIST_WAL: %v, %v", on, err)
			}
			if on, err := c.db.Config(sqlite3.DBCONFIG_NO_CKPT_ON_CLOSE); !on || err != nil {
				t.Errorf("NO_CKPT_ON_CLOSE: %v, %v", on, err)
			}
			return nil
		}
	}
	must(t, d.update(context.Background(), check("0")))
	must(t, d.view(context.Background(), check("1")))
	err := d.view(context.Background(), func(c *conn) error { return c.exec("DELETE FROM notes") })
	wantCode(t, err, kanban.Unavailable)
}

func TestSideFilesHaveTheModeOfTheDatabase(t *testing.T) {
	d := openNotes(t)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		fi, err := os.Stat(d.path + suffix)
		must(t, err)
		if fi.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", suffix, fi.Mode())
		}
	}
}

// Closing must leave what others may use: the WAL, with what is in it.
func TestG03_CloseNeitherRemovesNorTruncatesTheWAL(t *testing.T) {
	d, err := openDatabase(testSpec(makeNotes(t)))
	must(t, err)
	must(t, note(d, "kept"))
	before, err := os.Stat(d.path + "-wal")
	must(t, err)
	must(t, d.close())
	after, err := os.Stat(d.path + "-wal")
	must(t, err)
	if !os.SameFile(before, after) || after.Size() != before.Size() || after.Size() == 0 {
		t.Fatalf("the WAL had %d bytes and has %d", before.Size(), after.Size())
	}
}

func TestG04_UnsoundFilesAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, path string){
		"missing":   func(t *testing.T, path string) { must(t, os.Remove(path)) },
		"empty":     func(t *testing.T, path string) { must(t, os.Truncate(path, 0)) },
		"cut short": func(t *testing.T, path string) { must(t, os.Truncate(path, 4096)) },
		"other":     func(t *testing.T, path string) { must(t, os.WriteFile(path, make([]byte, 8192), 0o600)) },
		"folder":    func(t *testing.T, path string) { must(t, os.Remove(path)); must(t, os.Mkdir(path, 0o700)) },
		"hard link": func(t *testing.T, path string) { must(t, os.Link(path, path+"2")) },
	} {
		t.Run(name, func(t *testing.T) {
			path := makeNotes(t)
			spoil(t, path)
			d, err := openDatabase(testSpec(path))
			if err == nil {
				d.close()
			}
			wantCode(t, err, kanban.Unavailable)
		})
	}
}

func TestG03_AnotherJournalModeIsRefusedNotChanged(t *testing.T) {
	needCLI(t)
	path := filepath.Join(t.TempDir(), "legacy.db")
	sqlite3CLI(t, path, "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT); PRAGMA user_version=1")
	_, err := openDatabase(testSpec(path))
	wantCode(t, err, kanban.Unavailable)
	if mode := sqlite3CLI(t, path, "PRAGMA journal_mode"); mode != "delete\n" {
		t.Fatalf("journal mode is now %q", mode)
	}
}

func TestOldSQLiteIsRecognised(t *testing.T) {
	for _, c := range []struct {
		a, b string
		less bool
	}{{"3.51.2", "3.51.3", true}, {"3.51.3", "3.51.3", false}, {"3.9.0", "3.51.3", true}, {"3.54.1", "3.51.3", false}, {"4.0", "3.51.3", false}} {
		if versionLess(c.a, c.b) != c.less {
			t.Errorf("versionLess(%s, %s) is %v", c.a, c.b, !c.less)
		}
	}
}
