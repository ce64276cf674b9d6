package sqlite

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/kanban"
)

const (
	maxRescued    = 5         // copies per board; the first ones stay, they are nearest to the damage
	rescueReserve = 256 << 20 // bytes that stay free on the disk
	rescueTime    = 5 * time.Minute
)

// rescue has a child process copy out what is open, once per incident: if a file
// was removed or replaced, our descriptors are all that is left of it. Not we:
// nobody in this process opens a database beside SQLite.
func (d *database) rescue(why *kanban.Error) {
	// It fails while one is on its way, and when all is being closed.
	if len(d.rescuer) == 0 || d.trying.Load() || !d.rescuing.TryLock() {
		return
	}
	go func() {
		defer d.rescuing.Unlock()
		if d.down.Load() {
			return
		}
		dir, err := d.copyOut(why)
		if err != nil {
			d.log.Error("what a latched board has open was not copied out", "file", d.path, "error", err)
			return
		}
		d.log.Warn("what a latched board has open was copied out", "file", d.path, "copy", dir)
	}()
}

func (d *database) copyOut(why *kanban.Error) (dir string, err error) {
	if !canLook {
		return "", fmt.Errorf("not on this system")
	}
	if err := os.MkdirAll(d.rescued, 0o700); err != nil {
		return "", err
	}
	if err := d.roomForCopy(); err != nil {
		return "", err
	}
	now := d.clock().UTC()
	dir = filepath.Join(d.rescued, now.Format("20060102T150405.000Z"))
	name := filepath.Base(d.path)
	order, err := json.Marshal(rescueOrder{
		Dir: dir, Path: d.path, Why: why.Message, When: now, PID: os.Getpid(),
		Files: []rescueFile{{name, int(d.writer.c.main.Fd())}, {name + "-wal", int(d.writer.c.wal.Fd())}},
	})
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), rescueTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, d.rescuer[0], d.rescuer[1:]...)
	cmd.Stdin = bytes.NewReader(order)
	said, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, strings.TrimSpace(string(said)))
	}
	return dir, err
}

// roomForCopy bounds copies in number and by what is free on the disk.
func (d *database) roomForCopy() error {
	there, err := readDir(d.rescued)
	if err != nil {
		return err
	}
	if len(there) >= maxRescued {
		return fmt.Errorf("%d copies stand in %s already", len(there), d.rescued)
	}
	var need int64
	for _, f := range []*roomFile{d.writer.c.main, d.writer.c.wal} {
		info, err := f.Stat()
		if err != nil {
			return err
		}
		need += info.Size()
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(d.rescued, &fs); err != nil {
		return err
	}
	if free := uint64(fs.Bavail) * uint64(fs.Bsize); free < uint64(need)+rescueReserve {
		return fmt.Errorf("%d bytes are needed, and only %d are free", need, free)
	}
	return nil
}
