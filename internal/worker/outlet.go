//go:build linux || darwin

package worker

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/andon-dev/andon/internal/proxy"
)

// statusPair is the channel on which Confine tells how far it came, and hands
// out what a proxied run goes out by. theirs is to be inherited.
func statusPair() (ours *net.UnixConn, theirs *os.File, err error) {
	syscall.ForkLock.RLock()
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(ends[0])
		syscall.CloseOnExec(ends[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, nil, err
	}
	theirs = os.NewFile(uintptr(ends[1]), "status")
	f := os.NewFile(uintptr(ends[0]), "status")
	defer f.Close()
	conn, err := net.FileConn(f)
	if err != nil {
		return nil, nil, errors.Join(err, theirs.Close())
	}
	return conn.(*net.UnixConn), theirs, nil
}

// serveOutlet takes the socket that listens behind the walls and serves it, as
// long as this process lives.
func (l *life) serveOutlet(status *net.UnixConn) error {
	mark, oob := make([]byte, 1), make([]byte, syscall.CmsgSpace(4))
	n, oobn, _, _, err := status.ReadMsgUnix(mark, oob)
	if errors.Is(err, io.EOF) {
		return errNoWalls
	}
	if err != nil {
		return err
	}
	outlet, err := handedOut(oob[:oobn])
	if err != nil {
		return err
	}
	if outlet == nil { // the mark of an error, whose text comes next
		return heardConfined(status, string(mark[:n]))
	}
	if l.proxy == nil {
		l.proxy, err = proxy.New(*l.order.Proxy, func(refused string) { l.log.note("andon: refused: " + refused) })
	}
	if err != nil {
		return errors.Join(err, outlet.Close())
	}
	go func() { _ = l.proxy.Serve(outlet) }()
	return nil
}

func handedOut(oob []byte) (net.Listener, error) {
	messages, err := syscall.ParseSocketControlMessage(oob)
	if err != nil || len(messages) == 0 {
		return nil, err
	}
	fds, err := syscall.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return nil, errors.Join(err, errors.New("something else than a way out was handed out"))
	}
	f := os.NewFile(uintptr(fds[0]), "outlet")
	defer f.Close()
	return net.FileListener(f)
}
