package workspace

import (
	"errors"
	"slices"
	"syscall"

	"github.com/andon-dev/andon/internal/kanban"
)

// lacking makes unavailable what failed for want of something that the machine
// has again later. Neither the task nor its worker is to blame for it, and no
// attempt may be spent on it.
func lacking(err error) error {
	if !lacks(err) {
		return err
	}
	return kanban.Errorf(kanban.Unavailable, "the machine lacks what it takes for now: %w", err).Hint("andon doctor  tells what is short")
}

func lacks(err error) bool {
	var errno syscall.Errno
	return errors.As(err, &errno) && slices.Contains(passing, errno)
}

var passing = []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EAGAIN, syscall.ENOSPC, syscall.EDQUOT}
