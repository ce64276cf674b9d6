package workspace

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Give puts a kept file into another store, durably: as a further name of the
// same content, or as a checked copy on another file system. It may be there.
//
// Errors: not_found.
func (a *Artifacts) Give(ctx context.Context, to *Artifacts, sha string) error {
	f, _, err := a.Open(sha)
	if err != nil {
		return err
	}
	defer f.Close()
	path := to.path(sha)
	if _, err := to.incoming(); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	err = os.Link(a.path(sha), path)
	if err == nil {
		return errors.Join(syncFolder(filepath.Dir(path)), syncFolder(to.dir))
	}
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return to.Take(ctx, sha, f)
}

// GiveAll puts every kept file into another store.
func (a *Artifacts) GiveAll(ctx context.Context, to *Artifacts) error {
	return filepath.WalkDir(a.dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || !isDigest.MatchString(entry.Name()) {
			return err
		}
		return a.Give(ctx, to, entry.Name())
	})
}
