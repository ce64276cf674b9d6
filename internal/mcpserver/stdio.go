package mcpserver

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// maxLine bounds one message on standard input, in bytes.
const maxLine = 4 << 20

// Serve speaks the protocol over a pair of streams, a message a line, until in
// ends. What is no message is answered with an error, and the next one is read.
func Serve(ctx context.Context, o Options, in io.Reader, out io.Writer) error {
	err := New(o).Run(ctx, &lines{in: bufio.NewReaderSize(in, 64<<10), out: out, inTurn: o.Role == Worker})
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// lines is both a transport and its only connection. The SDK's own ends the
// connection at the first line that is no message.
type lines struct {
	in     *bufio.Reader
	inTurn bool // a call is read once the one before is answered
	read   chan line
	closed chan struct{}
	once   sync.Once

	mu   sync.Mutex
	out  io.Writer
	open map[jsonrpc.ID]string // the methods of calls without an answer yet
	idle chan struct{}         // closed when the last of them is answered; nil if there is none
}

type line struct {
	text []byte
	err  error
}

func (l *lines) Connect(context.Context) (mcp.Connection, error) {
	l.read, l.closed, l.open = make(chan line), make(chan struct{}), map[jsonrpc.ID]string{}
	go l.pump()
	return l, nil
}

// pump reads ahead of Read, so that Close need not wait for a line that may
// never come.
func (l *lines) pump() {
	for {
		text, err := l.next()
		select {
		case l.read <- line{text, err}:
		case <-l.closed:
			return
		}
		if err != nil && !errors.Is(err, errTooLong) {
			return
		}
	}
}

var errTooLong = errors.New("the message is longer than 4 MiB")

// next reads one line, of which it keeps no more than is allowed.
func (l *lines) next() ([]byte, error) {
	var text []byte
	long := false
	for {
		piece, err := l.in.ReadSlice('\n')
		if long = long || len(text)+len(piece) > maxLine; !long {
			text = append(text, piece...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err != nil && len(bytes.TrimSpace(text)) == 0 && !long:
			return nil, err
		case long:
			return nil, errTooLong
		default:
			return text, nil // the last line may lack its end
		}
	}
}

func (l *lines) Read(ctx context.Context) (jsonrpc.Message, error) {
	for {
		var got line
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-l.closed:
			return nil, io.EOF
		case got = <-l.read:
		}
		switch {
		case got.err != nil && !errors.Is(got.err, errTooLong):
			l.settle(ctx, time.After(lastWords))
			return nil, got.err
		case got.err == nil && len(bytes.TrimSpace(got.text)) == 0:
			continue
		}
		m, f := l.admit(ctx, got)
		if f == nil {
			return m, nil
		}
		if err := l.refuse(f); err != nil {
			return nil, err
		}
	}
}

// admit makes a message of a line, and notes it if it is a call.
func (l *lines) admit(ctx context.Context, got line) (jsonrpc.Message, *fault) {
	if got.err != nil {
		return nil, faultf(nil, jsonrpc.CodeInvalidRequest, "%s", got.err)
	}
	m, f := decode(got.text)
	r, isRequest := m.(*jsonrpc.Request)
	if f != nil || !isRequest || !r.IsCall() {
		return m, f
	}
	if l.inTurn && r.Method == "tools/call" {
		l.settle(ctx, nil)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, taken := l.open[r.ID]; taken { // the SDK would never answer it
		return nil, faultf(nil, jsonrpc.CodeInvalidRequest, "the id %v is that of a call under way: use another for each", r.ID.Raw())
	}
	if l.open[r.ID] = r.Method; l.idle == nil {
		l.idle = make(chan struct{})
	}
	return m, nil
}

// lastWords is how long calls may take whose caller has closed its end: whoever
// pipes its calls in wants to read the answers.
const lastWords = time.Minute

// settle waits until every call has its answer. A nil limit is none.
func (l *lines) settle(ctx context.Context, limit <-chan time.Time) {
	l.mu.Lock()
	idle := l.idle
	l.mu.Unlock()
	if idle == nil {
		return
	}
	select {
	case <-idle:
	case <-l.closed:
	case <-ctx.Done():
	case <-limit:
	}
}

// refuse answers what is no message.
func (l *lines) refuse(f *fault) error {
	text, err := f.answer()
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.write(text)
}

func (l *lines) Write(_ context.Context, m jsonrpc.Message) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	answer, isAnswer := m.(*jsonrpc.Response)
	if isAnswer && answer.Error != nil {
		m = &jsonrpc.Response{ID: answer.ID, Error: worded(l.open[answer.ID], answer.Error)}
	}
	text, err := jsonrpc.EncodeMessage(m)
	if err != nil {
		return err
	}
	err = l.write(text)
	if isAnswer {
		l.answered(answer.ID)
	}
	return err
}

// write is called with the lock held.
func (l *lines) write(text []byte) error {
	_, err := l.out.Write(append(text, '\n'))
	return err
}

// answered is called with the lock held.
func (l *lines) answered(id jsonrpc.ID) {
	if delete(l.open, id); len(l.open) == 0 && l.idle != nil {
		close(l.idle)
		l.idle = nil
	}
}

func (l *lines) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *lines) SessionID() string { return "" }
