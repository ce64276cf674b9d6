package mcpserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"

	"github.com/andon-dev/andon/internal/kanban"
)

// codeNotInitialized is what servers of this family say before initialize.
const codeNotInitialized = -32002

const helloExample = `for example {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}`

// fault is a text that is no message, with the id that it shows, if that is one.
type fault struct {
	id   any
	code int64
	text string
}

func faultf(id any, code int64, format string, args ...any) *fault {
	return &fault{id, code, fmt.Sprintf(format, args...)}
}

// answer is the response to a fault.
func (f *fault) answer() ([]byte, error) {
	return json.Marshal(map[string]any{"jsonrpc": "2.0", "id": f.id, "error": jsonrpc.Error{Code: f.code, Message: f.text}})
}

// decode reads a message. The SDK would take some of what is none, and names its
// own types in what it says of the rest.
func decode(text []byte) (jsonrpc.Message, *fault) {
	var m struct {
		Version json.RawMessage `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Method  json.RawMessage `json:"method"`
		Params  json.RawMessage `json:"params"`
	}
	text = bytes.TrimSpace(text)
	switch {
	case len(text) == 0:
		return nil, faultf(nil, jsonrpc.CodeParseError, "there is no message: a message is one JSON object; %s", helloExample)
	case !json.Valid(text):
		return nil, faultf(nil, jsonrpc.CodeParseError, "this is no JSON: a message is one JSON object in one line; %s", helloExample)
	case !kanban.IsText(text):
		return nil, faultf(nil, jsonrpc.CodeParseError, "the message is not valid UTF-8 text, or escapes half of a character")
	case text[0] == '[':
		return nil, faultf(nil, jsonrpc.CodeInvalidRequest, "batches are not taken: send one message at a time")
	case text[0] != '{':
		return nil, faultf(nil, jsonrpc.CodeInvalidRequest, "a message is a JSON object; %s", helloExample)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, faultf(nil, jsonrpc.CodeInvalidRequest, "the message: %s", kanban.Misfit(err))
	}
	id, isID := idOf(m.ID)
	switch {
	case !isID:
		return nil, faultf(nil, jsonrpc.CodeInvalidRequest, `"id" is a text or a whole number; a notification has none`)
	case string(m.Version) != `"2.0"`:
		return nil, faultf(id, jsonrpc.CodeInvalidRequest, `"jsonrpc" has to be "2.0"`)
	case m.Method != nil && m.Method[0] != '"':
		return nil, faultf(id, jsonrpc.CodeInvalidRequest, `"method" is a text`)
	case m.Method != nil && m.Params != nil && m.Params[0] != '{':
		return nil, faultf(id, jsonrpc.CodeInvalidParams, `"params" is an object`)
	}
	message, err := jsonrpc.DecodeMessage(text)
	if err != nil {
		return nil, faultf(nil, jsonrpc.CodeInvalidRequest, "this is neither a request nor an answer of JSON-RPC 2.0, or nested too deep")
	}
	return message, nil
}

// idOf reads the id of a message: nil if it has none.
func idOf(raw json.RawMessage) (id any, ok bool) {
	if raw == nil {
		return nil, true
	}
	if n, err := strconv.ParseInt(string(raw), 10, 54); err == nil { // the SDK reads it as a float64
		return n, true
	}
	var text *string
	err := json.Unmarshal(raw, &text)
	return text, err == nil && text != nil
}

// worded is the error of an answer to a call, with a code where the SDK gives
// none and without the names of its types.
func worded(method string, err error) error {
	var coded *jsonrpc.Error
	var odd *json.UnmarshalTypeError
	switch isCoded := errors.As(err, &coded); {
	case errors.As(err, &odd): // its Value is a piece of the text, cut anywhere
		plain := &json.UnmarshalTypeError{Field: odd.Field, Type: odd.Type, Value: "another value"}
		return &jsonrpc.Error{Code: jsonrpc.CodeInvalidParams, Message: "the params of " + method + ": " + kanban.Misfit(plain)}
	case isCoded && coded.Code == jsonrpc.CodeMethodNotFound:
		return &jsonrpc.Error{Code: coded.Code, Message: "there is no method " + kanban.Quote(method) + ": ask for initialize, ping, tools/list or tools/call"}
	case isCoded:
		return err
	case method == "initialize":
		return &jsonrpc.Error{Code: jsonrpc.CodeInvalidRequest, Message: "initialize is sent once, with params; " + helloExample}
	}
	return &jsonrpc.Error{Code: codeNotInitialized, Message: "initialize comes before " + method + "; " + helloExample}
}
