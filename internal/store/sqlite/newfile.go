package sqlite

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// newFile builds a database beside its place and moves it there complete and
// durable, with its WAL emptied: a crash leaves all of it or none. seed, if
// any, writes the file first; build fills it. owner, which holds no dot, names
// the unfinished file, so that the next attempt of the same owner finds what a
// crash left. The caller holds the owner's lock.
//
// Errors: fs.ErrExist if the place was taken meanwhile.
func newFile(path, owner string, seed func(tmp string) error, build func(*conn) error) (err error) {
	dir := filepath.Dir(path)
	prefix := "." + owner + ".new-"
	if err := sweep(dir, prefix); err != nil {
		return err
	}
	tmp := filepath.Join(dir, prefix+rand.Text())
	defer func() {
		err = errors.Join(err, remove(tmp, tmp+"-wal", tmp+"-shm", tmp+"-journal"))
	}()
	// An empty file of ours first: SQLite would make it for all to read.
	if err := os.WriteFile(tmp, nil, 0o600); err != nil {
		return err
	}
	if seed != nil {
		if err := seed(tmp); err != nil {
			return err
		}
	}
	if err := fill(tmp, build); err != nil {
		return err
	}
	if err := syncPath(tmp); err != nil {
		return err
	}
	if err := renameNew(tmp, path); err != nil {
		return err
	}
	return syncPath(dir)
}

func fill(tmp string, build func(*conn) error) error {
	c, err := openConn(tmp, opening{create: true})
	if err != nil {
		return err
	}
	err = build(c)
	if err == nil {
		err = c.truncate()
	}
	return errors.Join(err, c.close())
}

// sweep removes what crashed attempts left.
func sweep(dir, prefix string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) {
			err = errors.Join(err, remove(filepath.Join(dir, e.Name())))
		}
	}
	return err
}

// setAside renames a database and its side files, as far as they are there:
// a WAL that is left beside another database is replayed into it.
func setAside(path string, now time.Time) error {
	dir := filepath.Dir(path)
	aside := filepath.Join(dir, freeName(dir, filepath.Base(path)+".replaced-"+now.UTC().Format("20060102T150405Z")))
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if !there(path + suffix) {
			continue
		}
		if err := renameNew(path+suffix, aside+suffix); err != nil {
			return err
		}
	}
	return nil
}

func remove(paths ...string) (err error) {
	for _, p := range paths {
		if e := os.Remove(p); e != nil && !errors.Is(e, os.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}

// syncPath makes a folder, or a file that no connection has open, durable.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// writeFile replaces a file at once and durably.
func writeFile(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	tmp := path + ".new-" + rand.Text()
	err := os.WriteFile(tmp, content, 0o600)
	if err == nil {
		err = syncPath(tmp)
	}
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		return errors.Join(err, remove(tmp))
	}
	return syncPath(filepath.Dir(path))
}
