//go:build linux || darwin

package worker

import (
	"errors"
	"io"
	"os"
	"syscall"
	"time"
)

// capture copies what processes write to a pipe.
type capture struct {
	pipe   *os.File
	to     io.Writer
	copied <-chan struct{}
}

// newCapture returns the descriptor to write to as well; it is the caller's to
// close. It blocks its writers when the pipe is full, as programs expect.
func newCapture(to io.Writer) (c *capture, out int, err error) {
	var ends [2]int
	if err := syscall.Pipe(ends[:]); err != nil {
		return nil, 0, err
	}
	syscall.CloseOnExec(ends[0])
	syscall.CloseOnExec(ends[1])
	if err := syscall.SetNonblock(ends[0], true); err != nil {
		return nil, 0, err
	}
	c = &capture{pipe: os.NewFile(uintptr(ends[0]), "output"), to: to}
	c.copy()
	return c, ends[1], nil
}

func (c *capture) copy() {
	copied := make(chan struct{})
	c.copied = copied
	go func() {
		defer close(copied)
		_, _ = io.CopyBuffer(onlyWriter{c.to}, c.pipe, make([]byte, 32<<10))
	}()
}

// onlyWriter keeps io.Copy from looking for shortcuts.
type onlyWriter struct{ io.Writer }

// settle returns when all that is in the pipe by now is copied.
func (c *capture) settle() error {
	err := c.empty()
	c.copy()
	return err
}

// finish copies what is in the pipe by now and stops, even if something still
// holds its other end open.
func (c *capture) finish() error {
	return errors.Join(c.empty(), c.pipe.Close())
}

// empty stops the copying and does the rest of it itself.
func (c *capture) empty() error {
	// A deadline in the past ends the read that waits, and the copy with it.
	if err := c.pipe.SetReadDeadline(time.Unix(1, 0)); err != nil {
		return err
	}
	<-c.copied
	if err := c.pipe.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	raw, err := c.pipe.SyscallConn()
	if err != nil {
		return err
	}
	return raw.Read(c.rest)
}

// rest reads until the pipe is empty. Whoever still writes gets no more than
// a megabyte, the most that a pipe holds.
func (c *capture) rest(fd uintptr) bool {
	buf := make([]byte, 32<<10)
	for left := 1 << 20; left > 0; {
		n, err := syscall.Read(int(fd), buf)
		if err == syscall.EINTR {
			continue
		}
		if n <= 0 {
			break
		}
		left -= n
		_, _ = c.to.Write(buf[:n])
	}
	return true
}
