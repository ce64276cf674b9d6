package mcpserver

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
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
	open int           // calls without an answer yet
	idle chan struct{} // closed when the last of them is answered; nil if there is none
}

type line struct {
	text []byte
	err  error
}

func (l *lines) Connect(context.Context) (mcp.Connection, error) {
	l.read, l.closed = make(chan line), make(chan struct{})
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
		case errors.Is(got.err, errTooLong):
			got.text = nil
		case got.err != nil:
			l.settle(ctx, time.After(lastWords))
			return nil, got.err
		case len(bytes.TrimSpace(got.text)) == 0:
			continue
		}
		m, err := decode(got)
		if err == nil {
			if r, isCall := m.(*jsonrpc.Request); l.inTurn && isCall && r.Method == "tools/call" {
				l.settle(ctx, nil)
			}
			l.count(m)
			return m, nil
		}
		if err := l.refuse(err); err != nil {
			return nil, err
		}
	}
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

// count notes calls that come in and answers that go out.
func (l *lines) count(m jsonrpc.Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch m := m.(type) {
	case *jsonrpc.Request:
		if !m.IsCall() {
			return
		}
		if l.open++; l.idle == nil {
			l.idle = make(chan struct{})
		}
	case *jsonrpc.Response:
		if l.open--; l.open == 0 {
			close(l.idle)
			l.idle = nil
		}
	}
}

func decode(got line) (jsonrpc.Message, error) {
	switch {
	case got.err != nil:
		return nil, &jsonrpc.Error{Code: jsonrpc.CodeInvalidRequest, Message: got.err.Error()}
	case !json.Valid(got.text):
		return nil, &jsonrpc.Error{Code: jsonrpc.CodeParseError, Message: "the line is no JSON: a message is one line of JSON"}
	case bytes.TrimSpace(got.text)[0] == '[':
		return nil, &jsonrpc.Error{Code: jsonrpc.CodeInvalidRequest, Message: "batches are not taken: send one message a line"}
	}
	m, err := jsonrpc.DecodeMessage(got.text)
	if err != nil {
		return nil, &jsonrpc.Error{Code: jsonrpc.CodeInvalidRequest, Message: "the line is no JSON-RPC 2.0 message: " + err.Error()}
	}
	return m, nil
}

// refuse answers what has no id that could be trusted.
func (l *lines) refuse(err error) error {
	text, encoding := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": nil, "error": err})
	if encoding != nil {
		return encoding
	}
	return l.write(text)
}

func (l *lines) Write(_ context.Context, m jsonrpc.Message) error {
	text, err := jsonrpc.EncodeMessage(m)
	if err != nil {
		return err
	}
	err = l.write(text)
	l.count(m)
	return err
}

func (l *lines) write(text []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := l.out.Write(append(text, '\n'))
	return err
}

func (l *lines) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *lines) SessionID() string { return "" }
