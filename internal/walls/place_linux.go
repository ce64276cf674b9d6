package walls

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/kanban"
)

// PlaceOf finds what a path names without following a link.
//
// Errors: gated if there is one on the way.
func PlaceOf(path string) (Place, error) {
	fd, err := unix.Open("/", unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return Place{}, &os.PathError{Op: "open", Path: "/", Err: err}
	}
	defer func() { unix.Close(fd) }()
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return Place{}, &os.PathError{Op: "stat", Path: "/", Err: err}
	}
	at := "/"
	for name := range strings.SplitSeq(strings.Trim(filepath.Clean(path), "/"), "/") {
		if name == "" {
			break
		}
		at = filepath.Join(at, name)
		next, err := unix.Openat(fd, name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		if err != nil {
			return Place{}, &os.PathError{Op: "open", Path: at, Err: err}
		}
		unix.Close(fd)
		fd = next
		if err := unix.Fstat(fd, &st); err != nil {
			return Place{}, &os.PathError{Op: "stat", Path: at, Err: err}
		}
		if st.Mode&unix.S_IFMT == unix.S_IFLNK {
			return Place{}, kanban.Errorf(kanban.Gated, "%s cannot be worked in: %s is a link", path, at)
		}
	}
	return placeOf(&st), nil
}

func placeOf(st *unix.Stat_t) Place { return Place{Device: st.Dev, Inode: st.Ino} }

// errExchanged is for a name that something else has by now.
var errExchanged = errors.New("it was exchanged for something else while the walls were put up")

// settled tells whether the names that the plan was made with still lead where
// they did. It is asked behind the walls, where that does not change any more.
func (p Plan) settled() error {
	for path, place := range p.Places {
		if err := place.is(path); err != nil {
			return err
		}
	}
	if place, ok := p.Places[p.Dir]; ok {
		return place.is(".")
	}
	return nil
}

func (p Place) is(path string) error {
	var st unix.Stat_t
	err := unix.Stat(path, &st)
	if err == nil && placeOf(&st) != p {
		err = errExchanged
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
