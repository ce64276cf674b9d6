package workspace

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"syscall"

	"github.com/andon-dev/andon/internal/kanban"
)

// carrier copies files out of a folder whose owner may exchange anything in it
// at any moment. What is taken is what was opened: below from, a regular file,
// and no more of it than left.
type carrier struct {
	from, to *os.Root
	left     int64 // bytes
}

// mostCarried bounds what one look copies out of a workspace, in bytes.
const mostCarried = 4 << 30

// leastCounted is what a file counts at least, so that their number is bounded, too.
const leastCounted = 4 << 10

// file gives the copy the time of the original, by which git knows what may have
// changed since.
func (c *carrier) file(ctx context.Context, name, as string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	from, err := openRegular(c.from, name)
	if err != nil {
		return &untakenError{name, err}
	}
	defer from.Close()
	info, err := from.Stat()
	if err != nil {
		return err
	}
	if info.Size() > c.left {
		return errFull
	}
	to, err := c.to.OpenFile(as, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600|info.Mode().Perm()&0o100)
	if err != nil {
		return err
	}
	size, err := io.Copy(to, io.LimitReader(from, c.left)) // it may have grown
	if err := errors.Join(err, to.Close()); err != nil {
		return err
	}
	if c.left -= max(size, leastCounted); c.left <= 0 {
		return errFull
	}
	return c.to.Chtimes(as, info.ModTime(), info.ModTime())
}

var (
	fanOut      = regexp.MustCompile(`^[0-9a-f]{2}$`)
	looseObject = regexp.MustCompile(`^([0-9a-f]{38}|[0-9a-f]{62})$`)
	packIndex   = regexp.MustCompile(`^pack-[0-9a-f]+\.idx$`)
)

// objects copies the objects that a git directory has of its own. Loose ones go
// first: git packs an object before it removes it. One that is gone nevertheless
// is missed by whoever needs it.
func (c *carrier) objects(ctx context.Context, as string) error {
	fans, err := c.names("objects", fanOut)
	if err != nil {
		return err
	}
	for _, fan := range fans {
		if err := c.all(ctx, path.Join("objects", fan), path.Join(as, fan), looseObject); err != nil {
			return err
		}
	}
	return c.all(ctx, "objects/pack", path.Join(as, "pack"), packIndex)
}

// all copies the files of a folder whose names match, a pack before its index.
func (c *carrier) all(ctx context.Context, dir, as string, match *regexp.Regexp) error {
	names, err := c.names(dir, match)
	if err != nil || len(names) == 0 {
		return err
	}
	if err := c.to.MkdirAll(as, 0o700); err != nil {
		return err
	}
	for _, name := range names {
		parts := []string{name}
		if stem, isIndex := strings.CutSuffix(name, ".idx"); isIndex {
			parts = []string{stem + ".pack", name}
		}
		for _, part := range parts {
			err := c.file(ctx, path.Join(dir, part), path.Join(as, part))
			if errors.Is(err, fs.ErrNotExist) {
				break
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// names lists a folder; what is no folder does not hold it up.
func (c *carrier) names(dir string, match *regexp.Regexp) ([]string, error) {
	f, err := c.from.OpenFile(dir, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_DIRECTORY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &untakenError{dir, err}
	}
	defer f.Close()
	all, err := f.Readdirnames(-1)
	var names []string
	for _, name := range all {
		if match.MatchString(name) {
			names = append(names, name)
		}
	}
	return names, err
}

// untakenError is about a path that is not what it has to be, or cannot be read.
type untakenError struct {
	name string
	err  error
}

func (e *untakenError) Error() string { return e.name + " cannot be taken: " + plain(e.err).Error() }

func (e *untakenError) Unwrap() error { return e.err }

func tooMuch(dir string) error {
	return kanban.Errorf(kanban.Conflict, "%s holds more than %d GiB that are not in its source", dir, mostCarried>>30).
		Hint("remove or ignore what is no part of the work; git -C %s repack -a -d -l  drops what the source has already", dir)
}
