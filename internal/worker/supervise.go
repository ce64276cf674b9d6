//go:build linux || darwin

package worker

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"
)

// What a supervisor is started with, beside its output to nowhere.
const (
	ordersFD = 3             // read end of a pipe: one line of JSON (Order), then the line "go"
	lockFD   = 4             // the lock file named by spareVar, locked
	readyFD  = 5             // write end of a pipe: a byte once signals are heard, and one once the worker is on record
	spareVar = "ANDON_SPARE" // path of the lock file
	goLine   = "go\n"
)

// Supervise is the body of the hidden command `andon supervise`, which a Pool
// starts: it waits for an order, carries it out and returns the exit status.
// It is 0 if nothing was to be done, or if how the run ended is on disk.
func Supervise() int {
	spare := os.Getenv(spareVar)
	if spare == "" {
		fmt.Fprintln(os.Stderr, "andon supervise is started by the gateway only")
		return 2
	}
	l, err := newLife()
	if err != nil {
		fmt.Fprintln(os.Stderr, "andon supervise:", err)
		return 1
	}
	if err := l.hear(os.NewFile(ordersFD, "orders")); err != nil {
		if os.Remove(spare) != nil || !errors.Is(err, io.EOF) {
			return 1
		}
		return 0
	}
	l.begin(spare)
	if l.record() != nil {
		return 1
	}
	return 0
}

// newLife prepares all that can be prepared before the order is known, for
// from then on every microsecond delays a worker.
func newLife() (*life, error) {
	if err := closeOnExec(); err != nil {
		return nil, err
	}
	if err := becomeReaper(); err != nil {
		return nil, err
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	if _, _, err := here(); err != nil {
		return nil, err
	}
	lock := os.NewFile(lockFD, "lock")
	// The trace of a crash goes to the only file that is at hand.
	if err := debug.SetCrashOutput(lock, debug.CrashOptions{}); err != nil {
		return nil, err
	}
	_ = json.Unmarshal([]byte("{}"), new(Order)) // learns the type
	l := &life{
		lock:   lock,
		null:   null,
		child:  listen(syscall.SIGCHLD),
		stop:   listen(syscall.SIGTERM),
		finish: listen(syscall.SIGUSR1),
		timer:  time.NewTimer(0),
	}
	// Heard and forgotten, not ignored: the worker would inherit that.
	listen(syscall.SIGHUP)
	listen(syscall.SIGINT)
	l.ready = os.NewFile(readyFD, "ready")
	return l, errors.Join(l.tell(), os.Chdir("/"))
}

// tell writes one byte to the gateway.
func (l *life) tell() error {
	_, err := l.ready.Write([]byte{'\n'})
	return err
}

// listen keeps at most one signal: more of the same say nothing new.
func listen(sig os.Signal) <-chan os.Signal {
	c := make(chan os.Signal, 1)
	signal.Notify(c, sig)
	return c
}

// closeOnExec keeps everything that was inherited, the lock above all, from
// the worker.
func closeOnExec() error {
	dir, err := os.Open(openFDs)
	if err != nil {
		return err
	}
	names, err := dir.Readdirnames(-1)
	for _, name := range names {
		if fd, err := strconv.Atoi(name); err == nil && fd > 2 {
			syscall.CloseOnExec(fd)
		}
	}
	return errors.Join(err, dir.Close())
}

// hear waits for the order and for "go". Any error means that the run was
// never started; io.EOF that the gateway did not want it or is gone.
func (l *life) hear(orders *os.File) error {
	heard := make(chan error, 1)
	go func() { heard <- readOrder(bufio.NewReader(orders), &l.order) }()
	select {
	case err := <-heard:
		return errors.Join(err, orders.Close())
	case <-l.stop:
	case <-l.finish:
	}
	return io.EOF
}

func readOrder(r *bufio.Reader, order *Order) error {
	line, err := r.ReadBytes('\n')
	if err != nil {
		return err
	}
	word, err := r.ReadString('\n')
	if err != nil {
		return err
	}
	if word != goLine {
		return fmt.Errorf("got %q instead of go", word)
	}
	return json.Unmarshal(line, order)
}

// begin takes up the run: from here on it has a lock, and a record of its end.
func (l *life) begin(spare string) {
	dir := l.order.RunDir
	log := l.order.Log
	if log == "" {
		log = filepath.Join(dir, LogFile)
	}
	l.log = newRunLog(log, l.order.LogLimit)
	err := os.Rename(spare, filepath.Join(dir, lockFile))
	if err == nil {
		l.tree, err = os.OpenFile(filepath.Join(dir, treeFile), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	}
	if err != nil {
		l.exit = Exit{Reason: SpawnFailed, Code: -1, Error: err.Error(), Ended: time.Now()}
		return
	}
	l.run()
}

// record makes the end of the run known. A full disk may be passing.
func (l *life) record() error {
	for pause := 100 * time.Millisecond; ; pause *= 2 {
		err := write(l.order.RunDir, exitFile, l.exit, true)
		if err == nil || pause > 2*time.Second {
			return err
		}
		<-time.After(pause)
	}
}
