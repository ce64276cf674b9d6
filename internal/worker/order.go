package worker

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/andon-dev/andon/internal/proxy"
	"github.com/andon-dev/andon/internal/walls"
)

// Order is what a supervisor is told to run.
type Order struct {
	RunDir string   // absolute, exists, of this run only: gets lock, tree, worker.json, exit.json, output.log and output.log.1
	Argv   []string // of the worker; a bare Argv[0] is looked up in the PATH of Env
	Env    []string // all of it, for worker and hooks
	Dir    string   // absolute; their working directory
	Guard  string   // absolute; the database that the worker writes itself, held as long as its tree lives; "" = none
	Stdin  string   // absolute; the file that the worker reads as its standard input; "" = none

	Group string      // cgroup that worker and hooks are started in; "" = the supervisor's own
	Walls *walls.Plan // around worker and hooks alike; nil = they can do what this user can

	Proxy *proxy.Rules `json:",omitempty"` // of walls whose network is proxied, and of no others

	// Checks are argv each. With them there is no worker, and Argv is not
	// looked at: they run one after another, up to the first that fails.
	// HookTimeout bounds each.
	Checks [][]string
	Log    string // absolute; whose output.log is gone on with; "" = RunDir's

	Before      [][]string    // hooks, argv each; if one fails the worker is not started: SpawnFailed
	After       [][]string    // hooks, once the worker's main process has ended; a failure is noted
	HookTimeout time.Duration // for each hook; 0 = none

	Timeout   time.Duration // for the worker, in running time: a suspended machine does not count; 0 = none
	StopGrace time.Duration // between asking the tree to end and killing it
	LogLimit  int64         // bytes that output.log and output.log.1 may take together; 0 = no limit
}

// Reasons why a run is over.
const (
	Exited      = "exited"       // the worker ended by itself, or after the run had ended in the database
	TimedOut    = "timed_out"    // Order.Timeout had passed
	Stopped     = "stopped"      // Handle.Stop, or the end of the run before the worker was started
	SpawnFailed = "spawn_failed" // the worker was never started: Exit.Error says why
)

// Exit is how a run ended. It exists only once the whole process tree is gone.
type Exit struct {
	Reason  string    `json:"reason"`
	Code    int       `json:"code"`             // exit status of the worker's main process; -1 if it has none
	Signal  string    `json:"signal,omitempty"` // that ended it, as in SIGKILL
	Error   string    `json:"error,omitempty"`
	Started time.Time `json:"started"` // zero if it never was
	Ended   time.Time `json:"ended"`   // of the main process
	Notes   []string  `json:"notes,omitempty"`
	Checks  []Check   `json:"checks,omitempty"` // those that were run, of Order.Checks
}

// Check is how one command of Order.Checks ended.
type Check struct {
	Argv   []string `json:"argv"`
	Code   int      `json:"code"`             // -1 if it has none
	Signal string   `json:"signal,omitempty"` // that ended it
	Late   bool     `json:"late,omitempty"`   // it took longer than Order.HookTimeout
	Error  string   `json:"error,omitempty"`  // why it could not be started
	Said   string   `json:"said,omitempty"`   // the end of its output
}

// Passed reports whether the command succeeded.
func (c Check) Passed() bool { return c.Code == 0 && c.Error == "" && !c.Late }

// Fault says in words how it failed.
func (c Check) Fault() string {
	switch {
	case c.Error != "":
		return c.Error
	case c.Late:
		return "took too long and was killed"
	case c.Signal != "":
		return "was ended by " + c.Signal
	}
	return fmt.Sprintf("failed with exit status %d", c.Code)
}

// ReadExit returns how the run ended. The error wraps fs.ErrNotExist as long
// as its supervisor lives, and for good if that was killed.
func ReadExit(runDir string) (Exit, error) {
	exit, err := read[Exit](runDir, exitFile)
	if err == nil && exit.Reason == "" {
		err = fmt.Errorf("%s holds no exit", filepath.Join(runDir, exitFile))
	}
	return exit, err
}

// Started is the main process of a run.
type Started struct {
	Worker Identity  `json:"worker"`
	At     time.Time `json:"at"`
}

// ReadStarted returns the main process of the run. The error wraps
// fs.ErrNotExist as long as it was not started.
func ReadStarted(runDir string) (Started, error) { return read[Started](runDir, startedFile) }

// LogFile in Order.RunDir holds what the worker said last; OldLogFile what it
// said before, once it was much.
const (
	LogFile    = "output.log"
	OldLogFile = LogFile + ".1"
)

// Other names within Order.RunDir.
const (
	lockFile    = "lock" // locked as long as the supervisor lives
	treeFile    = "tree" // its descriptor marks what belongs to the run
	startedFile = "worker.json"
	exitFile    = "exit.json"
	goneFile    = "gone"       // the tree of a killed supervisor was seen to be gone
	endFile     = "output.end" // where a generation of the log ends
	groupFile   = "cgroup"     // written by the gateway: Order.Group
	contextFile = "context.md" // written by the gateway; its path in the environment is a mark, too
)

// ContextVar is the variable of Order.Env that holds the path of context.md in
// Order.RunDir. It marks the processes of the run.
const ContextVar = "ANDON_CONTEXT"

// maxFact bounds what is read of one file, in bytes.
const maxFact = 1 << 20

func read[T any](runDir, name string) (T, error) {
	var v T
	path := filepath.Join(runDir, name)
	f, err := OpenRegular(path)
	if err != nil {
		return v, fmt.Errorf("%s: %w", path, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFact+1))
	if err == nil && len(text) > maxFact {
		err = fmt.Errorf("larger than %d bytes", maxFact)
	}
	if err != nil {
		return v, fmt.Errorf("%s: %w", path, err)
	}
	if err := json.Unmarshal(text, &v); err != nil {
		return v, fmt.Errorf("%s: %w", path, err)
	}
	return v, nil
}

// write replaces the file as a whole; no reader sees half of it. With durable
// it is there after a loss of power, too.
func write(runDir, name string, v any, durable bool) (err error) {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	path := filepath.Join(runDir, name)
	temp := path + ".tmp"
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	if err == nil && durable {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	if err := os.Rename(temp, path); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	if durable {
		return syncDir(runDir)
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	return errors.Join(err, d.Close())
}

// Begun reports whether a supervisor took up the run: without that it was
// never started, and once the recorded supervisor is gone it never will be.
func Begun(runDir string) (bool, error) {
	_, err := os.Lstat(filepath.Join(runDir, lockFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
