package workspace

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"

	"github.com/andon-dev/andon/internal/kanban"
)

// Take keeps a file that comes from elsewhere under the hash that it is said to
// have; when it returns the file is on disk.
//
// Errors: invalid if the content has another hash; then it is not kept.
func (a *Artifacts) Take(ctx context.Context, sha string, content io.Reader) error {
	if !isDigest.MatchString(sha) {
		return kanban.Errorf(kanban.Invalid, "%q is not a SHA-256 digest", sha)
	}
	dir, err := a.incoming()
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(dir, "take-")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	hash := sha256.New()
	_, err = io.Copy(io.MultiWriter(temp, hash), contextReader{ctx, content})
	if err := errors.Join(err, temp.Chmod(0o400), temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if got := hex.EncodeToString(hash.Sum(nil)); got != sha {
		return kanban.Errorf(kanban.Invalid, "a content said to be %s is %s", sha, got).Hint("export it again")
	}
	return a.settle([]string{temp.Name()}, []Artifact{{SHA256: sha}})
}
