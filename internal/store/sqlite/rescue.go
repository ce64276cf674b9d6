package sqlite

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// rescueOrder is what the child process is told, on its standard input.
type rescueOrder struct {
	Dir   string       // where the copies are to stand
	Path  string       // of the database
	Why   string       // the reason of the latch
	When  time.Time    // of the latch
	PID   int          // who has the files open
	Files []rescueFile // to be copied
}

// rescueFile is one file that a process has open.
type rescueFile struct {
	Name string // of the copy
	FD   int
}

// rescued is manifest.json beside the copies.
type rescued struct {
	Path  string    `json:"path"` // of the database
	Why   string    `json:"why"`
	When  time.Time `json:"when"`
	Files []copied  `json:"files"`
}

type copied struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"` // bytes
	SHA256 string `json:"sha256"`
}

// Rescue is the body of the hidden command `andon rescue`, which a latched
// database has started: it copies the files that the order names out of the
// descriptors of that process, whatever stands at their paths by now. It
// returns the exit status.
func Rescue(orders io.Reader) int {
	var o rescueOrder
	err := json.NewDecoder(orders).Decode(&o)
	if err == nil {
		err = o.carryOut()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// carryOut makes the folder complete or not at all.
func (o rescueOrder) carryOut() (err error) {
	tmp := o.Dir + ".new"
	if err := os.MkdirAll(tmp, 0o700); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(tmp))
		}
	}()
	m := rescued{Path: o.Path, Why: o.Why, When: o.When}
	for _, f := range o.Files {
		c, err := f.copyTo(filepath.Join(tmp, f.Name), o.PID)
		if err != nil {
			return err
		}
		m.Files = append(m.Files, c)
	}
	text, err := marshal(m, "  ")
	if err == nil {
		err = writeFile(filepath.Join(tmp, "manifest.json"), text)
	}
	if err == nil {
		err = os.Rename(tmp, o.Dir)
	}
	if err != nil {
		return err
	}
	return syncPath(filepath.Dir(o.Dir))
}

func (f rescueFile) copyTo(path string, pid int) (c copied, err error) {
	from, err := os.Open(fmt.Sprintf("/proc/%d/fd/%d", pid, f.FD))
	if err != nil {
		return c, err
	}
	defer from.Close()
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return c, err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(to, sum), from)
	if err == nil {
		err = to.Sync()
	}
	err = errors.Join(err, to.Close())
	return copied{Name: f.Name, Size: n, SHA256: hex.EncodeToString(sum.Sum(nil))}, err
}
