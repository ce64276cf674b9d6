//go:build !linux && !darwin

package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"syscall"
	"time"
)

var errSystem = fmt.Errorf("workers on %s: %w", runtime.GOOS, errors.ErrUnsupported)

func here() (string, uint64, error)     { return "", 0, errSystem }
func lookup(int) (process, error)       { return process{}, errSystem }
func snapshot() (table, error)          { return nil, errSystem }
func environ(int) ([]string, error)     { return nil, errSystem }
func cmdline(int) []string              { return nil }
func openFiles(int) ([]openFile, error) { return nil, errSystem }
func (openFile) writeOnly() bool        { return false }

func (t table) inSession(process, Identity) bool { return false }

// Process is a handle on one process; there are none on this system.
type Process struct{}

func Open(Identity) (*Process, error)        { return nil, errSystem }
func (*Process) Signal(syscall.Signal) error { return errSystem }
func (*Process) Done() <-chan struct{}       { return nil }
func (*Process) Close() error                { return errSystem }

// PoolOptions say how spares are started.
type PoolOptions struct {
	Command []string
	Dir     string
	Size    int
	Log     *slog.Logger
}

// Pool has no spares on this system.
type Pool struct{}

func NewPool(PoolOptions) *Pool                    { return &Pool{} }
func (*Pool) Take(context.Context) (*Spare, error) { return nil, errSystem }
func (*Pool) Close()                               {}

// Spare does not exist on this system.
type Spare struct{}

func (*Spare) Identity() Identity           { return Identity{} }
func (*Spare) Start(Order) (*Handle, error) { return nil, errSystem }
func (*Spare) Discard()                     {}

// Handle does not exist on this system.
type Handle struct{}

func Adopt(string, Identity) (*Handle, error) { return nil, errSystem }
func (*Handle) Started() <-chan struct{}      { return nil }
func (*Handle) Done() <-chan struct{}         { return nil }
func (*Handle) Finish() error                 { return errSystem }
func (*Handle) Stop() error                   { return errSystem }
func (*Handle) Kill() error                   { return errSystem }
func (*Handle) Close()                        {}

func Locked(string) (bool, error) { return false, errSystem }

func Supervise() int {
	fmt.Fprintln(os.Stderr, errSystem)
	return 1
}

// StartedAt is not known on this system.
func StartedAt(int) (time.Time, error) { return time.Time{}, errSystem }

// Log cannot be read on this system, where nothing writes one.
type Log struct{}

func OpenLog(string) *Log                          { return &Log{} }
func (*Log) Bounds() (start, end int64, err error) { return 0, 0, errSystem }
func (*Log) ReadAt([]byte, int64) (int, error)     { return 0, errSystem }
func (*Log) Close() error                          { return nil }
