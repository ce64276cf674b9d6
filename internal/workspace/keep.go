package workspace

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/andon-dev/andon/internal/kanban"
)

// Keep copies files of a workspace into the store; when it returns they are on
// disk. Paths are relative to the workspace, or absolute inside it. limit bounds
// the bytes of all files together; 0 means no bound. The caller then records
// the references in its transaction; what it does not record is an orphan for
// Sweep.
//
// Errors: invalid, naming every path that cannot be kept; unavailable if the
// machine lacks for now what it takes. Then none is kept.
func (a *Artifacts) Keep(ctx context.Context, workspace string, paths []string, limit int64) (_ []Artifact, err error) {
	if len(paths) == 0 {
		return nil, nil
	}
	defer func() { err = lacking(err) }()
	root, err := os.OpenRoot(workspace)
	if err != nil {
		return nil, kanban.Errorf(kanban.Invalid, "artifacts: the workspace cannot be read: %w", err)
	}
	defer root.Close()
	dir, err := a.incoming()
	if err != nil {
		return nil, err
	}
	k := keeping{root: root, dir: dir, limit: limit, left: limit}
	defer k.discard()
	for _, path := range paths {
		if err := k.take(ctx, workspace, path); err != nil {
			return nil, err
		}
	}
	if len(k.bad) > 0 {
		return nil, kanban.Errorf(kanban.Invalid, "artifacts: %s", strings.Join(k.bad, "; ")).
			Hint("declare readable files inside the workspace, by their paths relative to it")
	}
	if err := a.settle(k.temps, k.kept); err != nil {
		return nil, err
	}
	return k.kept, nil
}

// keeping is the state of one call of Keep.
type keeping struct {
	root        *os.Root
	dir         string
	limit, left int64
	kept        []Artifact
	temps       []string // of kept, at the same position
	bad         []string
}

// take copies one file. What is wrong with the path itself is collected.
func (k *keeping) take(ctx context.Context, workspace, path string) error {
	name, err := within(workspace, path)
	if err == nil && slices.ContainsFunc(k.kept, func(a Artifact) bool { return a.Path == filepath.ToSlash(name) }) {
		return nil
	}
	var from *os.File
	if err == nil {
		from, err = openRegular(k.root, name)
	}
	if lacks(err) {
		return err
	}
	if err != nil {
		k.bad = append(k.bad, fmt.Sprintf("%q: %s", path, plain(err)))
		return nil
	}
	defer from.Close()
	temp, err := os.CreateTemp(k.dir, "keep-")
	if err != nil {
		return err
	}
	k.temps = append(k.temps, temp.Name())
	artifact, err := k.copy(ctx, temp, from, name)
	if err := errors.Join(err, temp.Close()); err != nil {
		return err
	}
	k.kept = append(k.kept, artifact)
	if k.left -= artifact.Size; k.limit > 0 && k.left < 0 {
		k.bad = append(k.bad, fmt.Sprintf("%q: over the limit of %d bytes for all artifacts of a run", path, k.limit))
		k.left = 0
	}
	return nil
}

func (k *keeping) copy(ctx context.Context, temp, from *os.File, name string) (Artifact, error) {
	var source io.Reader = from
	if k.limit > 0 {
		source = io.LimitReader(from, k.left+1) // one more tells that it is too long
	}
	digest, head := sha256.New(), &beginning{}
	size, err := io.Copy(io.MultiWriter(temp, digest, head), contextReader{ctx, source})
	if err != nil {
		return Artifact{}, err
	}
	if err := errors.Join(temp.Chmod(0o400), temp.Sync()); err != nil {
		return Artifact{}, err
	}
	return Artifact{
		Path:   filepath.ToSlash(name),
		SHA256: hex.EncodeToString(digest.Sum(nil)),
		Size:   size,
		Type:   mediaType(name, head.bytes),
	}, nil
}

func (k *keeping) discard() {
	for _, temp := range k.temps {
		os.Remove(temp) // those that were kept have another name by now
	}
}

// within makes path relative to the workspace.
func within(workspace, path string) (string, error) {
	if filepath.IsAbs(path) {
		rel, err := filepath.Rel(workspace, path)
		if err != nil || !filepath.IsLocal(rel) {
			resolved, linkErr := filepath.EvalSymlinks(workspace)
			if linkErr != nil {
				return "", linkErr
			}
			rel, err = filepath.Rel(resolved, path)
		}
		if err != nil {
			return "", err
		}
		path = rel
	}
	if !filepath.IsLocal(path) {
		return "", errors.New("it is outside the workspace")
	}
	return filepath.Clean(path), nil
}

// openRegular opens a file without being held up by a pipe or led out of root.
func openRegular(root *os.Root, name string) (*os.File, error) {
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = errors.New("it is a directory: name its files, or pack it")
	case !info.Mode().IsRegular():
		err = errors.New("it is not a regular file")
	default:
		return f, nil
	}
	f.Close()
	return nil, err
}

// plain drops the operation and the path from an error of the os package.
func plain(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// mediaType trusts the name first: content cannot tell Markdown from text.
func mediaType(name string, head []byte) string {
	if t := mime.TypeByExtension(filepath.Ext(name)); t != "" {
		return t
	}
	return http.DetectContentType(head)
}

// beginning keeps as much as a media type is recognised by.
type beginning struct{ bytes []byte }

func (b *beginning) Write(p []byte) (int, error) {
	if room := 512 - len(b.bytes); room > 0 {
		b.bytes = append(b.bytes, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

type contextReader struct {
	ctx context.Context
	io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
